import { type DdlTarget, EMBEDDED, renderSchema } from '@spanloom/sql';
import { expect, test } from 'vitest';
import { migrations } from './all-migrations.ts';
import { checksum } from './migration.ts';
import { schemaMigration } from './migration-table.ts';

const CLUSTER: DdlTarget = { kind: 'cluster', cluster: 'main', database: 'spanloom' };

test.each(migrations)('migration $id renders to its golden statements', async (migration) => {
  const name = `../../golden/${String(migration.id).padStart(4, '0')}-${migration.name}`;
  for (const [kind, target] of [
    ['embedded', EMBEDDED],
    ['cluster', CLUSTER],
  ] as const) {
    const text = `${renderSchema(migration.steps, target).join(';\n\n')};\n`;
    await expect(text).toMatchFileSnapshot(`${name}.${kind}.sql`);
  }
});

test('the table of migrations renders for a cluster', async () => {
  const steps = [{ kind: 'create-table', table: schemaMigration }] as const;
  await expect(`${renderSchema(steps, CLUSTER).join(';\n\n')};\n`).toMatchFileSnapshot(
    '../../golden/schema-migration.cluster.sql',
  );
});

test('migrations are numbered from 1 without a gap', () => {
  expect(migrations.map(({ id }) => id)).toEqual(migrations.map((_, index) => index + 1));
});

test('checksum() of a released migration never changes', () => {
  expect(migrations.map((migration) => [migration.id, checksum(migration)])).toMatchInlineSnapshot(`
    [
      [
        1,
        "8ecaafc9242f4c4f",
      ],
      [
        2,
        "abd55fa4305640e5",
      ],
    ]
  `);
});
