import type { Draft } from './draft-trace.ts';
import { withTagsOf } from './lambda-tags.ts';
import { hideInferredTriggers } from './inferred-triggers.ts';
import type { Invocation } from './match-runs.ts';
import type { Relations } from './relations.ts';
import type { TraceDraft } from './trace-draft.ts';

/** An invocation with both halves in the trace, by position in the draft. */
export interface PlacedInvocation {
  readonly invocation: Invocation;
  readonly apm: number;
  /** The function's run in X-Ray, or Lambda's own record where there is none. */
  readonly xray: number;
  /** The X-Ray span that what the function did goes below. */
  readonly home: number;
}

/**
 * Brings the two halves of each invocation together. The tracer's span goes below X-Ray's; what stood above it goes above the
 * whole X-Ray trace. One that a library made in X-Ray's place folds into the function's span:
 *
 * ```
 *   X-Ray            tracer                      together
 *   stage            host                        host
 *   └ Lambda         └ aws.apigateway (made up)  └ stage                (shows aws.apigateway)
 *     └ function       └ aws.lambda                └ Lambda
 *       └ Invocation     └ query                     └ function         (shows aws.lambda, if it is a placeholder)
 *                                                      └ Invocation
 *                                                        └ aws.lambda ─ query
 * ```
 */
export function placeInvocations(
  relations: Relations,
  { draft, localOf }: Draft,
): PlacedInvocation[] {
  const placed: PlacedInvocation[] = [];
  for (const invocation of relations.invocations) {
    const { apm, xray } = invocation;
    if (apm === undefined) continue;
    if (xray === undefined) {
      hideTriggersAbove(draft, localOf, invocation);
      continue;
    }
    const at = localOf[apm.at]!;
    const run = xray.run === -1 ? xray.service : xray.run;
    const local = localOf[run]!;
    if (at === -1 || local === -1) continue;
    const phase = xray.phase === -1 ? -1 : localOf[xray.phase]!;
    const named = invocation.match === 'context' ? localOf[invocation.context]! : -1;
    const home = [named, phase, local].find((position) => position !== -1)!;
    const place: PlacedInvocation = { invocation, apm: at, xray: local, home };
    const chain = apm.inferred.map((one) => localOf[one]!).filter((one) => one !== -1);
    joinAbove(draft, place, chain);
    draft.moveBelow(at, home);
    if (isPlaceholder(draft, at) && named !== -1 && xray.run !== -1) fold(draft, place);
    placed.push(place);
  }
  return placed;
}

/** X-Ray knows the caller of a function that it does not trace itself: then it has the real trigger all the same. */
function hideTriggersAbove(
  draft: TraceDraft,
  localOf: Int32Array,
  { apm, context }: Invocation,
): void {
  const caller = context === -1 ? -1 : localOf[context]!;
  if (caller === -1) return;
  const chain = apm!.inferred.map((one) => localOf[one]!).filter((one) => one !== -1);
  hideInferredTriggers(draft, caller, caller, chain);
}

/** Whether a library made this span to stand for X-Ray's. Some write the mark in capitals. */
function isPlaceholder(draft: TraceDraft, position: number): boolean {
  return draft.spans[position]!.meta['_dd.parent_source']?.toLowerCase() === 'xray';
}

function fold(draft: TraceDraft, { apm, xray, home }: PlacedInvocation): void {
  draft.hide(apm, {
    by: xray,
    heir: home,
    reason: 'The tracer made this span to stand for the one that X-Ray has of the same invocation',
  });
  draft.spans[xray] = withTagsOf(draft.spans[xray]!, draft.spans[apm]!);
}

/**
 * Puts what the tracer saw above the function above X-Ray's part: the caller, and between them what the library made up for the
 * trigger, unless X-Ray has the real one.
 */
function joinAbove(draft: TraceDraft, place: PlacedInvocation, chain: readonly number[]): void {
  const outermost = chain.at(-1) ?? place.apm;
  const caller = draft.parents[outermost]!;
  const missingCaller = draft.missing.get(outermost);
  const entry = topOfXRay(draft, place.xray);
  hideInferredTriggers(draft, place.xray, place.home, chain);
  const visible = chain.filter(
    (position) =>
      !draft.isHidden(position) && draft.spans[position]!.start <= draft.spans[place.xray]!.start,
  );
  const isOutside = caller !== -1 && canCall(draft, caller, entry);
  const above = draft.parents[entry]!;
  const missingAbove = draft.missing.get(entry);
  if (visible.length === 0) {
    if (above !== -1) return;
    if (isOutside) draft.moveBelow(entry, caller);
    else if (missingAbove === undefined && caller === -1 && missingCaller !== undefined) {
      draft.detach(entry, missingCaller);
    }
    return;
  }
  // Two accounts of who called: neither is overruled.
  if (above !== -1 && isOutside && above !== caller) return;
  const inner = visible[0]!;
  const outer = visible.at(-1)!;
  if (isOutside) draft.moveBelow(outer, caller);
  else if (above !== -1) draft.moveBelow(outer, above);
  else draft.detach(outer, caller === -1 ? (missingCaller ?? missingAbove) : missingAbove);
  for (let i = 0; i + 1 < visible.length; i++) draft.moveBelow(visible[i]!, visible[i + 1]!);
  draft.moveBelow(entry, inner);
}

/** By how much a caller's clock may be ahead. */
const MOST_SKEW_NS = 5_000_000_000n;

/** Whether a span can have called an X-Ray trace as a whole: it is no part of what that did, and began before it. */
function canCall(draft: TraceDraft, caller: number, entry: number): boolean {
  const isEarlier = draft.spans[caller]!.start <= draft.spans[entry]!.start + MOST_SKEW_NS;
  return isEarlier && !draft.isBelow(caller, entry);
}

/** The outermost X-Ray span above, as far as X-Ray goes without a break. */
function topOfXRay(draft: TraceDraft, position: number): number {
  let at = position;
  for (let above = draft.parents[at]!; above !== -1; above = draft.parents[at]!) {
    if (draft.spans[above]!.source !== 'xray') break;
    at = above;
  }
  return at;
}
