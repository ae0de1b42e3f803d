import type { XRayTrace } from '@spanloom/metadata';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;

/** Why a part of a trace could not be had from where it is: calls fail, the month's budget is used up, or it is not returned. */
export type LackReason = 'failing' | 'budget' | 'absent';

/** What is missing from a fetched trace. */
export interface LackingPart {
  readonly reason: LackReason;
  /** Not even an earlier version of the part is known, so that writing the trace would lose what is stored of it. */
  readonly held: boolean;
}

/** How long a trace may wait. What is not returned, in an hour, is believed. */
const LONGEST_MS: Readonly<Record<LackReason, number>> = {
  failing: HOUR,
  budget: 6 * HOUR,
  absent: 30 * MINUTE,
};

/**
 * When to look again for a part that is missing: after as long as the trace has been as it is, so that a short failure is made good
 * soon, and a long one costs little.
 *
 * @returns Ms; undefined when it is not worth it.
 */
export function lackWaitMs(trace: XRayTrace, reason: LackReason, now: number): number | undefined {
  const quietMs = now - (trace.lastChanged ?? trace.firstSeen);
  if (reason === 'absent' && quietMs >= HOUR) return undefined;
  return Math.min(LONGEST_MS[reason], Math.max(5 * MINUTE, quietMs));
}

/** The trace as it was decided to be, kept on the list as long as a part of it is missing. */
export function awaitPart(decided: XRayTrace, reason: LackReason, now: number): XRayTrace {
  if (decided.nextFetch !== undefined || decided.state === 'limit') return decided;
  const waitMs = lackWaitMs(decided, reason, now);
  return waitMs === undefined ? decided : { ...decided, state: 'growing', nextFetch: now + waitMs };
}
