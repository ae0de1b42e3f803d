import {
  identifier,
  p,
  returning,
  sql,
  type SqlQuery,
  type SpanTier,
  spanTables,
} from '@spanloom/sql';
import { type StoredSpan, StoredSpanRow, storedSpanColumns } from '../stored-span.ts';
import type { FoundSpan } from './search-spans.ts';

/**
 * The rows at these places of one table, whole and in no order. May give others too, which agree in every part with one place
 * or another: the caller knows the ones it asked for. A row that was replaced since it was found is still given.
 *
 * Cost: the granules that `ts`, the batch number and the Bloom filter on `jk` leave; attributes are read for matching rows only.
 */
export function spansAt(tier: SpanTier, places: readonly FoundSpan[]): SqlQuery<StoredSpan> {
  const starts = places.map(({ start }) => start);
  const first = starts.reduce((least, start) => (start < least ? start : least));
  const last = starts.reduce((most, start) => (start > most ? start : most));
  return returning(
    StoredSpanRow,
    sql`
      SELECT ${storedSpanColumns}, ${p.string(tier)} AS tier
      FROM ${identifier(spanTables[tier])}
      WHERE ts >= ${p.nanos(first)} AND ts <= ${p.nanos(last)}
        AND seq IN ${p.uint64s(distinct(places.map(({ batch }) => batch)))}
        AND jk IN ${p.uint64s(distinct(places.map(({ joinKey }) => joinKey)))}
        AND span_id IN ${p.uint64s(distinct(places.map(({ spanId }) => spanId)))}`,
  );
}

function distinct(values: readonly bigint[]): readonly bigint[] {
  return [...new Set(values)];
}
