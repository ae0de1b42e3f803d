import { type Span, SpanBatch } from '@spanloom/model';
import { identifier, p, returning, sql } from '@spanloom/sql';
import * as fc from 'fast-check';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Database } from '../database.ts';
import { spansKept } from '../schema/tables.ts';
import { anySpan, appendSpans, aSpan } from '../span-batch.testing.ts';
import { StoredSpanRow, storedSpanColumns } from '../stored-span.ts';
import { openMigrated, TemporaryFolder } from '../temporary.testing.ts';
import { encodeSpanBlock } from './span-block.ts';

const folder = new TemporaryFolder();
let database: Database;
let batches = 0;

beforeAll(async () => {
  database = await openMigrated(folder.path);
  // Like the kept table, but in the order in which rows came and without a time to live.
  await database.command(
    `CREATE TABLE block_test AS ${spansKept.name} ENGINE = MergeTree PARTITION BY tuple() ORDER BY tuple()`,
  );
});

afterAll(async () => {
  await database[Symbol.asyncDispose]();
  folder[Symbol.dispose]();
});

async function roundTrip(batch: SpanBatch): Promise<readonly Span[]> {
  const seq = ++batches;
  const block = encodeSpanBlock(batch, seq);
  await using staged = await database.stage(block.bytes, `block-test-${seq}`);
  await database.insert({ name: 'block_test' }, block.columns, staged, { token: `${seq}` });
  const rows = await database.query(
    returning(
      StoredSpanRow,
      sql`
        SELECT ${storedSpanColumns}, 'kept' AS tier
        FROM ${identifier({ name: 'block_test' })}
        WHERE seq = ${p.uint64(BigInt(seq))}`,
    ),
    { tag: 'test', limits: { memoryBytes: 2e9, seconds: 60 } },
  );
  return rows.map(({ span }) => span);
}

function plain(span: Span): unknown {
  return {
    ...span,
    meta: { ...span.meta },
    metrics: { ...span.metrics },
    binary: { ...span.binary },
  };
}

test('encodeSpanBlock() gives a table exactly the rows of any batch', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(anySpan, { minLength: 1, maxLength: 20 }), async (spans) => {
      const batch = appendSpans(new SpanBatch(), spans);
      const expected = spans.map((_, row) => plain(batch.span(row)));
      expect((await roundTrip(batch)).map(plain)).toEqual(expected);
    }),
    { numRuns: 60 },
  );
});

test('encodeSpanBlock() leaves nothing of rows that were rolled back', async () => {
  const batch = appendSpans(new SpanBatch(), [aSpan({ spanId: 1n, meta: { a: '1' } })]);
  const mark = batch.mark();
  appendSpans(batch, [aSpan({ spanId: 2n, service: 'gone', meta: { b: '2' }, metrics: { m: 1 } })]);
  batch.rollback(mark);
  appendSpans(batch, [aSpan({ spanId: 3n, meta: { c: '3' } })]);
  const read = await roundTrip(batch);
  expect(read.map(({ spanId, meta }) => [spanId, meta])).toEqual([
    [1n, { a: '1' }],
    [3n, { c: '3' }],
  ]);
});

test.each([255, 256, 257, 65_535, 65_536, 65_537, 70_000])(
  'encodeSpanBlock() keeps %i distinct texts of one column apart',
  async (count) => {
    const batch = new SpanBatch();
    for (let i = 1; i <= count; i++) {
      const row = batch.appendRow();
      batch.resource.data[row] = batch.resource.table.internText(`r${i}`);
      batch.spanId.setNumber(row, i);
      batch.meta.appendText(batch.meta.keys.internText(`k${i}`), `v${i}`);
      batch.endRow();
    }
    const read = await roundTrip(batch);
    expect(read).toHaveLength(count);
    const wrong = read.filter(
      ({ spanId, resource, meta }) =>
        resource !== `r${spanId}` || meta[`k${spanId}`] !== `v${spanId}`,
    );
    expect(wrong).toEqual([]);
  },
);

test('encodeSpanBlock() keeps a text of 5 MB whole', async () => {
  const big = 'é'.repeat(2_500_000);
  const batch = appendSpans(new SpanBatch(), [aSpan({ meta: { stack: big, after: 'x' } })]);
  const [span] = await roundTrip(batch);
  expect(span?.meta['stack'] === big).toBe(true);
  expect(span?.meta['after']).toBe('x');
});

test('encodeSpanBlock() fills http status, method, region and cold start', async () => {
  const batch = appendSpans(new SpanBatch(), [aSpan()]);
  batch.httpStatus[0] = 503;
  batch.httpMethod.data[0] = batch.httpMethod.table.internText('PUT');
  batch.region.data[0] = batch.region.table.internText('eu-west-1');
  batch.coldStart[0] = 1;
  await roundTrip(batch);
  const row = { parse: (value: unknown) => value };
  const [found] = await database.query(
    returning(
      row,
      sql`SELECT http_status, http_method, region, cold, jk FROM block_test WHERE seq = ${p.uint64(BigInt(batches))}`,
    ),
    { tag: 'test' },
  );
  expect(found).toEqual({
    http_status: 503,
    http_method: 'PUT',
    region: 'eu-west-1',
    cold: 1,
    jk: '1',
  });
});
