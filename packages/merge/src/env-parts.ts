import type { Pool } from './pool.ts';
import { comparableEnv } from './comparable-env.ts';
import type { XRayPart } from './xray-parts.ts';
import { XRAY_KIND, type XRayTree } from './xray-tree.ts';

/** An X-Ray part of one environment at most. */
export interface EnvPart extends XRayPart {
  /** Whether the part it was split off from begins elsewhere. */
  readonly isAside: boolean;
}

/**
 * Splits what crosses environments, such as a function of one that calls a function of another. Each part can then only be joined
 * to traces of its own environment; where nothing pulls them apart they are joined again.
 */
export function envParts(pool: Pool, tree: XRayTree, part: XRayPart): EnvPart[] {
  const { members, entries, continues, statedAt } = part;
  const isSingle = new Set(members.map((at) => pool.spans[at]!.env)).size < 2;
  const byEnv = isSingle ? undefined : membersByEnv(pool, tree, members);
  if (byEnv === undefined || byEnv.size < 2) return [{ ...part, isAside: false }];
  const first = members.find((at) => tree.topOf(at) === at) ?? members[0]!;
  return [...byEnv.values()].map((own) => {
    const isHere = new Set(own);
    return {
      ...part,
      members: own,
      entries: new Map([...entries].filter(([at]) => isHere.has(at))),
      continues: statedAt.some((at) => isHere.has(at)) ? continues : undefined,
      statedAt: statedAt.filter((at) => isHere.has(at)),
      isAside: !isHere.has(first),
    };
  });
}

function membersByEnv(
  pool: Pool,
  tree: XRayTree,
  members: readonly number[],
): Map<string, number[]> {
  const envs = new Map<number, string>();
  const isMember = new Set(members);
  for (const member of members) envOf(member);
  /** What stands above everything that states an environment goes with the earliest of that. */
  const belowTop = new Map<number, string>();
  let earliest = '';
  for (const member of members) {
    const env = envs.get(member)!;
    if (env === '') continue;
    earliest ||= env;
    const top = tree.topOf(member);
    if (!belowTop.has(top)) belowTop.set(top, env);
  }
  return Map.groupBy(
    members,
    (member) => envs.get(member)! || (belowTop.get(tree.topOf(member)) ?? earliest),
  );

  /** Its own, else that of the nearest span above that has one. */
  function envOf(member: number): void {
    const path: number[] = [];
    let at = member;
    let found: string | undefined;
    while (found === undefined) {
      const known = at === -1 || !isMember.has(at) ? '' : (envs.get(at) ?? ownEnv(at));
      if (known !== undefined) {
        found = known;
        if (isMember.has(at)) envs.set(at, known);
      } else {
        // Until something better is known: what is on a cycle has nothing above it.
        envs.set(at, '');
        path.push(at);
        at = tree.parentOf(at);
      }
    }
    for (const one of path) envs.set(one, found);
  }

  /** Undefined for what is told by another span. */
  function ownEnv(at: number): string | undefined {
    const kind = tree.kinds[at];
    // Callees made up by X-Ray, and notes to it, are of the span they hang below.
    const isOfParent = kind === XRAY_KIND.inferred || kind === XRAY_KIND.metadata;
    if (isOfParent && isMember.has(tree.parentOf(at))) return undefined;
    return comparableEnv(pool.spans[at]!.env) || undefined;
  }
}
