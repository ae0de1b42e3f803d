import { expect, test } from 'vitest';
import { exampleChanges, exampleSchema } from './example-schema.testing.ts';
import { type DdlTarget, EMBEDDED, localName, renderSchema } from './render-ddl.ts';

const CLUSTER: DdlTarget = { kind: 'cluster', cluster: 'spanloom', database: 'spanloom' };

test.each([
  ['embedded', EMBEDDED],
  ['cluster', CLUSTER],
] as const)('renderSchema() writes golden/ddl-%s.sql', async (name, target) => {
  const statements = [
    ...renderSchema(exampleSchema, target),
    ...renderSchema(exampleChanges, target),
  ];
  await expect(`${statements.join(';\n\n')};\n`).toMatchFileSnapshot(`../golden/ddl-${name}.sql`);
});

test('renderSchema() orders a cluster: local tables, distributed tables, views', () => {
  const kinds = renderSchema(exampleSchema, CLUSTER).map((statement) =>
    statement.includes('MATERIALIZED VIEW')
      ? 'view'
      : statement.includes('Distributed(')
        ? 'distributed'
        : 'local',
  );
  expect(kinds).toEqual([
    'local',
    'local',
    'local',
    'distributed',
    'distributed',
    'distributed',
    'view',
  ]);
});

test('renderSchema() quotes an operator-chosen cluster name that is not a plain one', () => {
  const [statement] = renderSchema([{ kind: 'drop-table', name: 'events' }], {
    kind: 'cluster',
    cluster: 'eu-west`1',
    database: 'spanloom',
  });
  expect(statement).toBe('DROP TABLE IF EXISTS events ON CLUSTER `eu-west\\`1` SYNC');
});

test('localName() is where the data is', () => {
  expect(localName('spans', EMBEDDED)).toBe('spans');
  expect(localName('spans', CLUSTER)).toBe('spans_local');
});
