import { type JoinKey, joinKey, type TraceId } from '@spanloom/base';
import type { Fragment } from './fragments.ts';
import type { Pool } from './pool.ts';
import { xrayParts } from './xray-parts.ts';
import type { XRayTree } from './xray-tree.ts';

/** The smallest thing that is joined to others, or not: a trace of one world, or a part of an X-Ray trace. */
export interface Unit {
  readonly isXRay: boolean;
  /** The fullest id its spans carry. */
  readonly traceId: TraceId;
  readonly key: JoinKey;
  /** Positions in the pool, ascending. */
  readonly members: readonly number[];
  /** ns in the pool's time. Phases long before are left out. */
  readonly start: number;
  readonly end: number;
  /** Of the first span, in seconds since the epoch. */
  readonly startSeconds: number;
  /** In lower case; empty when no span states one. */
  readonly envs: ReadonlySet<string>;
  /** The trace that its own metadata says it continues. */
  readonly continues: TraceId | undefined;
  /** By the span concerned: the parent that metadata names for it. */
  readonly entries: ReadonlyMap<number, bigint>;
  /** Whether it answers to the id of its X-Ray trace. Parts that continue other traces do not. */
  readonly isMain: boolean;
}

export function unitsOf(pool: Pool, fragments: readonly Fragment[], tree: XRayTree): Unit[] {
  return fragments.flatMap((fragment): Unit[] => {
    const { isXRay, traceId } = fragment;
    const parts = isXRay
      ? xrayParts(pool, tree, fragment)
      : [{ members: fragment.members, continues: undefined, entries: new Map(), isMain: true }];
    return parts.map((part) => ({
      ...part,
      isXRay,
      traceId,
      key: joinKey(traceId),
      ...rangeOf(pool, part.members),
      startSeconds: Number(pool.spans[part.members[0]!]!.start / 1_000_000_000n),
      envs: envsOf(pool, part.members),
    }));
  });
}

/** As tags are compared: in lower case, up to 200 characters. */
export function comparableEnv(env: string): string {
  return env.slice(0, 200).toLowerCase();
}

function envsOf(pool: Pool, members: readonly number[]): Set<string> {
  const envs = new Set<string>();
  let last = '';
  for (const member of members) {
    const { env } = pool.spans[member]!;
    if (env === '' || env === last) continue;
    last = env;
    envs.add(comparableEnv(env));
  }
  return envs;
}

function rangeOf(pool: Pool, members: readonly number[]): { start: number; end: number } {
  let start = Infinity;
  let end = -Infinity;
  for (const member of members) {
    if (isDetached(pool, member)) continue;
    if (pool.start[member]! < start) start = pool.start[member]!;
    if (pool.end[member]! > end) end = pool.end[member]!;
  }
  return start === Infinity
    ? { start: pool.start[members[0]!]!, end: pool.end[members[0]!]! }
    : { start, end };
}

/** A function made ready long before the request, for whoever might come: no part of how long the request took. */
function isDetached(pool: Pool, position: number): boolean {
  return pool.isXRay[position] === 1 && pool.spans[position]!.meta['xray.init.detached'] === 'true';
}
