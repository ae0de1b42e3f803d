import { WideColumn } from '@spanloom/model';

/** 64-bit integers of few rows as a block takes them: pairs of words, low word first. */
export function wideColumn<Row>(
  rows: readonly Row[],
  value: (row: Row) => bigint,
): Uint32Array<ArrayBuffer> {
  const column = new WideColumn();
  column.data = new Uint32Array(rows.length * 2);
  rows.forEach((row, index) => column.setBigint(index, value(row)));
  return column.data;
}
