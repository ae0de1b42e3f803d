import type { TimeZone } from './preferences.ts';

/** `999`, `12.3k`, `1.60M`. */
export function formatCount(value: number): string {
  if (!Number.isFinite(value)) return '–';
  const size = Math.abs(value);
  if (size < 1000) return String(Math.round(value));
  for (const [unit, scale] of [
    ['k', 1e3],
    ['M', 1e6],
    ['G', 1e9],
  ] as const) {
    const text = threeDigits(value / scale);
    if (Math.abs(Number(text)) < 1000 || unit === 'G') return text + unit;
  }
  return String(value);
}

/** `1 span`, `12.3k spans`. */
export function formatPlural(count: number, one: string, many = `${one}s`): string {
  return `${formatCount(count)} ${count === 1 ? one : many}`;
}

/** A share as a percentage with at most one decimal; `<0.1%` rather than a zero that is none. */
export function formatShare(part: number, whole: number): string {
  if (whole <= 0 || part <= 0) return '0%';
  const percent = (100 * part) / whole;
  if (percent < 0.1) return '<0.1%';
  if (percent >= 99.95) return part < whole ? '>99.9%' : '100%';
  return `${percent.toFixed(1)}%`;
}

/** Bytes in KiB and so on. */
export function formatBytes(bytes: number): string {
  if (bytes < 1024) return `${bytes}\u00a0B`;
  let value = bytes;
  let unit = 'B';
  for (unit of ['KiB', 'MiB', 'GiB', 'TiB']) {
    value /= 1024;
    if (value < 999.5) break;
  }
  return `${threeDigits(value)}\u00a0${unit}`;
}

function threeDigits(value: number): string {
  const size = Math.abs(value);
  if (size < 9.995) return value.toFixed(2);
  return size < 99.95 ? value.toFixed(1) : value.toFixed(0);
}

const formatters = new Map<string, Intl.DateTimeFormat>();

function formatter(zone: TimeZone, options: Intl.DateTimeFormatOptions): Intl.DateTimeFormat {
  const key = `${zone} ${JSON.stringify(options)}`;
  let found = formatters.get(key);
  if (found === undefined) {
    found = new Intl.DateTimeFormat('en-GB', {
      ...options,
      ...(zone === 'utc' && { timeZone: 'UTC' }),
    });
    formatters.set(key, found);
  }
  return found;
}

/** `11:42:07.250` */
export function formatClock(ms: number, zone: TimeZone): string {
  return formatter(zone, {
    hour: '2-digit',
    minute: '2-digit',
    second: '2-digit',
    fractionalSecondDigits: 3,
    hourCycle: 'h23',
  }).format(ms);
}

/** `17 Nov`, with the year when it is not this one. */
function formatDay(ms: number, zone: TimeZone, now = Date.now()): string {
  const sameYear = new Date(ms).getUTCFullYear() === new Date(now).getUTCFullYear();
  return formatter(zone, {
    day: 'numeric',
    month: 'short',
    ...(sameYear ? {} : { year: 'numeric' }),
  }).format(ms);
}

/** `17 Nov 11:42`, seconds where they are not zero. */
export function formatMinute(ms: number, zone: TimeZone, now = Date.now()): string {
  const seconds = Math.floor(ms / 1000) % 60 !== 0;
  const clock = formatter(zone, {
    hour: '2-digit',
    minute: '2-digit',
    ...(seconds && { second: '2-digit' }),
    hourCycle: 'h23',
  }).format(ms);
  return `${formatDay(ms, zone, now)} ${clock}`;
}

/** `17 Nov 11:42:07.250` */
export function formatInstant(ms: number, zone: TimeZone, now = Date.now()): string {
  return `${formatDay(ms, zone, now)} ${formatClock(ms, zone)}`;
}

/** `12 s ago`, `3 min ago`, `2 h ago`, `5 d ago`. */
export function formatAge(ms: number, now = Date.now()): string {
  const seconds = Math.max(0, Math.round((now - ms) / 1000));
  if (seconds < 60) return `${seconds} s ago`;
  if (seconds < 3600) return `${Math.round(seconds / 60)} min ago`;
  if (seconds < 86_400) return `${Math.round(seconds / 3600)} h ago`;
  return `${Math.round(seconds / 86_400)} d ago`;
}

/** `in 20 s`, `in 3 min`; `now` once it is past. */
export function formatUntil(ms: number, now = Date.now()): string {
  const seconds = Math.ceil((ms - now) / 1000);
  if (seconds <= 0) return 'now';
  if (seconds < 100) return `in ${seconds} s`;
  if (seconds < 5400) return `in ${Math.round(seconds / 60)} min`;
  return `in ${Math.round(seconds / 3600)} h`;
}

/** A stretch of seconds in its largest fitting unit: `48 s`, `3 min`, `2 h`, `5 d`. */
export function formatSeconds(seconds: number): string {
  if (seconds < 100) return `${Math.round(seconds)} s`;
  if (seconds < 5400) return `${Math.round(seconds / 60)} min`;
  if (seconds < 172_800) return `${Math.round(seconds / 3600)} h`;
  return `${Math.round(seconds / 86_400)} d`;
}

/** Dollars to the cent; below one to as many digits as say something. */
export function formatUsd(usd: number): string {
  if (usd === 0) return '$0';
  if (usd < 0.0001) return '<$0.0001';
  return `$${usd < 1 ? usd.toPrecision(2) : usd.toFixed(2)}`;
}

/** The name of the zone times are shown in: `Berlin`, `UTC`. */
export function zoneName(zone: TimeZone): string {
  if (zone === 'utc') return 'UTC';
  const name = Intl.DateTimeFormat().resolvedOptions().timeZone;
  return name.split('/').at(-1)?.replaceAll('_', ' ') ?? name;
}

/** Milliseconds of decimal nanoseconds since the epoch. */
export function nanosTextToMillis(ns: string): number {
  return Number(ns) / 1e6;
}
