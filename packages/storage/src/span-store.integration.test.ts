import {
  BadRequestError,
  type DurationNanos,
  type EpochMillis,
  type EpochNanos,
  type TraceId,
} from '@spanloom/base';
import { type Span, SPAN_FLAGS, SpanBatch } from '@spanloom/model';
import { parseQuery, type Query } from '@spanloom/query';
import * as fc from 'fast-check';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Database } from './database.ts';
import { encodeSpanBlock } from './native/span-block.ts';
import { appendSpans, aSpan } from './span-batch.testing.ts';
import { SpanStore } from './span-store.ts';
import { openMigrated, TemporaryFolder } from './temporary.testing.ts';

const folder = new TemporaryFolder();
const now = Date.now();
let database: Database;
let store: SpanStore;
let batches = 0;
let sets = 0;

beforeAll(async () => {
  database = await openMigrated(folder.path);
  store = new SpanStore(database);
});

afterAll(async () => {
  await database[Symbol.asyncDispose]();
  folder[Symbol.dispose]();
});

async function write(spans: readonly Span[], tables: readonly string[] = ['spans', 'spans_live']) {
  const seq = ++batches;
  const block = encodeSpanBlock(appendSpans(new SpanBatch(), spans), seq);
  await using staged = await database.stage(block.bytes, `store-test-${seq}`);
  for (const name of tables) {
    await database.insert({ name }, block.columns, staged, { token: `${name}-${seq}` });
  }
}

/** A span of this minute. */
function recent(fields: Partial<Span> = {}): Span {
  return aSpan({
    start: (BigInt(now) * 1_000_000n) as EpochNanos,
    received: now as EpochMillis,
    ...fields,
  });
}

function query(text: string): Query {
  const parsed = parseQuery(text, { now: 0n });
  if (!parsed.ok) throw new Error(parsed.problem.message);
  return parsed.query;
}

async function spanIds(traceId: TraceId): Promise<readonly bigint[]> {
  const { spans } = await store.trace(traceId, { limit: 100 });
  return spans.map(({ spanId }) => spanId);
}

const range = { from: (now - 60_000) as EpochMillis, to: (now + 60_000) as EpochMillis };

test('trace() gives a span that is in both tables once, the kept one', async () => {
  const traceId = { hi: 0n, lo: 1001n };
  await write([recent({ traceId, spanId: 1n }), recent({ traceId, spanId: 2n, parentId: 1n })]);
  await write([recent({ traceId, spanId: 3n })], ['spans_live']);
  const { spans, omitted } = await store.trace(traceId, { limit: 100 });
  expect(spans.map(({ spanId }) => spanId)).toEqual([1n, 2n, 3n]);
  expect(omitted).toBe(0);
});

test('trace() gives both receptions of a span, so that assembly can report them', async () => {
  const traceId = { hi: 0n, lo: 1002n };
  await write([recent({ traceId })]);
  await write([recent({ traceId })]);
  expect((await store.trace(traceId, { limit: 100 })).spans).toHaveLength(2);
});

test('trace() says how many spans are beyond its limit', async () => {
  const traceId = { hi: 0n, lo: 1003n };
  await write(Array.from({ length: 7 }, (_, i) => recent({ traceId, spanId: BigInt(i + 1) })));
  const { spans, omitted } = await store.trace(traceId, { limit: 5 });
  expect(spans).toHaveLength(5);
  expect(omitted).toBe(2);
});

test('trace() finds any spelling by the low 63 bits and keeps other traces out by the high half', async () => {
  const lo = (1n << 63n) | 1004n;
  await write([
    recent({ traceId: { hi: 5n, lo }, spanId: 1n }),
    recent({ traceId: { hi: 0n, lo: 1004n }, spanId: 2n }),
    recent({ traceId: { hi: 6n, lo: 1004n }, spanId: 3n }),
  ]);
  expect(await spanIds({ hi: 0n, lo: 1004n })).toEqual([1n, 2n, 3n]);
  expect(await spanIds({ hi: 5n, lo: 1004n })).toEqual([1n, 2n]);
});

test('rawTrace() gives every row with its table and batch', async () => {
  const traceId = { hi: 0n, lo: 1005n };
  await write([recent({ traceId })]);
  const rows = await store.rawTrace(traceId, { limit: 100 });
  expect(rows.map(({ tier, batch }) => [tier, batch])).toEqual([
    ['live', BigInt(batches)],
    ['kept', BigInt(batches)],
  ]);
});

test('search() gives of several receptions the final one over a snapshot', async () => {
  const service = `set-${++sets}`;
  await write([recent({ service, flags: SPAN_FLAGS.partial, duration: 9 as DurationNanos })]);
  await write([recent({ service, duration: 5 as DurationNanos })]);
  const page = await store.search({
    query: query(`service:${service}`),
    range,
    order: 'newest',
    limit: 10,
    cursor: undefined,
  });
  expect(page.spans.map(({ span }) => span.duration)).toEqual([5]);
  expect(page.next).toBeUndefined();
});

const stamped = fc.record({
  spanId: fc.bigInt({ min: 1n, max: 4n }),
  offset: fc.integer({ min: 0, max: 3 }),
  trace: fc.bigInt({ min: 1n, max: 2n }),
  env: fc.constantFrom('prod', 'dev'),
});

test('search() pages through every matching span once and in order, whatever was received how often', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.array(stamped, { minLength: 1, maxLength: 30 }), { minLength: 1, maxLength: 4 }),
      fc.integer({ min: 1, max: 7 }),
      fc.constantFrom('newest' as const, 'oldest' as const),
      async (writes, limit, order) => {
        const service = `set-${++sets}`;
        const distinct = new Map<string, readonly bigint[]>();
        for (const [index, group] of writes.entries()) {
          const spans = group.map(({ spanId, offset, trace, env }) =>
            recent({
              service,
              env,
              spanId,
              traceId: { hi: 0n, lo: trace },
              start: (BigInt(now) * 1_000_000n + BigInt(offset)) as EpochNanos,
            }),
          );
          for (const { spanId, start, traceId } of spans) {
            distinct.set(`${start} ${spanId} ${traceId.lo}`, [start, spanId, traceId.lo]);
          }
          await write(spans, index % 2 === 0 ? ['spans', 'spans_live'] : ['spans_live']);
        }
        const expected = [...distinct.values()].toSorted((a, b) => {
          const place = a.findIndex((value, i) => value !== b[i]);
          const ascending = a[place]! < b[place]! ? -1 : 1;
          return order === 'oldest' ? ascending : -ascending;
        });
        const found: (readonly bigint[])[] = [];
        let cursor: string | undefined;
        do {
          const page = await store.search({
            query: query(`service:${service}`),
            range,
            order,
            limit,
            cursor,
          });
          expect(page.spans.length).toBeLessThanOrEqual(limit);
          found.push(...page.spans.map(({ span }) => [span.start, span.spanId, span.traceId.lo]));
          cursor = page.next;
        } while (cursor !== undefined);
        expect(found).toEqual(expected);
      },
    ),
    { numRuns: 25 },
  );
});

test('search() finds what is behind more copies of one span than a page has rows', async () => {
  const service = `set-${++sets}`;
  const early = ((BigInt(now) - 1000n) * 1_000_000n) as EpochNanos;
  // 18 rows are what a page of one span asks each table for: as many copies, and as many again.
  for (const copies of [18, 18]) {
    await write(
      Array.from({ length: copies }, () => recent({ service })),
      ['spans_live'],
    );
  }
  await write([recent({ service, spanId: 2n, start: early })], ['spans_live']);
  const search = { query: query(`service:${service}`), range, order: 'newest', limit: 1 } as const;
  const first = await store.search({ ...search, cursor: undefined });
  const second = await store.search({ ...search, cursor: first.next });
  expect([...first.spans, ...second.spans].map(({ span }) => span.spanId)).toEqual([1n, 2n]);
  expect(second.next).toBeUndefined();
});

test('search() goes on where it stood when newer spans arrive between two pages', async () => {
  const service = `set-${++sets}`;
  const at = (offset: number, spanId: bigint) =>
    recent({ service, spanId, start: (BigInt(now + offset) * 1_000_000n) as EpochNanos });
  await write([at(1, 1n), at(2, 2n), at(3, 3n)]);
  const search = { query: query(`service:${service}`), range, order: 'newest', limit: 2 } as const;
  const first = await store.search({ ...search, cursor: undefined });
  await write([at(4, 4n)]);
  const second = await store.search({ ...search, cursor: first.next });
  expect([...first.spans, ...second.spans].map(({ span }) => span.spanId)).toEqual([3n, 2n, 1n]);
});

test('search() takes its range half-open', async () => {
  const service = `set-${++sets}`;
  const at = (ms: number, spanId: bigint) =>
    recent({ service, spanId, start: (BigInt(ms) * 1_000_000n) as EpochNanos });
  await write([at(range.from, 1n), at(range.to - 1, 2n), at(range.to, 3n)]);
  const page = await store.search({
    query: query(`service:${service}`),
    range,
    order: 'oldest',
    limit: 10,
    cursor: undefined,
  });
  expect(page.spans.map(({ span }) => span.spanId)).toEqual([1n, 2n]);
});

test('search() refuses a cursor that is not ours', async () => {
  const search = { query: query(''), range, order: 'newest', limit: 2 } as const;
  for (const cursor of ['', 'abc', Buffer.from('["1","2"]').toString('base64url')]) {
    await expect(store.search({ ...search, cursor })).rejects.toThrow(BadRequestError);
  }
});

test('environments() counts copies in both tables once', async () => {
  const start = ((BigInt(now) - 600_000n) * 1_000_000n) as EpochNanos;
  await write([
    recent({ env: 'a', start, spanId: 1n }),
    recent({ env: 'b', start, spanId: 2n }),
    recent({ env: 'b', start, spanId: 3n }),
  ]);
  expect(
    await store.environments({
      from: (now - 600_001) as EpochMillis,
      to: (now - 599_000) as EpochMillis,
    }),
  ).toEqual([
    { env: 'b', spans: 2 },
    { env: 'a', spans: 1 },
  ]);
});

test('newestSpan() and tableSizes() describe what is stored', async () => {
  const start = ((BigInt(now) + 3_600_000n) * 1_000_000n) as EpochNanos;
  await write([recent({ start })]);
  expect(await store.newestSpan()).toBe(start);
  const sizes = await store.tableSizes();
  expect(sizes.map(({ table }) => table)).toEqual([
    'client_stats',
    'schema_migration',
    'spans',
    'spans_live',
    'trace_keys',
    'xray_superseded',
    'xray_versions',
  ]);
  expect(sizes[3]!.rows).toBeGreaterThan(0);
  expect(await store.brokenParts()).toEqual([]);
});

test('recent() gives the newest that match in order of arrival, and counts those left out', async () => {
  const traceId = { hi: 0n, lo: 7001n };
  const first = batches + 1;
  const at = (spanId: bigint, ageMs: number, service = 'recent'): Span =>
    recent({ traceId, spanId, service, received: (now - ageMs) as EpochMillis });
  await write([at(2n, 200), at(1n, 300), at(9n, 250, 'other')]);
  await write([at(3n, 150)]);
  await write([at(5n, 90), at(4n, 100)]);
  const search = {
    query: query('service:recent'),
    since: (now - 60_000) as EpochMillis,
    fromBatch: 0,
    beforeBatch: first + 3,
    limit: 10,
  };
  const ids = async (changes: Partial<typeof search>): Promise<unknown> => {
    const { spans, omitted } = await store.recent({ ...search, ...changes });
    return [spans.map(({ span }) => Number(span.spanId)), omitted];
  };
  expect(await ids({})).toEqual([[1, 2, 3, 4, 5], 0]);
  expect(await ids({ limit: 3 })).toEqual([[3, 4, 5], 2]);
  expect(await ids({ beforeBatch: first + 2 })).toEqual([[1, 2, 3], 0]);
  expect(await ids({ fromBatch: first + 1 })).toEqual([[3, 4, 5], 0]);
  expect(await ids({ since: (now - 160) as EpochMillis })).toEqual([[3, 4, 5], 0]);
  expect(await ids({ query: query('service:nobody') })).toEqual([[], 0]);
});
