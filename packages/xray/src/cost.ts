/** AWS's price for a trace that is looked at or returned, in the commercial regions. */
const USD_PER_MILLION = 0.5;
/** What is free in each month, of both together. AWS grants it once per payer, so several accounts may share it. */
const FREE_TRACES = 1_000_000;

/** What AWS charges for reading that many traces in a month. */
export function monthlyCostUsd(usage: {
  readonly scanned: number;
  readonly retrieved: number;
}): number {
  return (Math.max(0, usage.scanned + usage.retrieved - FREE_TRACES) * USD_PER_MILLION) / 1e6;
}

/** The calendar month of a time, in UTC: `2026-11`. */
export function monthOf(ms: number): string {
  return new Date(ms).toISOString().slice(0, 7);
}
