import type { TimeZone } from './preferences.ts';
import type { TimeRange } from './time-range.ts';

const MONTHS = ['jan', 'feb', 'mar', 'apr', 'may', 'jun', 'jul', 'aug', 'sep', 'oct', 'nov', 'dec'];
const DAY_MS = 86_400e3;

interface Moment {
  readonly ms: number;
  /** How much time the text stands for: a day for a date, nothing for an instant. */
  readonly lengthMs: number;
}

/**
 * Reads what people type into the time field: `3h`, `3 hours`, `2mo`, `today`, `last month`, `Jan 1`, `1/1/2026`,
 * `Jan 1, 1:00 pm`, `13:05`, Unix seconds or milliseconds, ISO 8601, and `a - b` of any two fixed ones.
 * A day without a year is the latest such day that is not in the future. Undefined when it is none of these.
 */
export function parseTimeRange(text: string, now: number, zone: TimeZone): TimeRange | undefined {
  const input = text.trim().toLowerCase().replaceAll(/\s+/g, ' ');
  const relative = parseRelative(input.replace(/^past |^last (?=\d)/, ''));
  if (relative !== undefined) return { from: relative, to: 'now' };
  const named = parseNamed(input, now, zone);
  if (named !== undefined) return named;
  const halves = input.split(/ (?:-|–|to) /);
  if (halves.length === 2) {
    const a = parseMoment(halves[0]!, now, zone);
    const b = parseMoment(halves[1]!, now, zone);
    if (a === undefined || b === undefined) return undefined;
    return a.ms <= b.ms ? range(a.ms, b.ms + b.lengthMs) : range(b.ms, a.ms + a.lengthMs);
  }
  const only = parseMoment(input, now, zone);
  if (only === undefined) return undefined;
  return only.lengthMs > 0
    ? range(only.ms, Math.min(only.ms + only.lengthMs, now))
    : { from: String(only.ms), to: 'now' };
}

function range(from: number, to: number): TimeRange {
  return { from: String(Math.round(from)), to: String(Math.round(to)) };
}

function parseRelative(input: string): string | undefined {
  const match =
    /^(?:now-)?(\d+(?:\.\d+)?) ?(s|sec|seconds?|m|min|minutes?|h|hours?|hrs?|d|days?|w|weeks?|mo|months?)$/.exec(
      input,
    );
  if (match === null) return undefined;
  const unit = match[2]!;
  if (unit.startsWith('mo')) return `now-${Number(match[1]) * 30}d`;
  return `now-${match[1]}${unit[0]}`;
}

function parseNamed(input: string, now: number, zone: TimeZone): TimeRange | undefined {
  const [year, month, day] = dateParts(now, zone);
  switch (input) {
    case 'today':
      return range(at(year, month, day, 0, zone), now);
    case 'yesterday':
      return range(at(year, month, day - 1, 0, zone), at(year, month, day, 0, zone));
    case 'this month':
      return range(at(year, month, 1, 0, zone), now);
    case 'last month':
      return range(at(year, month - 1, 1, 0, zone), at(year, month, 1, 0, zone));
    default:
      return undefined;
  }
}

function parseMoment(input: string, now: number, zone: TimeZone): Moment | undefined {
  if (input === 'now') return { ms: now, lengthMs: 0 };
  if (/^\d{9,11}$/.test(input)) return { ms: Number(input) * 1000, lengthMs: 0 };
  if (/^\d{12,14}$/.test(input)) return { ms: Number(input), lengthMs: 0 };
  const iso =
    /^(\d{4})-(\d{2})-(\d{2})(?:[t ](\d{2}:\d{2}(?::\d{2}(?:\.\d+)?)?)(z|[+-]\d{2}:?\d{2})?)?$/.exec(
      input,
    );
  if (iso !== null) {
    const [, year, month, day, clock, offset] = iso;
    if (clock === undefined)
      return { ms: at(Number(year), Number(month) - 1, Number(day), 0, zone), lengthMs: DAY_MS };
    const suffix = offset ?? (zone === 'utc' ? 'z' : '');
    const ms = Date.parse(`${year}-${month}-${day}T${clock}${suffix}`.toUpperCase());
    return Number.isNaN(ms) ? undefined : { ms, lengthMs: 0 };
  }
  const [dayText, clockText] = splitClock(input);
  const timeOfDay = clockText === undefined ? 0 : parseClock(clockText);
  if (timeOfDay === undefined) return undefined;
  if (dayText === '' && clockText === undefined) return undefined;
  if (dayText === '') {
    const [year, month, day] = dateParts(now, zone);
    const today = at(year, month, day, timeOfDay, zone);
    return { ms: today > now ? at(year, month, day - 1, timeOfDay, zone) : today, lengthMs: 0 };
  }
  const date = parseDate(dayText);
  if (date === undefined) return undefined;
  const lengthMs = clockText === undefined ? DAY_MS : 0;
  if (date.year !== undefined)
    return { ms: at(date.year, date.month, date.day, timeOfDay, zone), lengthMs };
  const thisYear = dateParts(now, zone)[0];
  const ms = at(thisYear, date.month, date.day, timeOfDay, zone);
  return { ms: ms > now ? at(thisYear - 1, date.month, date.day, timeOfDay, zone) : ms, lengthMs };
}

function splitClock(input: string): readonly [day: string, clock: string | undefined] {
  const match =
    /^(.*?),? ?(\d{1,2}:\d{2}(?::\d{2}(?:\.\d+)?)? ?(?:am|pm)?|\d{1,2} ?(?:am|pm))$/.exec(input);
  return match === null ? [input, undefined] : [match[1]!.trim(), match[2]!];
}

function parseClock(text: string): number | undefined {
  const match = /^(\d{1,2})(?::(\d{2})(?::(\d{2}(?:\.\d+)?))?)? ?(am|pm)?$/.exec(text);
  if (match === null) return undefined;
  let hour = Number(match[1]);
  if (match[4] !== undefined) {
    if (hour < 1 || hour > 12) return undefined;
    hour = (hour % 12) + (match[4] === 'pm' ? 12 : 0);
  }
  const minute = Number(match[2] ?? 0);
  const second = Number(match[3] ?? 0);
  if (hour > 23 || minute > 59 || second >= 60) return undefined;
  return hour * 3600e3 + minute * 60e3 + Math.round(second * 1000);
}

function parseDate(
  text: string,
): { readonly year?: number; readonly month: number; readonly day: number } | undefined {
  const named = /^(?:([a-z]{3,9})\.? (\d{1,2})|(\d{1,2}) ([a-z]{3,9})\.?)(?:,? (\d{4}))?$/.exec(
    text,
  );
  if (named !== null) {
    const name = named[1] ?? named[4]!;
    const month = MONTHS.findIndex((short) => name.startsWith(short));
    return valid(named[5], month, Number(named[2] ?? named[3]));
  }
  const numeric = /^(\d{1,2})[/-](\d{1,2})(?:[/-](\d{4}))?$/.exec(text);
  return numeric === null
    ? undefined
    : valid(numeric[3], Number(numeric[1]) - 1, Number(numeric[2]));
}

function valid(year: string | undefined, month: number, day: number): ReturnType<typeof parseDate> {
  if (month < 0 || month > 11 || day < 1 || day > 31) return undefined;
  return { month, day, ...(year !== undefined && { year: Number(year) }) };
}

function at(year: number, month: number, day: number, timeOfDayMs: number, zone: TimeZone): number {
  if (zone === 'utc') return Date.UTC(year, month, day) + timeOfDayMs;
  // Hour by hour rather than added, so that a day with a clock change keeps its own midnight.
  const hours = Math.floor(timeOfDayMs / 3600e3);
  return new Date(year, month, day, hours, 0, 0, timeOfDayMs - hours * 3600e3).getTime();
}

function dateParts(
  ms: number,
  zone: TimeZone,
): readonly [year: number, month: number, day: number] {
  const date = new Date(ms);
  return zone === 'utc'
    ? [date.getUTCFullYear(), date.getUTCMonth(), date.getUTCDate()]
    : [date.getFullYear(), date.getMonth(), date.getDate()];
}
