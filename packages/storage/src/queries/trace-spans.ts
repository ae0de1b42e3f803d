import { joinKey, type TraceId } from '@spanloom/base';
import { identifier, p, returning, sql, type Sql, type SqlQuery, spanTables } from '@spanloom/sql';
import { numberField, rowParser } from '../row-fields.ts';
import { StoredSpanRow, storedSpanColumns, type StoredSpan } from '../stored-span.ts';

/**
 * Spans of one trace from both tables, oldest first. A row that was copied from one table to the other comes once, from the
 * table it was copied to; the same span received twice comes twice, because only assembly can tell which one is complete.
 *
 * Cost: the Bloom filter on `jk` leaves a few granules per part; 5 ms for a trace of ten in a day of spans.
 */
export function traceSpans(id: TraceId, limit: number): SqlQuery<StoredSpan> {
  return returning(
    StoredSpanRow,
    sql`
      SELECT *
      FROM (
        SELECT ${storedSpanColumns}, 'kept' AS tier
        FROM ${identifier(spanTables.kept)}
        WHERE ${ofTrace(id)}
        UNION ALL
        SELECT ${storedSpanColumns}, 'live' AS tier
        FROM ${identifier(spanTables.live)}
        WHERE ${ofTrace(id)} AND ${notCopied(id)}
      )
      ORDER BY start, span_id, seq
      LIMIT ${p.uint32(limit)}`,
  );
}

/** Every stored row of one trace, tier by tier, oldest first. Cost: as `traceSpans`. */
export function rawTraceRows(id: TraceId, limit: number): SqlQuery<StoredSpan> {
  return returning(
    StoredSpanRow,
    sql`
      SELECT *
      FROM (
        SELECT ${storedSpanColumns}, 'kept' AS tier
        FROM ${identifier(spanTables.kept)}
        WHERE ${ofTrace(id)}
        UNION ALL
        SELECT ${storedSpanColumns}, 'live' AS tier
        FROM ${identifier(spanTables.live)}
        WHERE ${ofTrace(id)}
      )
      ORDER BY tier DESC, start, span_id, seq
      LIMIT ${p.uint32(limit)}`,
  );
}

const CountRow = rowParser((row) => numberField(row, 'spans'));

/** How many spans `traceSpans` would give without a limit. Cost: as that, reading ids only. */
export function traceSpanCount(id: TraceId): SqlQuery<number> {
  return returning(
    CountRow,
    sql`
      SELECT
        (SELECT count() FROM ${identifier(spanTables.kept)} WHERE ${ofTrace(id)})
        + (SELECT count() FROM ${identifier(spanTables.live)} WHERE ${ofTrace(id)} AND ${notCopied(id)}) AS spans`,
  );
}

/** Same join key, and no other high half: two traces may share 63 bits, but not if both state the rest. */
function ofTrace(id: TraceId): Sql {
  const key = sql`jk = ${p.uint64(joinKey(id))}`;
  return id.hi === 0n ? key : sql`${key} AND trace_hi IN (0, ${p.uint64(id.hi)})`;
}

/** The batch number goes along when rows are copied, so it tells a copy from a second reception. */
function notCopied(id: TraceId): Sql {
  return sql`(seq, span_id, ts) NOT IN (
          SELECT seq, span_id, ts
          FROM ${identifier(spanTables.kept)}
          WHERE ${ofTrace(id)}
        )`;
}
