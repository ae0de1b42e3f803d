import { BadRequestError } from '@spanloom/base';
import type { TimeBuckets } from '@spanloom/query';
import type { TimeRange } from '@spanloom/storage';

const UNITS: Readonly<Record<string, number>> = {
  ms: 1,
  s: 1_000,
  m: 60_000,
  min: 60_000,
  h: 3_600_000,
  d: 86_400_000,
  w: 604_800_000,
};

const [SECOND, MINUTE, HOUR, DAY] = [1_000, 60_000, 3_600_000, 86_400_000] as const;

/** Interval by length of the range, so that a chart has 60 to 360 points. */
const ROLLUPS: readonly (readonly [upToMs: number, intervalMs: number])[] = [
  [15 * MINUTE, 5 * SECOND],
  [HOUR, 20 * SECOND],
  [4 * HOUR, MINUTE],
  [DAY, 5 * MINUTE],
  [2 * DAY, 10 * MINUTE],
  [7 * DAY, 30 * MINUTE],
  [15 * DAY, HOUR],
  [30 * DAY, 2 * HOUR],
];

/** More points than a screen has columns help nobody. */
const MAX_POINTS = 1500;

/**
 * The intervals of a timeseries: as asked for, or by the length of the range. Whole hours and more begin where they begin in the
 * time zone, as it was at the start of the range.
 *
 * @throws {BadRequestError} If interval or time zone cannot be read, or there would be too many points.
 */
export function readTimeBuckets(
  interval: string | undefined,
  range: TimeRange,
  options: { readonly timezone?: string; readonly timeOffset?: number } | undefined,
): TimeBuckets {
  const length = range.to - range.from;
  const intervalMs = interval === undefined ? rollup(length) : readInterval(interval);
  const points = Math.ceil(length / intervalMs);
  if (points > MAX_POINTS) {
    throw new BadRequestError(
      `Field interval: ${interval} gives ${points} points over this range; at most ${MAX_POINTS} are answered`,
      { details: { field: 'interval' } },
    );
  }
  return { intervalMs, offsetMs: intervalMs < HOUR ? 0 : offsetOf(options, range) };
}

function rollup(length: number): number {
  const fitting = ROLLUPS.find(([upTo]) => length <= upTo);
  return fitting?.[1] ?? Math.ceil(length / 360 / DAY) * DAY;
}

function readInterval(text: string): number {
  const [, amount, unit = ''] = /^(\d+)\s*([a-z]*)$/.exec(text.trim()) ?? [];
  const factor = UNITS[unit === '' ? 'ms' : unit];
  const intervalMs = Number(amount) * (factor ?? Number.NaN);
  if (intervalMs > 0) return intervalMs;
  throw new BadRequestError(
    `Field interval: expected one such as 30s, 5m or 1h, found ${JSON.stringify(text.slice(0, 40))}`,
    { details: { field: 'interval' } },
  );
}

function offsetOf(
  options: { readonly timezone?: string; readonly timeOffset?: number } | undefined,
  range: TimeRange,
): number {
  if (options?.timeOffset !== undefined) return Math.round(options.timeOffset) * 1000;
  const zone = options?.timezone ?? 'UTC';
  if (/^(UTC|GMT)$/i.test(zone)) return 0;
  try {
    const parts = new Intl.DateTimeFormat('en', { timeZone: zone, timeZoneName: 'longOffset' });
    const name = parts.formatToParts(range.from).find(({ type }) => type === 'timeZoneName')?.value;
    const [, sign, hours = '0', minutes = '0'] = /([+-])(\d{2}):(\d{2})/.exec(name ?? '') ?? [];
    return (sign === '-' ? -1 : 1) * (Number(hours) * HOUR + Number(minutes) * MINUTE);
  } catch (error) {
    throw new BadRequestError(
      `Field options.timezone: ${JSON.stringify(zone.slice(0, 60))} is no time zone`,
      { cause: error, details: { field: 'options.timezone' } },
    );
  }
}
