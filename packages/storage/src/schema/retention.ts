import { spansKept, spansLive, type TableName, traceKeys, xrayVersions } from './tables.ts';

/** How long spans stay. */
export interface Retention {
  readonly liveMinutes: number;
  readonly keptDays: number;
}

export const DEFAULT_LIVE_MINUTES = 15;
export const DEFAULT_KEPT_DAYS = 15;

/**
 * A part goes when all of its rows are over, and one of kept spans may hold rows that came four days apart. A note about rows
 * must not go before them.
 */
const NOTES_OUTLIVE_DAYS = 5;

/** The time to live of each table, in the words the engine itself prints, so that a change can be told from no change. */
export function timesToLive({
  liveMinutes,
  keptDays,
}: Retention): readonly (readonly [TableName, string])[] {
  return [
    [spansLive, `toDateTime(ing) + toIntervalMinute(${liveMinutes})`],
    [spansKept, `toDateTime(ing) + toIntervalDay(${keptDays})`],
    [traceKeys, `toDateTime(ing) + toIntervalDay(${keptDays})`],
    [xrayVersions, `toDateTime(ing) + toIntervalDay(${keptDays + NOTES_OUTLIVE_DAYS})`],
  ];
}
