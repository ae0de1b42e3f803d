import { BadRequestError, type EpochMillis } from '@spanloom/base';

const UNITS: Readonly<Record<string, number>> = {
  s: 1_000,
  m: 60_000,
  min: 60_000,
  h: 3_600_000,
  d: 86_400_000,
  w: 604_800_000,
};

/**
 * Reads one end of a time range: ISO 8601, epoch seconds or milliseconds as text, `now`, `now-15m`, `now+1h`.
 * @throws {BadRequestError} If it is none of these.
 */
export function parseTimeBound(text: string, now: EpochMillis): EpochMillis {
  const value = text.trim();
  const relative = /^now(?:\s*([+-])\s*(\d+(?:\.\d+)?)(s|m|min|h|d|w))?$/.exec(value);
  if (relative !== null) {
    const [, sign, amount, unit] = relative;
    if (sign === undefined) return now;
    const shift = Number(amount) * UNITS[unit!]!;
    return Math.round(now + (sign === '-' ? -shift : shift)) as EpochMillis;
  }
  // Seconds reach 1e11 in the year 5138; milliseconds passed it in 1973.
  if (/^\d{1,16}$/.test(value)) {
    const number = Number(value);
    return (number < 1e11 ? number * 1000 : number) as EpochMillis;
  }
  const date = /^\d{4}-\d{2}-\d{2}/.test(value) ? Date.parse(value) : Number.NaN;
  if (Number.isNaN(date)) {
    throw new BadRequestError(
      `Cannot read ${JSON.stringify(value.slice(0, 80))} as a time: expected ISO 8601, epoch milliseconds, or now-15m`,
      { code: 'BAD_TIME' },
    );
  }
  return date as EpochMillis;
}
