import type { Table } from '@spanloom/sql';

/** Which changes of the schema this database has seen. */
export const schemaMigration: Table = {
  name: 'schema_migration',
  columns: [
    { name: 'id', type: 'UInt32' },
    { name: 'name', type: 'String' },
    /** Of the statements as they were when they ran. */
    { name: 'checksum', type: 'String' },
    { name: 'applied', type: "DateTime64(3, 'UTC')" },
  ],
  engine: { family: 'ReplacingMergeTree', version: 'applied' },
  orderBy: 'id',
};
