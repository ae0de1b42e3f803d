import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { ConfigError, systemClock } from '@spanloom/base';
import { Kysely, sql } from 'kysely';
import { expect, onTestFinished, test } from 'vitest';
import { MetadataStore } from './metadata-store.ts';
import { sqliteDialect } from './node-sqlite.ts';
import { migrations } from './schema/all-migrations.ts';
import { migrate } from './schema/migrate.ts';
import { checksum } from './schema/migration.ts';
import type { Tables } from './tables.ts';

function temporaryFile(): string {
  const folder = mkdtempSync(join(tmpdir(), 'spanloom-metadata-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  return join(folder, 'metadata.sqlite');
}

async function openAndClose(path: string): Promise<void> {
  await (await MetadataStore.open(path, { clock: systemClock }))[Symbol.asyncDispose]();
}

test('what is committed is there after the file is opened again', async () => {
  const path = temporaryFile();
  const id = { account: '111122223333', region: 'eu-west-1' };
  {
    await using store = await MetadataStore.open(path, { clock: systemClock });
    await store.xray.saveCheckpoint(id, { sweep: 'hot', until: 5, lastRun: undefined });
  }
  await using store = await MetadataStore.open(path, { clock: systemClock });
  expect(await store.xray.checkpoints(id)).toEqual([
    { sweep: 'hot', until: 5, lastRun: undefined },
  ]);
});

test('the file is a write-ahead log that is synchronised at each commit', async () => {
  const path = temporaryFile();
  const database = new Kysely<Tables>({ dialect: sqliteDialect(path) });
  await migrate(database, systemClock);
  const pragma = async (name: string): Promise<unknown> => {
    const { rows } = await sql.raw<Record<string, unknown>>(`PRAGMA ${name}`).execute(database);
    return Object.values(rows[0]!)[0];
  };
  expect(await pragma('journal_mode')).toBe('wal');
  expect(await pragma('synchronous')).toBe(2);
  await database.destroy();
});

test('migrations run once, and are numbered from 1 without a gap', async () => {
  const database = new Kysely<Tables>({ dialect: sqliteDialect(':memory:') });
  expect(await migrate(database, systemClock)).toEqual([1, 2, 3]);
  expect(await migrate(database, systemClock)).toEqual([]);
  expect(migrations.map(({ id }) => id)).toEqual(migrations.map((_, index) => index + 1));
  await database.destroy();
});

test('a migration that fails leaves nothing behind', async () => {
  const database = new Kysely<Tables>({ dialect: sqliteDialect(':memory:') });
  const broken = { id: 1, name: 'broken', statements: ['CREATE TABLE a (b TEXT)', 'NOT SQL'] };
  await expect(migrate(database, systemClock, [broken])).rejects.toThrow('syntax error');
  const repaired = { ...broken, statements: ['CREATE TABLE a (b TEXT)'] };
  expect(await migrate(database, systemClock, [repaired])).toEqual([1]);
  await database.destroy();
});

test('checksum() of a released migration never changes', () => {
  expect(migrations.map((migration) => [migration.id, checksum(migration)])).toMatchInlineSnapshot(`
    [
      [
        1,
        "b91d8d4780615ade",
      ],
      [
        2,
        "1ae5850872729b66",
      ],
      [
        3,
        "c4850c760784a55b",
      ],
    ]
  `);
});

test('a file of a newer version is refused, and so is an edited migration', async () => {
  const path = temporaryFile();
  await openAndClose(path);
  const file = new DatabaseSync(path);
  file.exec("INSERT INTO schema_migration VALUES (99, 'later', 'x', 0)");
  await expect(openAndClose(path)).rejects.toThrow(
    'it has seen schema change 99 (later), which this version does not know',
  );
  file.exec(
    "DELETE FROM schema_migration WHERE id = 99; UPDATE schema_migration SET checksum = 'x'",
  );
  file.close();
  await expect(openAndClose(path)).rejects.toThrow('a change that has run must not be edited');
});

test('a file that cannot be opened is named', async () => {
  await expect(openAndClose('/does/not/exist/metadata.sqlite')).rejects.toThrow(ConfigError);
  await expect(openAndClose('/does/not/exist/metadata.sqlite')).rejects.toThrow(
    'Cannot open the metadata database /does/not/exist/metadata.sqlite',
  );
});
