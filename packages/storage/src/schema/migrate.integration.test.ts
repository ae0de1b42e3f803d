import { ConfigError, systemClock } from '@spanloom/base';
import { EMBEDDED, renderSchema, returning, sql } from '@spanloom/sql';
import { afterEach, beforeEach, expect, test } from 'vitest';
import type { Database } from '../database.ts';
import { openEmbeddedDatabase } from '../embedded/chdb-database.ts';
import { RETENTION, TemporaryFolder } from '../temporary.testing.ts';
import { migrate } from './migrate.ts';
import { migrations } from './all-migrations.ts';
import type { Migration } from './migration.ts';

let folder: TemporaryFolder;
let database: Database;

beforeEach(async () => {
  folder = new TemporaryFolder();
  database = await openEmbeddedDatabase({ directory: folder.path });
});

afterEach(async () => {
  await database[Symbol.asyncDispose]();
  folder[Symbol.dispose]();
});

const options = { clock: systemClock, retention: RETENTION };

async function definition(): Promise<string> {
  const rows = await database.query(
    returning(
      { parse: (row) => (row as { text: string }).text },
      sql`SELECT create_table_query AS text FROM system.tables WHERE name = 'spans_live'`,
    ),
    { tag: 'test' },
  );
  return rows[0] ?? '';
}

test('migrate() runs each migration once', async () => {
  expect(await migrate(database, options)).toEqual([1]);
  expect(await migrate(database, options)).toEqual([]);
});

test('migrate() runs a migration again that was cut short', async () => {
  const [statement = ''] = renderSchema(migrations[0]!.steps, EMBEDDED);
  await database.command(statement);
  expect(await migrate(database, options)).toEqual([1]);
});

test('migrate() applies a changed retention and leaves an unchanged one alone', async () => {
  await migrate(database, options);
  expect(await definition()).toContain('TTL toDateTime(ing) + toIntervalMinute(15) SETTINGS');
  await migrate(database, { ...options, retention: { liveMinutes: 60, keptDays: 15 } });
  expect(await definition()).toContain('TTL toDateTime(ing) + toIntervalMinute(60) SETTINGS');
});

test('migrate() refuses data of a newer version', async () => {
  await migrate(database, options);
  await expect(migrate(database, { ...options, migrations: [] })).rejects.toThrow(
    'it has seen schema change 1 (spans), which this version does not know',
  );
});

test('migrate() refuses a migration that was edited after it ran', async () => {
  await migrate(database, options);
  const edited: Migration = { ...migrations[0]!, steps: [] };
  await expect(migrate(database, { ...options, migrations: [edited] })).rejects.toThrow(
    ConfigError,
  );
});
