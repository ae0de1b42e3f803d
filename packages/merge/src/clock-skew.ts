import type { Problem } from './assembled-trace.ts';
import type { Span } from '@spanloom/model';

/** Clocks further apart than this are no skew but a mistake, or work that waited. */
const MOST_NS = 5e9;
/** Differences below this are how exactly clocks are read. */
const LEAST_NS = 1e6;

/** A tree in order, as far as clocks are concerned. */
export interface TimedTree {
  /** In tree order. */
  readonly spans: readonly Span[];
  /** Position of each span's parent, -1 for none. Always before its children. */
  readonly parents: Int32Array;
  readonly isHidden: (position: number) => boolean;
}

/**
 * By how much spans are to be moved when drawn, in ns, because their machine's clock seems to be off: a call that begins before its
 * caller or, where nothing is queued between, ends after it, although it is short enough to fit. Stored times stay what they are.
 *
 * Only spans of different machines are compared. Lambda's own clocks are good, and what it does before and after a function
 * runs lies outside of the function on purpose.
 */
export function clockSkew(tree: TimedTree): { skew: Float64Array; problems: Problem[] } {
  const { spans, parents } = tree;
  const skew = new Float64Array(spans.length);
  const problems: Problem[] = [];
  const tops = new Map<number, number>();
  const top = new Int32Array(spans.length).fill(-1);
  for (let at = 0; at < spans.length; at++) {
    const parent = parents[at]!;
    if (parent === -1) continue;
    skew[at] = skew[parent]!;
    top[at] = top[parent]!;
    const own = spans[at]!;
    if (!isRemote(spans[parent]!, own) || tree.isHidden(at)) {
      if (top[at] !== -1) tops.set(top[at]!, tops.get(top[at]!)! + 1);
      continue;
    }
    // A clock of its own: the caller's error does not carry over.
    skew[at] = offset(spans[parent]!, skew[parent]!, own);
    top[at] = skew[at] === 0 ? -1 : at;
    if (top[at] === at) tops.set(at, 1);
  }
  for (const [at, count] of tops) {
    problems.push({
      kind: 'clock_skew',
      spanId: spans[at]!.spanId,
      count,
      message: `The clock here seems to be ${Math.abs(skew[at]! / 1e6).toFixed(1)} ms ${skew[at]! > 0 ? 'behind' : 'ahead of'} its caller's; times are as received`,
    });
  }
  return { skew, problems };
}

/** What to add to a callee's times so that it lies within its caller. */
function offset(caller: Span, callerSkew: number, callee: Span): number {
  // How far the callee begins after its caller as it is drawn.
  const lead = Number(callee.start - caller.start) - callerSkew;
  const slack = caller.duration - callee.duration;
  if (slack < 0) return 0;
  const tolerance = Math.max(LEAST_NS, caller.duration * 0.05);
  const isEarly = -lead > tolerance;
  const isLate = lead - slack > tolerance && isWaiting(caller, callee);
  const distance = isEarly ? -lead : lead - slack;
  if ((!isEarly && !isLate) || distance > MOST_NS) return 0;
  // A caller that waits is taken to have waited as long before as after.
  const wanted = isWaiting(caller, callee) ? slack / 2 : isEarly ? 0 : slack;
  return Math.round(wanted - lead);
}

/** Whether a caller waits for its callee: then the callee cannot end after it. */
function isWaiting(caller: Span, callee: Span): boolean {
  return caller.kind === 'client' && callee.kind === 'server';
}

function isRemote(parent: Span, child: Span): boolean {
  if (parent.source === 'xray' && child.source === 'xray') return false;
  if (isOfLambda(parent) && isOfLambda(child) && sameFunction(parent, child)) return false;
  return !isQueued(child) && parent.service !== child.service;
}

function isOfLambda({ functionName, meta }: Span): boolean {
  return (
    functionName !== '' || meta['_dd.origin'] === 'lambda' || meta['function_arn'] !== undefined
  );
}

function sameFunction(a: Span, b: Span): boolean {
  return a.functionName === '' || b.functionName === '' || a.functionName === b.functionName;
}

/** Work that something waited with may begin at any time, but never before it was asked for. */
function isQueued({ meta }: Span): boolean {
  return meta['_inferred_span.tag_source'] !== undefined;
}
