import { joinKey, type TraceId } from '@spanloom/base';
import { comparableEnv } from './comparable-env.ts';
import { compare } from './compare-spans.ts';
import type { Relations } from './relations.ts';
import type { Unit } from './units.ts';
import { canBeSameTrace, datadogIdOf } from './xray-ids.ts';

/** One trace among the spans given. */
export interface ChosenTrace {
  /** Its units, ascending. */
  readonly units: readonly number[];
  /** The id it is known by, whichever it was asked for by. */
  readonly traceId: TraceId;
  /** Every distinct id that its spans carry, or that they are known under. */
  readonly traceIds: readonly TraceId[];
  /** The 64-bit ids that tracers know it by. */
  readonly datadogIds: readonly bigint[];
  readonly xrayIds: readonly TraceId[];
}

/**
 * Picks the trace that was asked for: the one with a unit that best answers to the id, and in the environment asked for.
 *
 * @returns undefined when no span is of that id and environment.
 */
export function chooseTrace(
  relations: Relations,
  wanted: TraceId,
  env: string | undefined,
): ChosenTrace | undefined {
  const { units, joins } = relations;
  const scores = units.map((_, unit) =>
    env === undefined || isInEnv(relations, unit, env) ? score(relations, unit, wanted) : 0,
  );
  const eligible = [...units.keys()].filter((unit) => scores[unit]! > 0);
  const best = eligible.toSorted(
    (a, b) =>
      scores[b]! - scores[a]! ||
      // Of tracers before X-Ray, and the newest before older ones.
      Number(units[a]!.isXRay) - Number(units[b]!.isXRay) ||
      Number(statesEnv(units[b]!, env)) - Number(statesEnv(units[a]!, env)) ||
      Number(units[a]!.isAside) - Number(units[b]!.isAside) ||
      units[b]!.start - units[a]!.start ||
      compare(units[b]!.traceId.hi, units[a]!.traceId.hi),
  )[0];
  if (best === undefined) return undefined;
  const group = joins.groupOf[best];
  return describe(
    relations,
    [...units.keys()].filter((unit) => joins.groupOf[unit] === group && isShown(unit)),
  );

  /** Of what belongs to it in another environment not even the id is told. */
  function isShown(unit: number): boolean {
    return (
      env === undefined ||
      units[unit]!.members.some((member) => isSpanInEnv(relations, member, env))
    );
  }
}

/** The id by which the trace is known that a unit is in. */
export function traceIdOfUnit(relations: Relations, unit: number): TraceId {
  const { units, joins } = relations;
  const group = joins.groupOf[unit];
  const own = [...units.keys()].filter((one) => joins.groupOf[one] === group);
  return describe(relations, own).traceId;
}

function isInEnv({ units, joins }: Relations, unit: number, env: string): boolean {
  const inherited = joins.inherited.get(unit);
  if (inherited !== undefined) return inherited === comparableEnv(env);
  const { envs } = units[unit]!;
  return envs.size === 0 || envs.has(comparableEnv(env));
}

/** Whether a span is of this environment, by what it or the rest of its trace states, or of none. */
export function isSpanInEnv(
  { pool, joins, units, unitOf }: Relations,
  at: number,
  env: string,
): boolean {
  const unit = unitOf[at]!;
  const { env: own } = pool.spans[at]!;
  if (own !== '') return own === env || comparableEnv(own) === comparableEnv(env);
  const inherited = joins.inherited.get(unit);
  if (inherited !== undefined) return inherited === comparableEnv(env);
  const { envs } = units[unit]!;
  return envs.size !== 1 || envs.has(comparableEnv(env));
}

function statesEnv({ envs }: Unit, env: string | undefined): boolean {
  return env !== undefined && envs.has(comparableEnv(env));
}

/** How well a unit answers to an id: 0 when not at all. */
function score({ units, denied }: Relations, index: number, wanted: TraceId): number {
  const unit = units[index]!;
  const { traceId, continues } = unit;
  const isAlias = continues !== undefined && joinKey(continues) === joinKey(wanted);
  const asAlias = isAlias && !denied.has(index) ? 2 : 0;
  if (unit.key !== joinKey(wanted)) return asAlias;
  // Other parts of an X-Ray trace answer to its id only where they continue a trace of that very id.
  if (!unit.isMain) return asAlias || 1;
  if (wanted.hi === traceId.hi && wanted.lo === traceId.lo) return 6;
  if (wanted.hi !== 0n) return 3;
  const known = unit.isXRay ? datadogIdOf(traceId) : traceId.lo;
  return known === wanted.lo ? (unit.isXRay ? 4 : 5) : 3;
}

function describe({ units, denied }: Relations, group: readonly number[]): ChosenTrace {
  const own = group.map((unit) => units[unit]!);
  const byAge = own.toSorted((a, b) => a.start - b.start);
  const apm = byAge.filter(({ isXRay }) => !isXRay);
  const xray = byAge.filter(({ isXRay }) => isXRay);
  const named = group
    .filter((unit) => !denied.has(unit))
    .flatMap((unit) => units[unit]!.continues ?? []);
  const traceId = apm[0] === undefined ? idOfXRay(xray, named) : idOfApm(apm[0], xray, named);
  const ids = [...own.map((unit) => unit.traceId), traceId];
  return {
    units: group,
    traceId,
    traceIds: distinct(ids).toSorted((a, b) => compare(b.hi, a.hi) || compare(a.lo, b.lo)),
    datadogIds: [
      ...new Set([
        ...apm.map((unit) => unit.traceId.lo),
        ...named.map(({ lo }) => lo),
        ...xray.map((unit) => datadogIdOf(unit.traceId)),
      ]),
    ],
    xrayIds: distinct(xray.map((unit) => unit.traceId)),
  };
}

/** A tracer's id. Where it has no high half, that of the X-Ray id it was made of, or what metadata says. */
function idOfApm(apm: Unit, xray: readonly Unit[], named: readonly TraceId[]): TraceId {
  const { traceId } = apm;
  if (traceId.hi !== 0n) return traceId;
  const source = xray.find((unit) => canBeSameTrace(traceId, unit.traceId));
  if (source !== undefined) return source.traceId;
  return named.find(({ hi, lo }) => hi !== 0n && lo === traceId.lo) ?? traceId;
}

/** What X-Ray's metadata says it continues, even before anything else of that trace has come. */
function idOfXRay(xray: readonly Unit[], named: readonly TraceId[]): TraceId {
  return named[0] ?? xray[0]!.traceId;
}

function distinct(ids: readonly TraceId[]): TraceId[] {
  return [...new Map(ids.map((id) => [`${id.hi}/${id.lo}`, id])).values()];
}
