import { DisjointSets } from './disjoint-sets.ts';
import type { EnvMismatch } from './env-difference.ts';
import type { MetadataTrust } from './metadata-trust.ts';
import type { Pair, Pairs } from './pairs.ts';
import type { Unit } from './units.ts';

/** Which ties hold, as far as environments are concerned. */
export interface EnvRuling {
  readonly allowed: readonly Pair[];
  readonly mismatches: readonly EnvMismatch[];
}

/**
 * Only the same environment is joined. Units that state none belong to the one that they are tied to, directly or by way of others
 * that state none, if that is only one: two that differ cannot both be right.
 */
export function ruleOnEnvs(
  units: readonly Unit[],
  pairs: Pairs,
  tied: readonly Pair[],
  trust: MetadataTrust,
): EnvRuling {
  const mismatches: EnvMismatch[] = [];
  const ties = tied.flatMap((pair) => {
    const envs = pairs.envsOfOther(pair);
    const xrayEnvs = units[pair.xray]!.envs;
    const accounts =
      (envs.size === 0) === (xrayEnvs.size === 0) ? undefined : trust.contradiction(pair);
    if (accounts === undefined) return [{ pair, envs, xrayEnvs }];
    mismatches.push({ cause: 'account', pair, envs, xrayEnvs, accounts });
    return [];
  });
  const silent = new DisjointSets(units.length);
  for (const { pair, envs, xrayEnvs } of ties) {
    if (envs.size === 0 && xrayEnvs.size === 0) silent.join(pair.other, pair.xray);
  }
  /** Environments that what states none is tied to. */
  const claims = new Map<number, Set<string>>();
  const claim = (unit: number, envs: ReadonlySet<string>): void => {
    const root = silent.rootOf(unit);
    let known = claims.get(root);
    if (known === undefined) claims.set(root, (known = new Set()));
    for (const env of envs) known.add(env);
  };
  for (const { pair, envs, xrayEnvs } of ties) {
    if (xrayEnvs.size === 0) claim(pair.xray, envs);
    if (envs.size === 0) claim(pair.other, xrayEnvs);
  }
  const allowed: Pair[] = [];
  for (const { pair, envs, xrayEnvs } of ties) {
    const isStated = envs.size > 0 && xrayEnvs.size > 0;
    const claimed = claims.get(silent.rootOf(xrayEnvs.size === 0 ? pair.xray : pair.other));
    const fits = isStated
      ? [...xrayEnvs].some((env) => envs.has(env))
      : envs.size === xrayEnvs.size || claimed!.size <= 1;
    if (fits) allowed.push(pair);
    else mismatches.push({ cause: 'env', pair, envs: isStated ? envs : claimed!, xrayEnvs });
  }
  return { allowed, mismatches };
}
