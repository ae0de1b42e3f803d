import { BadRequestError, type Clock, type EpochMillis } from '@spanloom/base';
import type { ServiceMap, TimeRange } from '@spanloom/storage';

/** How often one service called another, as Jaeger's page reads it. */
export interface JaegerDependency {
  readonly parent: string;
  readonly child: string;
  readonly callCount: number;
}

const DAY_MS = 86_400_000;

/**
 * The range that Jaeger asks for: `lookback` milliseconds up to `endTs`, a day up to now unless given.
 * @throws {BadRequestError} If one of them is no number.
 */
export function readLookback(params: URLSearchParams, clock: Clock): TimeRange {
  const to = readMillis(params, 'endTs') ?? clock.now();
  const lookback = readMillis(params, 'lookback') ?? DAY_MS;
  return { from: Math.max(0, to - lookback) as EpochMillis, to: to as EpochMillis };
}

function readMillis(params: URLSearchParams, name: string): number | undefined {
  const text = params.get(name);
  if (text === null || text === '') return undefined;
  if (/^\d{1,15}$/.test(text)) return Number(text);
  throw new BadRequestError(
    `Parameter ${name}: expected milliseconds, found ${JSON.stringify(text.slice(0, 80))}`,
    { details: { field: name } },
  );
}

/** Calls by the names of both ends. Jaeger knows no environments: the same two names in several are one pair. */
export function toJaegerDependencies({ nodes, calls }: ServiceMap): readonly JaegerDependency[] {
  const names = new Map(nodes.map(({ id, name }) => [id, name]));
  const pairs = new Map<string, JaegerDependency>();
  for (const { from, to, requests } of calls) {
    const [parent, child] = [names.get(from) ?? from, names.get(to) ?? to];
    if (parent === child) continue;
    const key = JSON.stringify([parent, child]);
    const callCount = (pairs.get(key)?.callCount ?? 0) + requests;
    pairs.set(key, { parent, child, callCount });
  }
  return [...pairs.values()];
}
