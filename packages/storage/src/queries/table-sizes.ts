import { returning, sql, type SqlQuery } from '@spanloom/sql';
import { numberField, rowParser, textField } from '../row-fields.ts';

/** What a table takes. */
export interface TableSize {
  readonly table: string;
  readonly rows: number;
  /** Compressed, on disk. */
  readonly bytes: number;
  readonly parts: number;
  readonly brokenParts: number;
}

const TableSizeRow = rowParser((row): TableSize => ({
  table: textField(row, 'table'),
  rows: numberField(row, 'rows'),
  bytes: numberField(row, 'bytes'),
  parts: numberField(row, 'parts'),
  brokenParts: numberField(row, 'broken_parts'),
}));

/** Size of every table, and of the parts the engine set aside. Cost: none, the engine keeps this in memory. */
export function tableSizes(): SqlQuery<TableSize> {
  return returning(
    TableSizeRow,
    sql`
      SELECT
        tables.name AS table, parts.rows AS rows, parts.bytes AS bytes, parts.parts AS parts, broken.parts AS broken_parts
      FROM system.tables AS tables
      LEFT JOIN (
        SELECT table, sum(rows) AS rows, sum(bytes_on_disk) AS bytes, count() AS parts
        FROM system.parts
        WHERE active AND database = currentDatabase()
        GROUP BY table
      ) AS parts ON parts.table = tables.name
      LEFT JOIN (
        SELECT table, count() AS parts
        FROM system.detached_parts
        WHERE database = currentDatabase()
        GROUP BY table
      ) AS broken ON broken.table = tables.name
      WHERE tables.database = currentDatabase() AND tables.engine LIKE '%MergeTree'
      ORDER BY table`,
  );
}
