import { type EpochMillis, type EpochNanos, nanosToMillis } from '@spanloom/base';
import { SETTLED_MS } from './absence.ts';
import type { XRayCoverage } from './coverage.ts';
import type { MergeVerdict, XRayPending } from './verdict.ts';

/** Whether X-Ray may still add to a trace that ended at `end`. */
export function pendingXRay(
  verdicts: readonly MergeVerdict[],
  end: EpochNanos,
  coverage: XRayCoverage | undefined,
): XRayPending | undefined {
  if (coverage === undefined) return undefined;
  const until = (nanosToMillis(end) + SETTLED_MS) as EpochMillis;
  if (coverage.now >= until) return undefined;
  if (!verdicts.some(({ verdict }) => verdict === 'xray_pending')) return undefined;
  const polls = coverage.regions.flatMap(({ nextPollMs }) => nextPollMs ?? []);
  return {
    nextPoll: polls.length === 0 ? undefined : (Math.min(...polls) as EpochMillis),
    until,
  };
}
