import type { EpochMillis } from '@spanloom/base';
import type { Predicate } from '@spanloom/query';
import {
  compilePredicate,
  identifier,
  p,
  returning,
  type Sql,
  sql,
  type SqlQuery,
  spanTables,
} from '@spanloom/sql';
import { numberField, rowParser } from '../row-fields.ts';
import { type FoundSpan, FoundSpanRow, foundSpanColumns } from './search-spans.ts';
import { isCurrent } from './superseded.ts';

/** Which of the spans that arrived lately are wanted. */
export interface RecentSpansQuery {
  readonly predicate: Predicate;
  /** Received at or after. */
  readonly since: EpochMillis;
  /** Batches from this one on; and only those before the other. */
  readonly fromBatch: number;
  readonly beforeBatch: number;
  readonly limit: number;
}

/**
 * Where the newest spans are that match, the latest arrival first: batches are numbered as they come, and within one the time
 * of arrival decides.
 *
 * Cost: the live tier's batch numbers and what the condition reads, from `since` on; everything else is read from the oldest
 * batch of the answer on.
 */
export function recentSpans(wanted: RecentSpansQuery): SqlQuery<FoundSpan> {
  const limit = p.uint32(wanted.limit);
  const matches = matching(wanted);
  return returning(
    FoundSpanRow,
    sql`
      SELECT 'live' AS tier, ${foundSpanColumns}
      FROM ${table}
      WHERE seq >= (
          SELECT min(seq)
          FROM (SELECT seq FROM ${table} WHERE ${matches} ORDER BY seq DESC LIMIT ${limit})
        )
        AND ${matches}
      ORDER BY seq DESC, ing DESC, ts DESC, span_id DESC
      LIMIT ${limit}`,
  );
}

const CountRow = rowParser((row) => numberField(row, 'spans'));

/** How many spans `recentSpans` would give without a limit. Cost: what the condition reads. */
export function recentSpanCount(wanted: RecentSpansQuery): SqlQuery<number> {
  return returning(CountRow, sql`SELECT count() AS spans FROM ${table} WHERE ${matching(wanted)}`);
}

const table = identifier(spanTables.live);

function matching({ predicate, since, fromBatch, beforeBatch }: RecentSpansQuery): Sql {
  return sql`seq >= ${p.uint64(BigInt(fromBatch))} AND seq < ${p.uint64(BigInt(beforeBatch))}
            AND ing >= ${p.millis(since)} AND ${compilePredicate(predicate, 'live')} AND ${isCurrent}`;
}
