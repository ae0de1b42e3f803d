import { formatClock, formatMinute } from './format.ts';
import type { TimeZone } from './preferences.ts';

const MINUTE = 60_000;
const DAY = 86_400_000;

/** A time under a chart, as exact as the length of its range makes sense. */
export function timeTick(ms: number, rangeMs: number, zone: TimeZone): string {
  const clock = formatClock(ms, zone);
  if (rangeMs <= 3 * MINUTE) return clock.slice(0, 8);
  if (rangeMs <= DAY) return clock.slice(0, 5);
  const full = formatMinute(ms, zone);
  return clock.startsWith('00:00:00') || rangeMs > 4 * DAY
    ? full.replace(/ \d\d:\d\d(?::\d\d)?$/, '')
    : full;
}
