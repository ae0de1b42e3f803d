import { lonelyPairs } from './collisions.ts';
import type { Pair, Pairs } from './pairs.ts';
import type { Unit } from './units.ts';

/** Two units that would be one trace if their environments were the same. */
export interface EnvMismatch {
  readonly pair: Pair;
  readonly envs: ReadonlySet<string>;
  readonly xrayEnvs: ReadonlySet<string>;
}

/** Which units are one trace. */
export interface Joins {
  /** The pairs that were joined. */
  readonly joined: readonly Pair[];
  readonly mismatches: readonly EnvMismatch[];
  /** Group of each unit: the lowest unit in it. */
  readonly groupOf: readonly number[];
  /** Environment that spans of an X-Ray unit have where they state none. */
  readonly inherited: ReadonlyMap<number, string>;
}

/** Spans of one request are at most this far apart, unless one names the other. */
const WINDOW_NS = 15 * 60 * 1e9;

/**
 * Joins units that are tied together, are of one environment and of one time.
 *
 * An id alone ties only what ran within a quarter of an hour: ids have 63 bits, and a store holds many. A parent, a metadata
 * record or a request id says more, and holds at any distance.
 */
export function joinUnits(units: readonly Unit[], pairs: Pairs): Joins {
  const near = pairs.list.filter((pair) => isExplicit(pair) || isNear(units, pair));
  const strangers = lonelyPairs(units, near, isExplicit);
  const tied = near.filter((pair) => !strangers.has(pair));
  const { allowed, mismatches } = splitByEnv(units, pairs, tied);
  const groupOf = units.map((_, unit) => unit);
  const root = (unit: number): number => {
    let at = unit;
    while (groupOf[at] !== at) at = groupOf[at]!;
    return at;
  };
  for (const { other, xray } of allowed) {
    const [low, high] = [root(other), root(xray)].toSorted((a, b) => a - b);
    groupOf[high!] = low!;
  }
  return {
    joined: allowed,
    mismatches,
    groupOf: groupOf.map((_, unit) => root(unit)),
    inherited: inheritEnvs(units, pairs, allowed),
  };
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

/**
 * Only the same environment is joined. A unit that states none belongs to the one it is tied to, if that is only one: two that
 * differ cannot both be right.
 */
function splitByEnv(
  units: readonly Unit[],
  pairs: Pairs,
  tied: readonly Pair[],
): { allowed: Pair[]; mismatches: EnvMismatch[] } {
  const xrayEnvs = (pair: Pair): ReadonlySet<string> => units[pair.xray]!.envs;
  /** Environments of what units without one are tied to. */
  const around = new Map<number, Set<string>>();
  for (const pair of tied) {
    if (xrayEnvs(pair).size === 0) addAll(around, pair.xray, pairs.envsOfOther(pair));
    if (pairs.envsOfOther(pair).size === 0) addAll(around, pair.other, xrayEnvs(pair));
  }
  const allowed: Pair[] = [];
  const mismatches: EnvMismatch[] = [];
  for (const pair of tied) {
    const envs = pairs.envsOfOther(pair);
    const own = xrayEnvs(pair);
    const claimed = around.get(own.size === 0 ? pair.xray : pair.other);
    const fits =
      own.size > 0 && envs.size > 0
        ? [...own].some((env) => envs.has(env))
        : own.size === envs.size || claimed!.size <= 1;
    if (fits) allowed.push(pair);
    else {
      mismatches.push({
        pair,
        envs: own.size === 0 || envs.size === 0 ? claimed! : envs,
        xrayEnvs: own,
      });
    }
  }
  return { allowed, mismatches };
}

function addAll(map: Map<number, Set<string>>, unit: number, envs: ReadonlySet<string>): void {
  let known = map.get(unit);
  if (known === undefined) map.set(unit, (known = new Set()));
  for (const env of envs) known.add(env);
}

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
  // Twice, for an X-Ray trace whose only tie is another X-Ray trace that states none itself.
  for (let round = 0; round < 2; round++) {
    for (const pair of joined) {
      const { xray, other } = pair;
      const [env] = pairs.envsOfOther(pair);
      takeOver(xray, env ?? inherited.get(other));
      if (units[other]!.isXRay) takeOver(other, inherited.get(xray));
    }
  }
  return inherited;

  function takeOver(unit: number, env: string | undefined): void {
    if (env === undefined || units[unit]!.envs.size > 0 || inherited.has(unit)) return;
    inherited.set(unit, env);
  }
}
