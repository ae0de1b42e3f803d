import type { EpochNanos } from '@spanloom/base';
import { identifier, returning, sql, type SqlQuery, spanTables } from '@spanloom/sql';
import { bigintField, rowParser } from '../row-fields.ts';

const NewestRow = rowParser((row) => bigintField(row, 'newest') as EpochNanos);

/**
 * Start of the newest span, 0 when there is none. One of a replaced version counts too, until it is deleted: the question is how
 * fresh the data is. Cost: the marks of one column, `max` is known per part.
 */
export function newestSpan(): SqlQuery<EpochNanos> {
  return returning(
    NewestRow,
    sql`
      SELECT toString(toUnixTimestamp64Nano(greatest(
        (SELECT max(ts) FROM ${identifier(spanTables.kept)}),
        (SELECT max(ts) FROM ${identifier(spanTables.live)})
      ))) AS newest`,
  );
}
