import type { EpochMillis } from '@spanloom/base';
import type { Predicate } from '@spanloom/query';
import { p, returning, sql, type SqlQuery } from '@spanloom/sql';
import { numberField, rowParser } from '../row-fields.ts';
import { everySpan } from './every-span.ts';
import type { TimeRange } from './search-spans.ts';

/** How many spans began in an interval, and how many of them X-Ray told. */
export interface SpanVolume {
  readonly from: EpochMillis;
  readonly spans: number;
  readonly xray: number;
}

/** Spans by interval, the newest first; empty ones are left out. Cost: three small columns of the range. */
export function spanVolume(
  predicate: Predicate,
  range: TimeRange,
  widthMs: number,
): SqlQuery<SpanVolume> {
  const width = p.int64(BigInt(widthMs));
  const start = p.int64(BigInt(range.from));
  return returning(
    rowParser((row): SpanVolume => ({
      from: (range.from + numberField(row, 'slot') * widthMs) as EpochMillis,
      spans: numberField(row, 'spans'),
      xray: numberField(row, 'xray'),
    })),
    sql`
      SELECT slot, count() AS spans, countIf(is_xray) AS xray
      FROM (
        ${everySpan(sql`intDiv(toUnixTimestamp64Milli(toDateTime64(ts, 3, 'UTC')) - ${start}, ${width}) AS slot, source = 'xray' AS is_xray`, predicate, range)}
      )
      GROUP BY slot
      ORDER BY slot DESC`,
  );
}
