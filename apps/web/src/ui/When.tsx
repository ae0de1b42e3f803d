import type { ReactNode } from 'react';
import { formatAge, formatInstant, formatUntil, zoneName } from './format.ts';
import { usePreferences } from './preferences.ts';

/** An instant as how long ago or ahead it is; its clock time in the zone in use and in UTC on hover. */
export function When({ at, now }: { readonly at: string; readonly now: number }): ReactNode {
  const { timeZone } = usePreferences();
  const ms = Date.parse(at);
  if (Number.isNaN(ms)) return <span className="faint">–</span>;
  return (
    <time
      dateTime={at}
      title={`${formatInstant(ms, timeZone)} ${zoneName(timeZone)}\n${new Date(ms).toISOString()}`}
    >
      {ms > now ? formatUntil(ms, now) : formatAge(ms, now)}
    </time>
  );
}
