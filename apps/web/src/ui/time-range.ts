import { formatMinute } from './format.ts';
import type { TimeZone } from './preferences.ts';

/** Both ends as the URL and the API spell them: `now`, `now-15m` or epoch milliseconds. */
export interface TimeRange {
  readonly from: string;
  readonly to: string;
}

/** Everything of the last 15 minutes, arriving while one looks. */
export const LIVE: TimeRange = { from: 'now-15m', to: 'now' };

export const presets: readonly { readonly text: string; readonly range: TimeRange }[] = [
  '5m',
  '15m',
  '30m',
  '1h',
  '4h',
  '12h',
  '1d',
  '2d',
  '7d',
  '15d',
].map((length) => ({
  text: `Past ${spaced(length)}`,
  range: { from: `now-${length}`, to: 'now' },
}));

const UNIT_MS: Readonly<Record<string, number>> = {
  s: 1e3,
  m: 60e3,
  h: 3600e3,
  d: 86_400e3,
  w: 604_800e3,
};

/** Whether the range moves with the clock. */
export function isRelative(range: TimeRange): boolean {
  return range.to === 'now' && range.from.startsWith('now-');
}

/** Milliseconds of one end; undefined when it cannot be read. */
function boundMillis(text: string, now: number): number | undefined {
  const relative = /^now(?:-(\d+(?:\.\d+)?)([smhdw]))?$/.exec(text);
  if (relative !== null) {
    return relative[1] === undefined
      ? now
      : Math.round(now - Number(relative[1]) * UNIT_MS[relative[2]!]!);
  }
  if (/^\d{1,16}$/.test(text)) return Number(text) < 1e11 ? Number(text) * 1000 : Number(text);
  const date = /^\d{4}-\d{2}-\d{2}/.test(text) ? Date.parse(text) : Number.NaN;
  return Number.isNaN(date) ? undefined : date;
}

/** The range of the URL, or `fallback` where one end is missing or makes no sense. */
export function readRange(
  from: string | undefined,
  to: string | undefined,
  fallback: TimeRange,
): TimeRange {
  if (from === undefined || boundMillis(from, 0) === undefined) return fallback;
  return { from, to: to !== undefined && boundMillis(to, 0) !== undefined ? to : 'now' };
}

/** Both ends in milliseconds, in order. */
export function rangeMillis(
  range: TimeRange,
  now: number,
): { readonly from: number; readonly to: number } {
  const a = boundMillis(range.from, now) ?? now - 900e3;
  const b = boundMillis(range.to, now) ?? now;
  return a <= b ? { from: a, to: b } : { from: b, to: a };
}

/** `Past 15 m`, or both ends. */
export function describeRange(range: TimeRange, zone: TimeZone, now = Date.now()): string {
  const relative = /^now-(\d+(?:\.\d+)?[smhdw])$/.exec(range.from);
  if (relative !== null && range.to === 'now') return `Past ${spaced(relative[1]!)}`;
  const { from, to } = rangeMillis(range, now);
  const sameDay = new Date(from).toDateString() === new Date(to).toDateString();
  const end = formatMinute(to, zone, now);
  return `${formatMinute(from, zone, now)} – ${sameDay ? end.split(' ').at(-1) : end}`;
}

/** The window before or after, fixed. */
export function stepRange(range: TimeRange, direction: -1 | 1, now: number): TimeRange {
  const { from, to } = rangeMillis(range, now);
  const shift = (to - from) * direction;
  return fixed(from + shift, to + shift);
}

/** Twice as long around the same middle, ending at the latest now. */
export function widenRange(range: TimeRange, now: number): TimeRange {
  const { from, to } = rangeMillis(range, now);
  if (isRelative(range)) return { from: `now-${compact((now - from) * 2)}`, to: 'now' };
  const half = (to - from) / 2;
  return fixed(from - half, Math.max(to, Math.min(to + half, now)));
}

function fixed(from: number, to: number): TimeRange {
  return { from: String(Math.round(from)), to: String(Math.round(to)) };
}

function compact(ms: number): string {
  for (const unit of ['d', 'h', 'm'] as const) {
    const size = UNIT_MS[unit]!;
    if (ms % size === 0) return `${ms / size}${unit}`;
  }
  return `${Math.round(ms / 1000)}s`;
}

function spaced(length: string): string {
  return length.replace(/([a-z])$/, '\u00a0$1');
}
