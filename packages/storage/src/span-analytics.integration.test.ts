import type { DurationNanos, EpochMillis, EpochNanos } from '@spanloom/base';
import { type Span, SPAN_FLAGS, SpanBatch } from '@spanloom/model';
import { type Compute, type Facet, type Grouping, parseFacet, parseQuery } from '@spanloom/query';
import * as fc from 'fast-check';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Database } from './database.ts';
import { encodeSpanBlock } from './native/span-block.ts';
import { SpanAnalytics } from './span-analytics.ts';
import { appendSpans, aSpan } from './span-batch.testing.ts';
import { openMigrated, TemporaryFolder } from './temporary.testing.ts';

const folder = new TemporaryFolder();
const now = Date.now() - 600_000;
const range = { from: (now - 60_000) as EpochMillis, to: (now + 900_000) as EpochMillis };
let database: Database;
let analytics: SpanAnalytics;
let batches = 0;

beforeAll(async () => {
  database = await openMigrated(folder.path);
  analytics = new SpanAnalytics(database);
});

afterAll(async () => {
  await database[Symbol.asyncDispose]();
  folder[Symbol.dispose]();
});

async function write(spans: readonly Span[], tables: readonly string[] = ['spans_live', 'spans']) {
  const seq = ++batches;
  const block = encodeSpanBlock(appendSpans(new SpanBatch(), spans), seq);
  await using staged = await database.stage(block.bytes, `analytics-test-${seq}`);
  for (const name of tables) {
    await database.insert({ name }, block.columns, staged, { token: `${name}-${seq}` });
  }
}

function facet(text: string): Facet {
  return parseFacet(text)!;
}

function ask(
  query: string,
  computes: readonly Compute[],
  groups: readonly Grouping[] = [],
  intervalMs?: number,
) {
  const parsed = parseQuery(query, { now: 0n });
  if (!parsed.ok) throw new Error(parsed.problem.message);
  return analytics.aggregate({
    predicate: parsed.query.predicate,
    range,
    computes,
    groups,
    ...(intervalMs !== undefined && {
      series: { computes: computes.map((_, index) => index), buckets: { intervalMs, offsetMs: 0 } },
    }),
  });
}

function by(text: string, changes: Partial<Grouping> = {}): Grouping {
  const compute: Compute = { kind: 'count' };
  return {
    facet: facet(text),
    limit: 1000,
    order: { by: 'compute', compute, descending: true },
    ...changes,
  };
}

let sets = 0;

/** Spans of a service of their own, so that each test counts its own. */
function someSpans(fields: readonly Partial<Span>[]): { query: string; spans: Span[] } {
  const version = `set-${++sets}`;
  const spans = fields.map((each, index) =>
    aSpan({
      spanId: BigInt(index + 1),
      version,
      start: (BigInt(now) * 1_000_000n) as EpochNanos,
      received: Date.now() as EpochMillis,
      ...each,
    }),
  );
  return { query: `version:${version}`, spans };
}

test('everything together, without a facet', async () => {
  const { query, spans } = someSpans([
    { duration: 100 as DurationNanos, metrics: { items: 2 } },
    { duration: 300 as DurationNanos, metrics: { items: 0.5 } },
    { duration: 200 as DurationNanos, meta: { items: '7' } },
    { duration: 400 as DurationNanos, meta: { items: 'many' } },
  ]);
  await write(spans);
  const items = facet('@items');
  const duration = facet('duration');
  const { groups } = await ask(query, [
    { kind: 'count' },
    { kind: 'count', facet: items },
    { kind: 'sum', facet: items },
    { kind: 'avg', facet: items },
    { kind: 'min', facet: items },
    { kind: 'max', facet: duration },
    { kind: 'cardinality', facet: items },
    { kind: 'percentile', facet: duration, level: 0.5 },
    { kind: 'percentile', facet: duration, level: 0.99 },
  ]);
  expect(groups).toEqual([
    { by: [], values: [4, 4, 9.5, 9.5 / 3, 0.5, 400, 4, 200, 400], series: [] },
  ]);
});

test('nothing to compute from is null, and no span is a count of 0', async () => {
  const { query, spans } = someSpans([{}]);
  await write(spans);
  const computes: Compute[] = [{ kind: 'count' }, { kind: 'avg', facet: facet('@none') }];
  expect((await ask(query, computes)).groups[0]!.values).toEqual([1, null]);
  expect((await ask('service:nobody', computes)).groups[0]!.values).toEqual([0, null]);
  expect((await ask('service:nobody', computes, [by('service')])).groups).toEqual([]);
});

test('the best groups, and within each the best of the next facet', async () => {
  const { query, spans } = someSpans([
    ...['a', 'a', 'a', 'b', 'b', 'c'].map((service) => ({ service, meta: { zone: 'north' } })),
    { service: 'a', meta: { zone: 'south' } },
    { service: 'b', meta: {} },
  ]);
  await write(spans);
  const result = await ask(
    query,
    [{ kind: 'count' }],
    [by('service', { limit: 2 }), by('@zone', { limit: 1, missing: 'nowhere', total: 'all' })],
  );
  expect(result.groups.map(({ by: keys, values }) => [...keys, values[0]])).toEqual([
    ['a', 'north', 3],
    ['a', 'all', 4],
    ['b', 'north', 2],
    ['b', 'all', 3],
  ]);
  const withZone = await ask(query, [{ kind: 'count' }], [by('@zone')]);
  expect(withZone.groups.map(({ by: keys, values }) => [...keys, values[0]])).toEqual([
    ['north', 6],
    ['south', 1],
  ]);
});

test('numbers in intervals, each under its lower end', async () => {
  const { query, spans } = someSpans(
    [5, 12, 19, 20, 99, 100, -1].map((items) => ({ metrics: { items } })),
  );
  await write(spans);
  const histogram = { interval: 10, min: 0, max: 100 };
  const { groups } = await ask(
    query,
    [{ kind: 'count' }],
    [by('@items', { histogram, order: { by: 'value', descending: false } })],
  );
  expect(groups.map(({ by: keys, values }) => [...keys, values[0]])).toEqual([
    ['0', 1],
    ['10', 2],
    ['20', 1],
    ['90', 1],
  ]);
});

test('values over time, by group; empty intervals are left out', async () => {
  const minute = Math.floor(now / 60_000) * 60_000;
  const at = (ms: number, service: string) => ({
    service,
    start: (BigInt(minute + ms) * 1_000_000n) as EpochNanos,
  });
  const { query, spans } = someSpans([at(0, 'a'), at(59_999, 'a'), at(120_000, 'a'), at(1, 'b')]);
  await write(spans);
  const { groups } = await ask(query, [{ kind: 'count' }], [by('service')], 60_000);
  expect(groups).toEqual([
    {
      by: ['a'],
      values: [3],
      series: [
        [
          { time: minute, value: 2 },
          { time: minute + 120_000, value: 1 },
        ],
      ],
    },
    { by: ['b'], values: [1], series: [[{ time: minute, value: 1 }]] },
  ]);
});

test('a note for merging counts nowhere', async () => {
  const { query, spans } = someSpans([{}, { flags: SPAN_FLAGS.note }]);
  await write(spans);
  expect((await ask(query, [{ kind: 'count' }])).groups[0]!.values).toEqual([1]);
});

test('a span counts once in both tables, once before it is kept, and only when it has ended', async () => {
  const { query, spans } = someSpans([{ service: 'a' }, { service: 'a' }]);
  await write(spans);
  await write([{ ...spans[0]!, spanId: 77n }], ['spans_live']);
  await write([{ ...spans[0]!, spanId: 78n, flags: SPAN_FLAGS.partial }], ['spans_live']);
  expect((await ask(query, [{ kind: 'count' }])).groups[0]!.values).toEqual([3]);
});

const SERVICES = ['web', 'shop', 'stock'];
const someFields = fc.record({
  service: fc.constantFrom(...SERVICES),
  error: fc.boolean(),
  kind: fc.constantFrom('server', 'client', 'internal'),
  duration: fc.nat(5_000_000).map((value) => value as DurationNanos),
  start: fc.nat(800_000).map((ms) => (BigInt(now + ms) * 1_000_000n) as EpochNanos),
  meta: fc.dictionary(fc.constantFrom('zone', 'amount'), fc.constantFrom('x', 'y', '12', '-3.5')),
  metrics: fc.dictionary(fc.constantFrom('amount', 'size'), fc.integer({ min: -50, max: 50 })),
});

const FACETS = ['service', 'status', 'kind', '@zone', '@amount', '@size', 'duration', 'env'];
const someCompute: fc.Arbitrary<Compute> = fc.oneof(
  fc.constant<Compute>({ kind: 'count' }),
  fc.record({
    kind: fc.constantFrom('cardinality', 'sum', 'avg', 'min', 'max'),
    facet: fc.constantFrom(...FACETS).map(facet),
  }),
  fc.record({
    kind: fc.constant('percentile' as const),
    facet: fc.constantFrom(...FACETS).map(facet),
    level: fc.constantFrom(0.5, 0.75, 0.95, 0.99),
  }),
);

/** What a facet is of a span, written a second time and simply. */
function textOf(span: Span, { text }: Facet): string {
  switch (text) {
    case 'service':
      return span.service;
    case 'env':
      return span.env;
    case 'kind':
      return span.kind;
    case 'status':
      return span.error ? 'error' : 'ok';
    case 'duration':
      return String(span.duration);
    default: {
      const key = text.slice(1);
      return span.meta[key] ?? (key in span.metrics ? String(span.metrics[key]) : '');
    }
  }
}

function numberOf(span: Span, wanted: Facet): number | undefined {
  const key = wanted.text.slice(1);
  const text = textOf(span, wanted);
  const number = span.metrics[key] ?? (text === '' ? Number.NaN : Number(text));
  return Number.isFinite(number) ? number : undefined;
}

function recount(spans: readonly Span[], compute: Compute): number | null {
  if (compute.kind === 'count') return spans.length;
  const { facet: wanted } = compute;
  if (compute.kind === 'cardinality') {
    return new Set(spans.map((span) => textOf(span, wanted)).filter((text) => text !== '')).size;
  }
  const numbers = spans.flatMap((span) => numberOf(span, wanted) ?? []).toSorted((a, b) => a - b);
  if (numbers.length === 0) return null;
  const sum = numbers.reduce((total, each) => total + each, 0);
  switch (compute.kind) {
    case 'sum':
      return sum;
    case 'avg':
      return sum / numbers.length;
    case 'min':
      return numbers[0]!;
    case 'max':
      return numbers.at(-1)!;
    case 'percentile':
      return null;
  }
}

test('any aggregation of any spans equals an independent recount', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(someFields, { minLength: 1, maxLength: 60 }),
      fc.array(someCompute, { minLength: 1, maxLength: 4 }),
      fc.uniqueArray(fc.constantFrom(...FACETS), { maxLength: 3 }),
      fc.nat(60),
      async (fields, computes, keys, kept) => {
        const { query, spans } = someSpans(fields);
        if (kept > 0) await write(spans.slice(0, kept));
        if (kept < spans.length) await write(spans.slice(kept), ['spans_live']);
        const { groups } = await ask(
          query,
          computes,
          keys.map((key) => by(key)),
        );
        // The rows that are in the live tier alone come once only while nothing newer is kept.
        const expected = new Map<string, Span[]>();
        for (const span of spans) {
          const values = keys.map((key) => textOf(span, facet(key)));
          if (values.includes('')) continue;
          const name = JSON.stringify(values);
          expected.set(name, [...(expected.get(name) ?? []), span]);
        }
        expect(groups.map((group) => JSON.stringify(group.by)).toSorted()).toEqual(
          [...expected.keys()].toSorted(),
        );
        for (const group of groups) {
          const members = expected.get(JSON.stringify(group.by))!;
          computes.forEach((compute, index) => {
            const value = group.values[index]!;
            if (compute.kind === 'percentile') {
              expectPercentile(value, members, compute);
              return;
            }
            const wanted = recount(members, compute);
            if (wanted === null) expect(value).toBeNull();
            else expect(value).toBeCloseTo(wanted, 6);
          });
        }
      },
    ),
    { numRuns: 60 },
  );
}, 60_000);

/** As many values are below it as its level says, give or take one. */
function expectPercentile(
  value: number | null,
  spans: readonly Span[],
  compute: Extract<Compute, { kind: 'percentile' }>,
): void {
  const numbers = spans.flatMap((span) => numberOf(span, compute.facet) ?? []);
  if (numbers.length === 0) {
    expect(value).toBeNull();
    return;
  }
  expect(numbers).toContain(value);
  const notAbove = numbers.filter((each) => each <= value!).length;
  const below = numbers.filter((each) => each < value!).length;
  expect(notAbove).toBeGreaterThanOrEqual(compute.level * numbers.length - 1e-9);
  expect(below).toBeLessThanOrEqual(compute.level * numbers.length + 1e-9);
}
