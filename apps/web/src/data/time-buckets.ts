import type { SpansAggregateValue } from '@spanloom/contract';

const MINUTE = 60_000;
const HOUR = 3_600_000;
const DAY = 86_400_000;

/** Interval of a timeseries by the length of its range: fine enough to see, coarse enough to read. */
const INTERVALS: readonly (readonly [rangeMs: number, intervalMs: number])[] = [
  [15 * MINUTE, 5_000],
  [HOUR, 20_000],
  [4 * HOUR, MINUTE],
  [DAY, 5 * MINUTE],
  [2 * DAY, 10 * MINUTE],
  [7 * DAY, 30 * MINUTE],
  [15 * DAY, HOUR],
  [30 * DAY, 2 * HOUR],
];

const STEPS: readonly number[] = [
  1_000,
  2_000,
  5_000,
  10_000,
  20_000,
  30_000,
  MINUTE,
  2 * MINUTE,
  5 * MINUTE,
  10 * MINUTE,
  15 * MINUTE,
  30 * MINUTE,
  HOUR,
  2 * HOUR,
  3 * HOUR,
  6 * HOUR,
  12 * HOUR,
  DAY,
];

/** The interval that a range has by itself. */
export function intervalFor(rangeMs: number): number {
  // A range of a few minutes deserves more than a handful of points.
  if (rangeMs < 5 * MINUTE) return coarseInterval(rangeMs, 150);
  return INTERVALS.find(([most]) => rangeMs <= most)?.[1] ?? coarseInterval(rangeMs, 360);
}

/** The finest round interval with which a range has no more than so many points. */
export function coarseInterval(rangeMs: number, points: number): number {
  return STEPS.find((step) => rangeMs / step <= points) ?? DAY;
}

/** The most points a chosen interval may make. */
const MOST_POINTS = 1_500;

/** Intervals that may be chosen for a range. */
export function possibleIntervals(rangeMs: number): readonly number[] {
  return STEPS.filter((step) => rangeMs / step <= MOST_POINTS && step * 3 <= rangeMs);
}

/** As requests spell it: `20s`, `5m`, `1h`, `1d`. */
export function intervalText(ms: number): string {
  if (ms % DAY === 0) return `${ms / DAY}d`;
  if (ms % HOUR === 0) return `${ms / HOUR}h`;
  if (ms % MINUTE === 0) return `${ms / MINUTE}m`;
  return `${ms / 1000}s`;
}

/** Reads `20s` and so on; undefined for anything else. */
export function parseInterval(text: string | undefined): number | undefined {
  const found = /^(\d{1,6})([smhd])$/.exec(text ?? '');
  if (found === null) return undefined;
  const unit = { s: 1000, m: MINUTE, h: HOUR, d: DAY }[found[2]!]!;
  return Number(found[1]) * unit || undefined;
}

type Point = Extract<SpansAggregateValue, readonly unknown[]>[number];

/** Points of one compute; none where it was not asked for over time. */
export function pointsOf(value: SpansAggregateValue | undefined): readonly Point[] {
  return Array.isArray(value) ? value : [];
}

/**
 * The beginnings of all intervals that the range touches, ms. Answers leave out intervals without spans, so the grid is
 * taken from an interval that is there: where whole hours begin depends on the zone.
 */
export function timeGrid(
  range: { readonly fromMs: number; readonly toMs: number },
  intervalMs: number,
  series: readonly (readonly Point[])[],
): readonly number[] {
  const some = series.find((points) => points.length > 0)?.[0];
  const anchor = some === undefined ? 0 : Date.parse(some.time);
  const first = anchor + Math.floor((range.fromMs - anchor) / intervalMs) * intervalMs;
  const count = Math.max(1, Math.ceil((range.toMs - first) / intervalMs));
  return Array.from({ length: Math.min(count, 5_000) }, (_, i) => first + i * intervalMs);
}

/** Values on the grid; intervals without spans get `absent`. */
export function onGrid(
  grid: readonly number[],
  points: readonly Point[],
  absent: number | null,
): (number | null)[] {
  const intervalMs = (grid[1] ?? grid[0]! + 1) - grid[0]!;
  const values: (number | null)[] = grid.map(() => absent);
  for (const { time, value } of points) {
    const index = Math.round((Date.parse(time) - grid[0]!) / intervalMs);
    if (index >= 0 && index < values.length) values[index] = value ?? absent;
  }
  return values;
}
