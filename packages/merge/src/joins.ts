import { lonelyPairs } from './collisions.ts';
import { DisjointSets } from './disjoint-sets.ts';
import { ruleOnEnvs } from './env-claims.ts';
import type { EnvMismatch } from './env-difference.ts';
import { MetadataTrust } from './metadata-trust.ts';
import type { Pair, Pairs } from './pairs.ts';
import type { Pool } from './pool.ts';
import type { Unit } from './units.ts';

/** Which units are one trace. */
export interface Joins {
  /** The pairs that were joined. */
  readonly joined: readonly Pair[];
  readonly mismatches: readonly EnvMismatch[];
  /** Group of each unit: the lowest unit in it. */
  readonly groupOf: readonly number[];
  /** Environment that spans of a unit have where they state none. */
  readonly inherited: ReadonlyMap<number, string>;
}

/** Spans of one request are at most this far apart, unless one names the other. */
const WINDOW_NS = 15 * 60 * 1e9;

/**
 * Joins units that are tied together, are of one environment and of one time.
 *
 * An id alone ties only what ran within a quarter of an hour: ids have 63 bits, and a store holds many. A parent, a metadata
 * record or a request id says more; for the last, those who match invocations look at the time.
 */
export function joinUnits(
  pool: Pool,
  unitOf: Int32Array,
  units: readonly Unit[],
  pairs: Pairs,
): Joins {
  const near = pairs.list.filter((pair) => isExplicit(pair) || isNear(units, pair));
  const strangers = lonelyPairs(units, near, isExplicit);
  const tied = closestTies(
    units,
    near.filter((pair) => !strangers.has(pair)),
  );
  const trust = new MetadataTrust(pool, units, unitOf);
  const { allowed, mismatches } = ruleOnEnvs(units, pairs, tied, trust);
  const groups = new DisjointSets(units.length);
  for (const { other, xray } of allowed) groups.join(other, xray);
  const torn = joinSplits(units, pairs.splits, groups);
  return {
    joined: allowed,
    mismatches: [...mismatches, ...torn].filter(
      // By way of something else they may have come together after all.
      ({ pair }) => groups.rootOf(pair.other) !== groups.rootOf(pair.xray),
    ),
    groupOf: units.map((_, unit) => groups.rootOf(unit)),
    inherited: inheritEnvs(units, pairs, allowed),
  };
}

/** An id is all of an X-Ray trace's: where spans of one environment of it are named, it says nothing about the others. */
function closestTies(units: readonly Unit[], pairs: readonly Pair[]): Pair[] {
  const keyOf = ({ other, xray }: Pair): string => `${other} ${units[xray]!.part}`;
  const named = new Set(pairs.filter(isNamed).map(keyOf));
  return pairs.filter((pair) => isNamed(pair) || !named.has(keyOf(pair)));
}

/** Whether a span or the metadata of one unit names something of the other. */
function isNamed({ edges, requests, continuing }: Pair): boolean {
  return edges.length > 0 || requests.length > 0 || continuing.size > 0;
}

/** Joins what was only split by environment, except where each half belongs to a tracer's trace of its own environment. */
function joinSplits(
  units: readonly Unit[],
  splits: readonly Pair[],
  groups: DisjointSets,
): EnvMismatch[] {
  if (splits.length === 0) return [];
  const traced = new Set<number>();
  units.forEach(({ isXRay }, unit) => {
    if (!isXRay) traced.add(groups.rootOf(unit));
  });
  const torn: EnvMismatch[] = [];
  for (const pair of splits) {
    const [other, xray] = [groups.rootOf(pair.other), groups.rootOf(pair.xray)];
    if (other !== xray && traced.has(other) && traced.has(xray)) {
      const [envs, xrayEnvs] = [units[pair.other]!.envs, units[pair.xray]!.envs];
      torn.push({ cause: 'split', pair, envs, xrayEnvs });
      continue;
    }
    const root = groups.join(other, xray);
    if (traced.has(other) || traced.has(xray)) traced.add(root);
  }
  return torn;
}

/** Whether a span of one unit names a span or the invocation of the other, or the ids cannot be the same by chance. */
function isExplicit(pair: Pair): boolean {
  const { sameWholeId, sameTarget, edges, requests } = pair;
  return sameWholeId || sameTarget || edges.length > 0 || requests.length > 0;
}

function isNear(units: readonly Unit[], { other, xray }: Pair): boolean {
  const a = units[other]!;
  const b = units[xray]!;
  return a.start <= b.end + WINDOW_NS && b.start <= a.end + WINDOW_NS;
}

/** Environments that units have of those they were joined to. Of either world: neither has to know what it is part of. */
function inheritEnvs(
  units: readonly Unit[],
  pairs: Pairs,
  joined: readonly Pair[],
): Map<number, string> {
  const inherited = new Map<number, string>();
  units.forEach(({ isXRay, envs }, unit) => {
    // Lambda's own record cannot say it: what another segment of the request says holds for it, too.
    const [only] = envs;
    if (isXRay && envs.size === 1) inherited.set(unit, only!);
  });
  // Until it has come through to what is joined by way of others that state none themselves.
  let open = joined.filter(
    ({ other, xray }) => units[other]!.envs.size === 0 || units[xray]!.envs.size === 0,
  );
  for (let before = -1; before !== open.length;) {
    before = open.length;
    open = open.filter((pair) => {
      const { other, xray } = pair;
      const [env] = pairs.envsOfOther(pair);
      const isFilled = takeOver(xray, env ?? inherited.get(other));
      return !takeOver(other, inherited.get(xray)) || !isFilled;
    });
  }
  return inherited;

  /** @returns whether it has one now. */
  function takeOver(unit: number, env: string | undefined): boolean {
    if (units[unit]!.envs.size > 0 || inherited.has(unit)) return true;
    if (env === undefined) return false;
    inherited.set(unit, env);
    return true;
  }
}
