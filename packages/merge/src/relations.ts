import type { Span } from '@spanloom/model';
import { fragmentsOf } from './fragments.ts';
import { joinUnits, type Joins } from './joins.ts';
import { apmRuns, xrayRuns } from './lambda-runs.ts';
import { type Invocation, matchRuns } from './match-runs.ts';
import { ownParents } from './own-parents.ts';
import { Pairs } from './pairs.ts';
import { type Pool, poolOf } from './pool.ts';
import { type Unit, unitsOf } from './units.ts';
import { XRayTree } from './xray-tree.ts';

/** Everything that is known about stored spans before one trace is picked from them. */
export interface Relations {
  readonly pool: Pool;
  /** Each span's parent within its own trace id and world, -1 for none. */
  readonly own: Int32Array;
  readonly tree: XRayTree;
  readonly units: readonly Unit[];
  /** By position in the pool. */
  readonly unitOf: Int32Array;
  readonly invocations: readonly Invocation[];
  readonly joins: Joins;
  /** X-Ray parts whose metadata names a trace that they were not joined to although it is here. */
  readonly denied: ReadonlySet<number>;
}

/** Works out which spans belong together. */
export function relationsOf(stored: readonly Span[]): Relations {
  const pool = poolOf(stored);
  const fragments = fragmentsOf(pool);
  const own = ownParents(pool, fragments);
  const tree = new XRayTree(pool, own);
  const units = unitsOf(pool, fragments, tree);
  const unitOf = new Int32Array(pool.spans.length);
  units.forEach(({ members }, unit) => {
    for (const member of members) unitOf[member] = unit;
  });
  const invocations = matchRuns(pool, tree, apmRuns(pool, own), xrayRuns(pool, tree));
  const pairs = new Pairs(pool, units, unitOf);
  pairs.addIds();
  pairs.addEdges(own);
  pairs.addRequests(invocations);
  pairs.addSplits(own);
  const joins = joinUnits(pool, unitOf, units, pairs);
  return { pool, own, tree, units, unitOf, invocations, joins, denied: deniedUnits(pairs, joins) };
}

function deniedUnits(pairs: Pairs, { joined }: Joins): Set<number> {
  const named = pairs.list.flatMap(({ continuing }) => [...continuing]);
  const granted = new Set(joined.flatMap(({ continuing }) => [...continuing]));
  return new Set(named.filter((unit) => !granted.has(unit)));
}
