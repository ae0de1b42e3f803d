import { ConfigError, systemClock } from '@spanloom/base';
import { SpanBatch } from '@spanloom/model';
import { EMBEDDED, p, renderSchema, returning, sql } from '@spanloom/sql';
import { afterEach, beforeEach, expect, test } from 'vitest';
import type { Database } from '../database.ts';
import { openEmbeddedDatabase } from '../embedded/chdb-database.ts';
import { encodeSpanBlock } from '../native/span-block.ts';
import { appendSpans, aSpan } from '../span-batch.testing.ts';
import { SpanStore } from '../span-store.ts';
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

async function definition(table = 'spans_live'): Promise<string> {
  const rows = await database.query(
    returning(
      { parse: (row) => (row as { text: string }).text },
      sql`SELECT create_table_query AS text FROM system.tables WHERE name = ${p.string(table)}`,
    ),
    { tag: 'test' },
  );
  return rows[0] ?? '';
}

test('migrate() runs each migration once', async () => {
  expect(await migrate(database, options)).toEqual([1, 2]);
  expect(await migrate(database, options)).toEqual([]);
});

test('migrate() runs a migration again that was cut short', async () => {
  const [statement = ''] = renderSchema(migrations[0]!.steps, EMBEDDED);
  await database.command(statement);
  expect(await migrate(database, options)).toEqual([1, 2]);
});

test('migrate() opens the data of the version before, and keeps it', async () => {
  expect(await migrate(database, { ...options, migrations: migrations.slice(0, 1) })).toEqual([1]);
  const traceId = { hi: 5n, lo: 6n };
  const spans = [aSpan({ traceId, spanId: 1n }), aSpan({ traceId, spanId: 2n })];
  const block = encodeSpanBlock(appendSpans(new SpanBatch(), spans), 1);
  await using staged = await database.stage(block.bytes, 'old');
  for (const name of ['spans', 'spans_live']) {
    await database.insert({ name }, block.columns, staged, { token: name });
  }
  expect(await migrate(database, options)).toEqual([2]);
  const store = new SpanStore(database);
  expect((await store.trace(traceId, { limit: 10 })).spans).toHaveLength(2);
  expect(await store.tracesByKey([{ kind: 'request', key: 1n }], { limit: 10 })).toEqual([]);
});

test('migrate() gives keys the retention of kept spans, and outlives them with the versions of traces', async () => {
  await migrate(database, { ...options, retention: { liveMinutes: 15, keptDays: 30 } });
  expect(await definition('trace_keys')).toContain(
    'TTL toDateTime(ing) + toIntervalDay(30) SETTINGS',
  );
  expect(await definition('xray_versions')).toContain(
    'TTL toDateTime(ing) + toIntervalDay(35) SETTINGS',
  );
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
