import type { TimeZone } from '../../ui/preferences.ts';

/** What a form's two fields ask for, or what is wrong with them and in which. */
export type BackfillRange =
  | { readonly from: string; readonly to: string }
  | { readonly problem: string; readonly field: 'from' | 'to' };

/** X-Ray keeps traces for 30 days. */
const KEPT_MS = 30 * 86_400_000;

/** Reads both ends as typed in the zone in use. ISO 8601 in UTC comes out. */
export function readBackfillRange(
  from: string,
  to: string,
  zone: TimeZone,
  now: number,
): BackfillRange {
  const start = parseField(from, zone);
  const end = parseField(to, zone);
  if (start === undefined) return { problem: 'Say from when to read', field: 'from' };
  if (end === undefined) return { problem: 'Say until when to read', field: 'to' };
  if (end <= start) return { problem: 'The end has to be after the start', field: 'to' };
  if (start > now) return { problem: 'The start lies in the future', field: 'from' };
  if (end <= now - KEPT_MS) return { problem: 'X-Ray keeps traces for 30 days only', field: 'to' };
  return {
    from: new Date(Math.max(start, now - KEPT_MS)).toISOString(),
    to: new Date(Math.min(end, now)).toISOString(),
  };
}

/** An instant as a `datetime-local` field spells it. */
export function toField(ms: number, zone: TimeZone): string {
  const date = new Date(ms);
  const shifted = zone === 'utc' ? ms : ms - date.getTimezoneOffset() * 60_000;
  return new Date(shifted).toISOString().slice(0, 16);
}

function parseField(text: string, zone: TimeZone): number | undefined {
  if (!/^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}/.test(text)) return undefined;
  // Without a zone the language reads a date and time as local.
  const ms = Date.parse(zone === 'utc' ? `${text}Z` : text);
  return Number.isNaN(ms) ? undefined : ms;
}
