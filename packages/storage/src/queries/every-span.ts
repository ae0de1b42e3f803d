import { millisToNanos } from '@spanloom/base';
import type { Predicate } from '@spanloom/query';
import { compilePredicate, identifier, p, type Sql, sql, spanTables } from '@spanloom/sql';
import type { TimeRange } from './search-spans.ts';
import { isCurrent } from './superseded.ts';

/** A version of a span that is still going on is not counted: its final one would count again. */
const FINISHED: Sql = sql`bitAnd(flags, 8) = 0`;

/**
 * Each matching row of a range once, for counting: what is kept, and of the live tier what has not been copied yet. Batches are
 * inserted one after another, into the live tier first, so those behind the last kept one are the ones not copied.
 *
 * @param columns What to select, the same from both tables.
 */
export function everySpan(columns: Sql, predicate: Predicate, range: TimeRange): Sql {
  const within = sql`ts >= ${p.nanos(millisToNanos(range.from))} AND ts < ${p.nanos(millisToNanos(range.to))} AND ${FINISHED} AND ${isCurrent}`;
  const kept = identifier(spanTables.kept);
  return sql`SELECT ${columns}
        FROM ${kept}
        WHERE ${within} AND ${compilePredicate(predicate, 'kept')}
        UNION ALL
        SELECT ${columns}
        FROM ${identifier(spanTables.live)}
        WHERE ${within} AND seq > (SELECT max(seq) FROM ${kept}) AND ${compilePredicate(predicate, 'live')}`;
}
