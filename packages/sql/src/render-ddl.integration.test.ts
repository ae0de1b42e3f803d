import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Session } from 'chdb';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { exampleChanges, exampleSchema } from './example-schema.testing.ts';
import { EMBEDDED, renderSchema } from './render-ddl.ts';
import { testSchema } from './span-rows.testing.ts';

const CLUSTER = { kind: 'cluster', cluster: 'my-cluster', database: 'spanloom' } as const;

let folder: string;
let session: Session;

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'spanloom-ddl-'));
  session = new Session(join(folder, 'db'));
});

afterAll(() => {
  session.close();
  rmSync(folder, { recursive: true, force: true });
});

function rows(statement: string): string {
  return session.query(statement, 'TSV').trim();
}

test('the embedded schema runs, twice, and its view counts what is inserted', () => {
  for (const statement of [
    ...renderSchema(exampleSchema, EMBEDDED),
    ...renderSchema(exampleSchema, EMBEDDED),
  ]) {
    session.query(statement);
  }
  session.query(
    "INSERT INTO events (seq, ts, trace_lo, env) SELECT number + 1, now64(9), if(number = 0, 18446744073709551615, 1), 'prod' FROM numbers(2)",
  );
  expect(rows('SELECT env, sum(hits) FROM totals GROUP BY env')).toBe('prod\t2');
  expect(rows('SELECT jk FROM events ORDER BY seq')).toBe('9223372036854775807\n1');
});

test('the embedded changes run, twice', () => {
  for (const statement of [
    ...renderSchema(exampleChanges, EMBEDDED),
    ...renderSchema(exampleChanges, EMBEDDED),
  ]) {
    session.query(statement);
  }
  expect(
    rows(
      "SELECT name FROM system.columns WHERE table = 'events' AND database = currentDatabase() ORDER BY position",
    ),
  ).toBe('seq\nts\ntrace_lo\njk\nenv\nregion\na');
  expect(rows("SELECT count() FROM system.tables WHERE name IN ('totals_mv', 'decisions')")).toBe(
    '0',
  );
});

// An embedded engine refuses ON CLUSTER, so the cluster's statements are parsed here and run nowhere.
const CLUSTER_STATEMENTS = [
  ...renderSchema(exampleSchema, CLUSTER),
  ...renderSchema(exampleChanges, CLUSTER),
  ...testSchema(CLUSTER),
].map((statement) => ({ statement, firstLine: statement.split('\n')[0] }));

test.each(CLUSTER_STATEMENTS)('the engine parses $firstLine', ({ statement }) => {
  const parsed = session.queryBind('SELECT formatQuery({q:String})', { q: statement }, 'TSVRaw');
  expect(parsed).toContain('my-cluster');
});
