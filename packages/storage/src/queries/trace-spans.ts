import { joinKey, type TraceId } from '@spanloom/base';
import { identifier, p, returning, sql, type Sql, type SqlQuery, spanTables } from '@spanloom/sql';
import { numberField, rowParser } from '../row-fields.ts';
import { StoredSpanRow, storedSpanColumns, type StoredSpan } from '../stored-span.ts';
import { isCurrentAmong, isSupersededAmong } from './superseded.ts';

/**
 * Spans of some traces from both tables, oldest first, without versions that were replaced. A row that was copied from one
 * table to the other comes once, from the table it was copied to; the same span received twice comes twice, because only
 * assembly can tell which one is complete.
 *
 * Cost: the Bloom filter on `jk` leaves a few granules per part; 5 ms for a trace of ten in a day of spans.
 */
export function traceSpans(ids: readonly TraceId[], limit: number): SqlQuery<StoredSpan> {
  const wanted = sql`${ofTraces(ids)} AND ${isCurrentAmong(ids.map(joinKey))}`;
  return returning(
    StoredSpanRow,
    sql`
      SELECT *
      FROM (
        SELECT ${storedSpanColumns}, 'kept' AS tier
        FROM ${identifier(spanTables.kept)}
        WHERE ${wanted}
        UNION ALL
        SELECT ${storedSpanColumns}, 'live' AS tier
        FROM ${identifier(spanTables.live)}
        WHERE ${wanted} AND ${notCopied(ids)}
      )
      ORDER BY start, span_id, seq
      LIMIT ${p.uint32(limit)}`,
  );
}

/** Every stored row of one trace, replaced versions included, tier by tier, oldest first. Cost: as `traceSpans`. */
export function rawTraceRows(id: TraceId, limit: number): SqlQuery<StoredSpan> {
  const superseded = isSupersededAmong([joinKey(id)]);
  return returning(
    StoredSpanRow,
    sql`
      SELECT *
      FROM (
        SELECT ${storedSpanColumns}, 'kept' AS tier, ${superseded} AS superseded
        FROM ${identifier(spanTables.kept)}
        WHERE ${ofTraces([id])}
        UNION ALL
        SELECT ${storedSpanColumns}, 'live' AS tier, ${superseded} AS superseded
        FROM ${identifier(spanTables.live)}
        WHERE ${ofTraces([id])}
      )
      ORDER BY tier DESC, start, span_id, seq
      LIMIT ${p.uint32(limit)}`,
  );
}

const CountRow = rowParser((row) => numberField(row, 'spans'));

/** How many spans `traceSpans` would give without a limit. Cost: as that, reading ids only. */
export function traceSpanCount(ids: readonly TraceId[]): SqlQuery<number> {
  const wanted = sql`${ofTraces(ids)} AND ${isCurrentAmong(ids.map(joinKey))}`;
  return returning(
    CountRow,
    sql`
      SELECT
        (SELECT count() FROM ${identifier(spanTables.kept)} WHERE ${wanted})
        + (SELECT count() FROM ${identifier(spanTables.live)} WHERE ${wanted} AND ${notCopied(ids)}) AS spans`,
  );
}

/** Same join key, and no other high half: two traces may share 63 bits, but not if both state the rest. */
function ofTraces(ids: readonly TraceId[]): Sql {
  const sameKey = sql`jk IN ${p.uint64s(ids.map(joinKey))}`;
  const whole = ids.filter(({ hi }) => hi !== 0n);
  if (whole.length === 0) return sameKey;
  const joinKeys = p.uint64s(whole.map(joinKey));
  const highs = p.uint64s(whole.map(({ hi }) => hi));
  const open = p.uint64s(ids.filter(({ hi }) => hi === 0n).map(joinKey));
  return sql`${sameKey} AND (trace_hi = 0 OR has(arrayZip(${joinKeys}, ${highs}), (jk, trace_hi)) OR has(${open}, jk))`;
}

/** The batch number goes along when rows are copied, so it tells a copy from a second reception. */
function notCopied(ids: readonly TraceId[]): Sql {
  return sql`(seq, span_id, ts) NOT IN (
          SELECT seq, span_id, ts
          FROM ${identifier(spanTables.kept)}
          WHERE ${ofTraces(ids)}
        )`;
}
