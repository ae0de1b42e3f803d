import type { ApmRun, XRayRun } from './lambda-runs.ts';
import { overlap, type Pool } from './pool.ts';
import { areAlike, isWithinReach, recordOf } from './run-differences.ts';
import { canBeSameTrace } from './xray-ids.ts';
import type { XRayTree } from './xray-tree.ts';

/** By what the halves of an invocation were found to be of one. */
type RunMatch = 'context' | 'request' | 'time';

/** An invocation: one half, or two that match. Whether they end up in one trace is decided later. */
export interface Invocation {
  readonly apm: ApmRun | undefined;
  readonly xray: XRayRun | undefined;
  readonly match: RunMatch | undefined;
  /** The X-Ray span that the tracer's half named as its parent, -1 when it named none that is here. */
  readonly context: number;
}

/** More runs than this are not told apart by their times: a function that ran as often ran twice at once. */
export const MOST_RUNS: number = 256;

/** Two spans are of one run when the shorter lies in the other for this share of its time. */
const ENOUGH_OVERLAP = 0.9;

/**
 * Finds the X-Ray half of each invocation that a tracer reported: first by the parent it names, then by the request id, where
 * nothing else speaks against it. Retries keep their request id, so among runs that share it the one at the same time is meant.
 */
export function matchRuns(
  pool: Pool,
  tree: XRayTree,
  apmRuns: readonly ApmRun[],
  xrayRuns: readonly XRayRun[],
): Invocation[] {
  const byRun = new Map(xrayRuns.map((run) => [recordOf(run), run]));
  const candidates = new Candidates(xrayRuns);
  const taken = new Set<XRayRun>();
  const invocations: Invocation[] = [];
  const open: ApmRun[] = [];
  for (const apm of apmRuns) {
    const context = xrayParentOf(pool, apm);
    const named = context === -1 ? undefined : byRun.get(tree.functionOf(context));
    if (named !== undefined && isItsPlace(tree, named, context) && areAlike(apm, named)) {
      taken.add(named);
      invocations.push({ apm, xray: named, match: 'context', context });
      continue;
    }
    const same = candidates.of(apm).filter((run) => isWithinReach(pool, apm, run));
    const xray = same.length === 0 ? undefined : closest(pool, apm, same);
    if (xray === undefined) open.push(apm);
    else {
      taken.add(xray);
      invocations.push({ apm, xray, match: 'request', context });
    }
  }
  const left = xrayRuns.filter((run) => !taken.has(run));
  const byName = Map.groupBy(left, ({ functionName }) => functionName);
  for (const apm of open) {
    const named = byName.get(apm.functionName) ?? [];
    const together =
      named.length > MOST_RUNS
        ? []
        : named.filter((run) => areAlike(apm, run) && isSameTime(pool, apm, run));
    // Where a function ran twice at once, time tells nothing.
    const xray = together.length === 1 && !taken.has(together[0]!) ? together[0] : undefined;
    if (xray !== undefined) taken.add(xray);
    const context = xrayParentOf(pool, apm);
    invocations.push({ apm, xray, match: xray === undefined ? undefined : 'time', context });
  }
  for (const xray of xrayRuns) {
    if (!taken.has(xray)) invocations.push({ apm: undefined, xray, match: undefined, context: -1 });
  }
  return invocations.toSorted((a, b) => firstOf(a) - firstOf(b));
}

/** Runs in X-Ray that state the request id of a tracer's, and nothing that it contradicts. */
class Candidates {
  readonly #byRequest: ReadonlyMap<string, readonly XRayRun[]>;
  /** Of retries, and of whoever uses one id for everything, the same ones are looked for again and again. */
  readonly #known = new Map<string, readonly XRayRun[]>();

  constructor(runs: readonly XRayRun[]) {
    this.#byRequest = Map.groupBy(runs, ({ requestId }) => requestId);
  }

  of(apm: ApmRun): readonly XRayRun[] {
    const { requestId, functionName, account } = apm;
    const stating = requestId === '' ? undefined : this.#byRequest.get(requestId);
    if (stating === undefined) return [];
    const key = `${requestId} ${account} ${functionName}`;
    let alike = this.#known.get(key);
    if (alike === undefined) {
      // Sorted out before they are cut off: forged ones must not push the real one out.
      alike = stating.filter((run) => areAlike(apm, run)).slice(0, MOST_RUNS);
      this.#known.set(key, alike);
    }
    return alike;
  }
}

/** The position by which invocations are put in order. */
function firstOf({ apm, xray }: Invocation): number {
  if (xray === undefined) return apm!.at;
  const half = recordOf(xray);
  return apm === undefined ? half : Math.min(apm.at, half);
}

/** The X-Ray span named as parent by a run, or by the outermost span made up for what triggered it. */
function xrayParentOf(pool: Pool, { at, inferred }: ApmRun): number {
  const { parentId, traceId } = pool.spans[inferred.at(-1) ?? at]!;
  if (parentId === undefined) return -1;
  let found = -1;
  for (let one = pool.ids.first(parentId); one !== -1; one = pool.ids.next(one)) {
    if (pool.isXRay[one] === 0) return -1;
    // Of two X-Ray traces with this span id, the one whose trace id fits too.
    if (found === -1 || canBeSameTrace(traceId, pool.spans[one]!.traceId)) found = one;
  }
  return found;
}

/** A function runs below its run or the `Invocation` in it. A parent deeper in is a call that its caller recorded. */
function isItsPlace(tree: XRayTree, { run, phase }: XRayRun, context: number): boolean {
  return context === run || context === phase || tree.parentOf(context) === run;
}

function closest(pool: Pool, apm: ApmRun, runs: readonly XRayRun[]): XRayRun {
  const together = (run: XRayRun): number => overlap(pool, apm.at, recordOf(run));
  // A run of the function before Lambda's own record, which may end at the time of the call.
  return runs.reduce((best, run) => {
    if ((run.run === -1) !== (best.run === -1)) return best.run === -1 ? run : best;
    return together(run) > together(best) ? run : best;
  });
}

function isSameTime(pool: Pool, { at, functionName }: ApmRun, { run }: XRayRun): boolean {
  if (run === -1 || functionName === '') return false;
  const shorter = Math.min(pool.end[at]! - pool.start[at]!, pool.end[run]! - pool.start[run]!);
  return overlap(pool, at, run) >= shorter * ENOUGH_OVERLAP;
}
