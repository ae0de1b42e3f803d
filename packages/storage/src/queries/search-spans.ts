import { type EpochMillis, millisToNanos } from '@spanloom/base';
import type { Predicate } from '@spanloom/query';
import {
  compilePredicate,
  identifier,
  p,
  returning,
  type Sql,
  sql,
  type SqlQuery,
  type SpanTier,
  spanTables,
} from '@spanloom/sql';
import { StoredSpanRow, storedSpanColumns, type StoredSpan } from '../stored-span.ts';
import type { SearchPosition } from './search-cursor.ts';

/** A half-open range of wall-clock time. */
export interface TimeRange {
  readonly from: EpochMillis;
  readonly to: EpochMillis;
}

export interface SpanSearchQuery {
  readonly predicate: Predicate;
  readonly range: TimeRange;
  readonly order: 'newest' | 'oldest';
  /** Start behind this span. */
  readonly after: SearchPosition | undefined;
  /** Rows from each table. Those of both come together, copies included: the caller folds them. */
  readonly limit: number;
}

/**
 * Spans that match, in order of start, from both tables.
 *
 * Cost: a page of the newest reads only the granules whose `ix_ts` can hold them; an equality on an attribute is answered by
 * the attribute index of each table. A condition that matches little and has no index reads the range.
 */
export function searchSpans(search: SpanSearchQuery): SqlQuery<StoredSpan> {
  const order = direction(search.order);
  return returning(
    StoredSpanRow,
    sql`
      SELECT *
      FROM (
        ${tierPage('kept', search)}
        UNION ALL
        ${tierPage('live', search)}
      )
      ORDER BY start ${order}, span_id ${order}, jk ${order}, service ${order}, source_number ${order}, tier, seq`,
  );
}

function tierPage(tier: SpanTier, search: SpanSearchQuery): Sql {
  const order = direction(search.order);
  const name = tier === 'live' ? sql`'live'` : sql`'kept'`;
  return sql`SELECT *
        FROM (
          SELECT ${storedSpanColumns}, ${name} AS tier
          FROM ${identifier(spanTables[tier])}
          WHERE ts >= ${p.nanos(millisToNanos(search.range.from))} AND ts < ${p.nanos(millisToNanos(search.range.to))}
            AND ${behind(search)}
            AND ${compilePredicate(search.predicate, tier)}
          ORDER BY ts ${order}, span_id ${order}, jk ${order}, toString(service) ${order}, toInt8(source) ${order}
          LIMIT ${p.uint32(search.limit)}
        )`;
}

function direction(order: 'newest' | 'oldest'): Sql {
  return order === 'newest' ? sql`DESC` : sql`ASC`;
}

/** Rows behind the position, in the order asked for. The first half alone is what the index on `ts` understands. */
function behind({ after, order }: SpanSearchQuery): Sql {
  if (after === undefined) return sql`1`;
  const place = sql`(${p.nanos(after.start)}, ${p.uint64(after.spanId)}, ${p.uint64(after.joinKey)}, ${p.string(after.service)}, ${p.uint8(after.source)})`;
  const here = sql`(ts, span_id, jk, toString(service), toUInt8(source))`;
  return order === 'newest'
    ? sql`ts <= ${p.nanos(after.start)} AND ${here} < ${place}`
    : sql`ts >= ${p.nanos(after.start)} AND ${here} > ${place}`;
}
