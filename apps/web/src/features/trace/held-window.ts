import { clampWindow, isWhole, type TimeWindow, wholeWindow } from '@spanloom/flame';

/** What windows of time are measured from and within. */
export interface TimeBasis {
  /** Decimal nanoseconds since the epoch. */
  readonly originNs: string;
  readonly totalNs: number;
}

/**
 * The same stretch of real time after the trace has grown or moved: a span that arrived may start before the first one
 * known, which is what windows count from. Whoever looked at the whole trace goes on doing so.
 */
export function heldWindow(window: TimeWindow, before: TimeBasis, after: TimeBasis): TimeWindow {
  if (isWhole(window, before.totalNs)) return wholeWindow(after.totalNs);
  const shift = Number(BigInt(before.originNs) - BigInt(after.originNs));
  return clampWindow(
    { startNs: window.startNs + shift, endNs: window.endNs + shift },
    after.totalNs,
  );
}
