import { joinKey, type TraceId } from '@spanloom/base';
import type { Fragment } from './fragments.ts';
import type { Pool } from './pool.ts';
import { contextOfSpan, type TraceContext } from './trace-context.ts';
import { XRAY_KIND, type XRayTree } from './xray-tree.ts';

/** What of an X-Ray trace continues one and the same other trace, or none. */
export interface XRayPart {
  readonly members: readonly number[];
  readonly continues: TraceId | undefined;
  /** The metadata that says so. */
  readonly statedAt: readonly number[];
  readonly entries: ReadonlyMap<number, bigint>;
  readonly isMain: boolean;
}

/** What one metadata subsegment says, and where. */
interface Statement {
  readonly at: number;
  /** The outermost span above the function that it was sent from. */
  readonly entry: number;
  readonly context: TraceContext;
}

/**
 * Re-roots an X-Ray trace by the metadata that Lambda libraries left in it.
 *
 * ```
 *  host span ┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┐ named as parent by the metadata
 *                  stage (entry) ◄┄┄┘
 *                    └ Lambda
 *                        └ function
 *                            └ Invocation
 *                                └ datadog-metadata {trace-id, parent-id}
 * ```
 *
 * When all metadata names one trace, all of the X-Ray trace continues it. When entries disagree, each goes its own way; when
 * functions below one entry disagree, the earliest speaks for what they share, and the others leave with their own Lambda record.
 */
export function xrayParts(pool: Pool, tree: XRayTree, { members }: Fragment): XRayPart[] {
  const statements = statementsIn(pool, tree, members);
  const first = statements[0];
  if (first === undefined) {
    return [{ members, continues: undefined, statedAt: [], entries: new Map(), isMain: true }];
  }
  if (statements.every(({ context }) => isSameTrace(context, first.context))) {
    const continues = fullest(statements);
    const statedAt = statements.map(({ at }) => at);
    return [{ members, continues, statedAt, entries: entryParents(statements), isMain: true }];
  }
  return split(tree, members, statements);
}

/** Earliest first. What the trace says to itself, one of its functions calling another, is left out. */
function statementsIn(pool: Pool, tree: XRayTree, members: readonly number[]): Statement[] {
  const found: Statement[] = [];
  for (const at of members) {
    if (tree.kinds[at] !== XRAY_KIND.metadata) continue;
    const context = contextOfSpan(pool.spans[at]!);
    if (context === undefined || isInside(pool, members, context.parentId)) continue;
    found.push({ at, entry: tree.topOf(at), context });
  }
  return found;
}

function isInside(pool: Pool, members: readonly number[], id: bigint): boolean {
  const { traceId } = pool.spans[members[0]!]!;
  for (let at = pool.ids.first(id); at !== -1; at = pool.ids.next(at)) {
    const other = pool.spans[at]!.traceId;
    if (pool.isXRay[at] === 1 && other.lo === traceId.lo && other.hi === traceId.hi) return true;
  }
  return false;
}

function split(
  tree: XRayTree,
  members: readonly number[],
  statements: readonly Statement[],
): XRayPart[] {
  /** By the span at the top of each part. */
  const parts = new Map<number, Statement[]>();
  for (const [entry, below] of Map.groupBy(statements, (statement) => statement.entry)) {
    const [earliest] = below;
    for (const statement of below) {
      const top = isSameTrace(statement.context, earliest!.context)
        ? entry
        : splitPoint(tree, statement.at, entry);
      const same = parts.get(top);
      if (same === undefined) parts.set(top, [statement]);
      else same.push(statement);
    }
  }
  const tops = new Map<number, number[]>([...parts.keys()].map((top) => [top, []]));
  const rest: number[] = [];
  const known = new Map<number, number>();
  for (const member of members) {
    (tops.get(nearestTop(tree, member, tops, known)) ?? rest).push(member);
  }
  // What no metadata speaks for keeps the trace's own id; if there is nothing, the earliest part has it.
  const hasRest = rest.length > 0;
  const earliestTop = statements.map(({ entry }) => entry).find((entry) => tops.has(entry));
  return [
    ...(hasRest
      ? [
          {
            members: rest,
            continues: undefined,
            statedAt: [],
            entries: new Map<number, bigint>(),
            isMain: true,
          },
        ]
      : []),
    ...[...parts]
      .filter(([top]) => tops.get(top)!.length > 0)
      .map(([top, own]) => ({
        members: tops.get(top)!,
        continues: fullest(own),
        statedAt: own.map(({ at }) => at),
        entries: new Map([[top, own[0]!.context.parentId]]),
        isMain: !hasRest && top === earliestTop,
      })),
  ];
}

/** Where a function that disagrees with an earlier one is cut off: at Lambda's record of it, never at what both share. */
function splitPoint(tree: XRayTree, at: number, entry: number): number {
  const service = tree.serviceOf(at);
  if (service !== -1) return service;
  const run = tree.functionOf(at);
  return run === -1 ? entry : run;
}

/** The nearest of `tops` above each span, itself included, -1 for none. Kept in `known`, as it is the same for whole subtrees. */
function nearestTop(
  tree: XRayTree,
  member: number,
  tops: ReadonlyMap<number, unknown>,
  known: Map<number, number>,
): number {
  const path: number[] = [];
  let at = member;
  let found: number | undefined;
  while (found === undefined) {
    if (at === -1) found = -1;
    else if (tops.has(at)) found = at;
    else found = known.get(at);
    if (found !== undefined) break;
    // Until something better is known: what is on a cycle has nothing above it.
    known.set(at, -1);
    path.push(at);
    at = tree.parentOf(at);
  }
  for (const one of path) known.set(one, found);
  return found;
}

function entryParents(statements: readonly Statement[]): Map<number, bigint> {
  const parents = new Map<number, bigint>();
  for (const { at, entry, context } of statements) {
    // One that came without anything above it says whose trace this is, but has nothing to put there.
    if (entry !== at && !parents.has(entry)) parents.set(entry, context.parentId);
  }
  return parents;
}

function isSameTrace(a: TraceContext, b: TraceContext): boolean {
  return joinKey(a.traceId) === joinKey(b.traceId);
}

/** The id with a high half, where any statement has one. */
function fullest(statements: readonly Statement[]): TraceId {
  const ids = statements.map(({ context }) => context.traceId);
  return ids.find(({ hi }) => hi !== 0n) ?? ids[0]!;
}
