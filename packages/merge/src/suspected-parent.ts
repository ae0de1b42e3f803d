import { formatSpanId } from '@spanloom/base';
import type { Draft } from './draft-trace.ts';
import type { Relations } from './relations.ts';
import { isInferredSpan } from './lambda-runs.ts';

/** Says which span was likely meant as the parent of one that names its grandparent. */
const SUSPECTED_PARENT = 'xray.suspected_parent';

/**
 * Hints at the function that called a host, where the host's span does not say so. The Node library without tracing hands on the
 * parent it was given rather than its own span, so that what the function called stands beside it. Nothing is moved: being
 * within the function's time is no proof.
 */
export function hintAtParents(relations: Relations, { draft, localOf }: Draft): void {
  const untraced = relations.invocations.filter(
    ({ apm, xray }) => apm === undefined && xray!.run !== -1,
  );
  /** Functions without a tracer of their own, by the span that their X-Ray trace continues. */
  const byCaller = new Map<number, { run: number; home: number; entry: number }[]>();
  for (const { xray } of untraced) {
    const run = localOf[xray!.run]!;
    if (run === -1) continue;
    const entry = localOf[relations.tree.topOf(xray!.run)]!;
    const caller = entry === -1 ? -1 : draft.parents[entry]!;
    if (caller === -1 || draft.spans[caller]!.source === 'xray') continue;
    const phase = xray!.phase === -1 ? -1 : localOf[xray!.phase]!;
    const known = byCaller.get(caller) ?? [];
    byCaller.set(caller, [...known, { run, home: phase === -1 ? run : phase, entry }]);
  }
  if (byCaller.size === 0) return;
  draft.spans.forEach((span, at) => {
    const functions = byCaller.get(draft.parents[at]!);
    if (functions === undefined || span.source === 'xray' || draft.isHidden(at)) return;
    if (span.name === 'aws.lambda' || isInferredSpan(span)) return;
    if (span.service === draft.spans[draft.parents[at]!]!.service) return;
    const likely = functions.find(({ run, entry }) => {
      const around = draft.spans[run]!;
      const end = span.start + BigInt(span.duration);
      return (
        entry !== at && around.start <= span.start && end <= around.start + BigInt(around.duration)
      );
    });
    if (likely === undefined) return;
    draft.complete(at, { [SUSPECTED_PARENT]: formatSpanId(draft.spans[likely.home]!.spanId) });
  });
}
