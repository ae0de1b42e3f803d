import { identifier, p, returning, sql, type SqlQuery } from '@spanloom/sql';
import { bigintField, numberField, rowParser } from '../row-fields.ts';

/** How many rows a table has of one batch. */
export interface BatchRows {
  readonly seq: number;
  readonly rows: number;
}

const BatchRowsRow = rowParser((row): BatchRows => ({
  seq: Number(bigintField(row, 'seq')),
  rows: numberField(row, 'rows'),
}));

/** Rows by batch number, from `first` to `last`. Cost: the granules whose `ix_seq` range touches them. */
export function batchRows(
  table: { readonly name: string },
  first: number,
  last: number,
): SqlQuery<BatchRows> {
  return returning(
    BatchRowsRow,
    sql`
      SELECT seq, count() AS rows
      FROM ${identifier(table)}
      WHERE seq >= ${p.uint64(BigInt(first))} AND seq <= ${p.uint64(BigInt(last))}
      GROUP BY seq`,
  );
}
