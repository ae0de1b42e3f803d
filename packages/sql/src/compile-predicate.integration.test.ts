import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Session } from 'chdb';
import * as fc from 'fast-check';
import { compileMatcher, parseQuery, type Predicate, type SpanView } from '@spanloom/query';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { compilePredicate } from './compile-predicate.ts';
import { goldenCases } from './golden.testing.ts';
import { p } from './param.ts';
import { EMBEDDED } from './render-ddl.ts';
import { aSpan, rowOf, testSchema } from './span-rows.testing.ts';
import { spanTables, type SpanTier } from './span-tables.ts';
import { identifier, type Sql, sql } from './sql.ts';

const TIERS: readonly SpanTier[] = ['live', 'kept'];
const NOW = 1_727_177_200_000_000_000n;

let folder: string;
let session: Session;
let sets = 0;

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'spanloom-sql-'));
  session = new Session(join(folder, 'db'));
  for (const statement of testSchema(EMBEDDED)) session.query(statement);
});

afterAll(() => {
  session.close();
  rmSync(folder, { recursive: true, force: true });
});

function run(statement: Sql, format = 'JSONCompactEachRow'): string {
  const { sql: text, params } = statement.render();
  return session.queryBind(text, params, format);
}

/** Stores the spans in both tiers and gives the number their rows carry. */
function store(spans: readonly SpanView[]): number {
  const set = ++sets;
  const rows = spans.map((span, index) => JSON.stringify(rowOf(span, set, index)));
  for (const tier of TIERS) {
    session.query(`INSERT INTO ${spanTables[tier].name} FORMAT JSONEachRow ${rows.join('\n')}`);
  }
  return set;
}

function meaning(query: string): Predicate {
  const result = parseQuery(query, { now: NOW });
  if (!result.ok) throw new Error(`${result.problem.message}: ${query}`);
  return result.query.predicate;
}

/** Indexes of the spans that the database finds. */
function found(predicate: Predicate, tier: SpanTier, set: number): readonly number[] {
  const condition = compilePredicate(predicate, tier);
  const rows = run(
    sql`SELECT toUInt32(keep_mask) FROM ${identifier(spanTables[tier])} WHERE seq = ${p.uint32(set)} AND ${condition} ORDER BY keep_mask`,
    'TSV',
  );
  return rows
    .split('\n')
    .filter((line) => line !== '')
    .map(Number);
}

test.each(goldenCases())('the database runs the golden condition of $name', ({ query }) => {
  for (const tier of TIERS) {
    expect(() => found(meaning(query), tier, 0)).not.toThrow();
  }
});

test.each([
  ['kept', '@user.id:u-1'],
  ['live', '@user.id:u-1'],
  ['kept', 'user.id:U-1'],
  ['live', '@user.id:(u-1 OR u-2)'],
  // The value may be text or a number: both indexes together.
  ['kept', '@user.id:77'],
  ['live', '@user.id:77'],
  ['kept', '@size:77'],
  ['live', 'service:Service-3'],
] as const)('indexes of the %s tier leave little to read for %s', (tier, query) => {
  const spans = Array.from({ length: 3000 }, (_, index) =>
    aSpan({
      service: `service-${index % 20}`,
      attributes: new Map([['user.id', `u-${index}`]]),
      metrics: new Map([['size', index]]),
    }),
  );
  session.query(`TRUNCATE TABLE ${spanTables[tier].name}`);
  store(spans);
  const plan = run(
    sql`EXPLAIN indexes = 1 SELECT keep_mask FROM ${identifier(spanTables[tier])} WHERE ${compilePredicate(meaning(query), tier)}`,
    'TSVRaw',
  );
  const [, read = '', all = ''] = [...plan.matchAll(/Granules: (\d+)\/(\d+)/g)].at(-1) ?? [];
  expect(Number(all)).toBeGreaterThan(10);
  expect(Number(read) / Number(all)).toBeLessThan(0.25);
});

test('parameters of every kind arrive unchanged', () => {
  const params = sql`SELECT ${p.uint64s([1n, 18_446_744_073_709_551_615n])}, ${p.strings(["a'b", 'c\\d'])}, ${p.int64(-5n)}, toString(${p.millis(1_727_177_156_250)}), toString(${p.nanos(1n)})`;
  expect(JSON.parse(run(params).replaceAll(/\d{17,}/g, '"$&"'))).toEqual([
    [1, '18446744073709551615'],
    ["a'b", 'c\\d'],
    -5,
    '2024-09-24 11:25:56.250',
    '1970-01-01 00:00:00.000000001',
  ]);
});

test.each(TIERS)('text that spells infinity is not a number (%s)', (tier) => {
  const set = store([aSpan({ attributes: new Map([['size_bytes', 'inf']]) })]);
  expect(found(meaning('@size_bytes:>4kb'), tier, set)).toEqual([]);
});

// The range function throws on the empty entry of a LowCardinality dictionary.
test.each(TIERS)('CIDR on a field that holds no address finds nothing (%s)', (tier) => {
  const set = store([aSpan()]);
  expect(found(meaning('service:a CIDR(service, 10.0.0.0/8)'), tier, set)).toEqual([]);
});

const word = fc.constantFrom(
  'a',
  'A',
  'ab',
  'b%',
  'b_',
  'é',
  'É',
  '5',
  '5.0',
  '-3',
  '',
  'a b',
  'x=y',
  'true',
  '10.1.2.3',
  '2001:db8::1',
  'Ab\nc',
  '\\',
  "'",
  '1e3',
  'inf',
  ' 7',
  '.5',
  '🐶',
);
const attributeKey = fc.constantFrom(
  'k',
  'K',
  'size_bytes',
  'wait_ms',
  'error.message',
  'http.url',
  'cold_start',
  '_inferred_span.tag_source',
);
const number = fc.constantFrom(0, 1, 5, -3, 0.5, 1000, 250, 4096, 1e21, 1e-7);
const u64 = fc.constantFrom(
  0n,
  1n,
  2n,
  0x7fff_ffff_ffff_ffffn,
  0x8000_0000_0000_0001n,
  0xffff_ffff_ffff_ffffn,
);
const span: fc.Arbitrary<SpanView> = fc.record({
  service: fc.constantFrom('checkout', 'Checkout', 'cart', ''),
  name: fc.constantFrom('http.request', 'HTTP.request', 'a'),
  resource: word,
  type: fc.constantFrom('web', 'db', ''),
  env: fc.constantFrom('prod', 'Prod', ''),
  version: word,
  kind: fc.constantFrom('unspecified', 'internal', 'server', 'client', 'producer', 'consumer'),
  error: fc.boolean(),
  duration: fc.constantFrom(0, 1, 999_999, 1_000_000, 1_000_001, 2_000_000_000),
  start: fc.constantFrom(
    0n,
    NOW - 300_000_000_000n,
    NOW - 299_999_999_999n,
    NOW,
    1_727_177_156_250_000_001n,
  ),
  traceId: fc.record({ hi: fc.constantFrom(0n, 1n, 2n), lo: u64.filter((id) => id !== 0n) }),
  spanId: u64,
  parentId: u64,
  source: fc.constantFrom('dd', 'otel', 'xray', 'other'),
  entry: fc.boolean(),
  function: fc.constantFrom('', 'resize', 'Resize'),
  region: fc.constantFrom('', 'eu-west-1'),
  httpMethod: fc.constantFrom('', 'GET', 'POST'),
  httpStatus: fc.constantFrom(0, 200, 404, 500, 65_535),
  cold: fc.boolean(),
  attributes: fc.array(fc.tuple(attributeKey, word), { maxLength: 5 }).map((all) => new Map(all)),
  metrics: fc.array(fc.tuple(attributeKey, number), { maxLength: 3 }).map((all) => new Map(all)),
});

const quoted = word.map((value) => `"${value.replaceAll(/["\\]/g, '\\$&')}"`);
const scalar = fc.oneof(
  quoted,
  fc.constantFrom(
    'a*',
    '*b*',
    '?',
    '*',
    'A?',
    'b\\%*',
    '*_',
    '-?',
    'GET',
    'prod',
    'PROD',
    'Checkout',
    'CART',
    'resize',
    '5*',
    '1e*',
  ),
);
const size = fc.constantFrom(
  '0',
  '5',
  '-3',
  '0.5',
  '1000',
  '4kb',
  '4.096kb',
  '250ms',
  '1s',
  '999999.5ns',
  '1ms',
  '1e3',
  '50%',
);
const plainSize = fc.constantFrom('0', '5', '-3', '0.5', '1000', '250', '1e3', '1e22');
const bounded = (key: fc.Arbitrary<string>, bound: fc.Arbitrary<string>): fc.Arbitrary<string> =>
  fc.oneof(
    fc
      .tuple(key, fc.constantFrom('>', '>=', '<', '<='), bound)
      .map(([k, op, b]) => `${k}:${op}${b}`),
    fc
      .tuple(
        key,
        fc.constantFrom('[', '{'),
        bound,
        fc.oneof(bound, fc.constant('*')),
        fc.constantFrom(']', '}'),
      )
      .map(([k, open, low, high, close]) => `${k}:${open}${low} TO ${high}${close}`),
  );
const textKey = fc.constantFrom(
  'service',
  'name',
  'resource_name',
  'type',
  'env',
  'version',
  '@version',
  '@service',
  'function',
  'region',
  '@http.method',
  '@k',
  'k',
  '@K',
  '@error.message',
  '@cold_start',
  '@size_bytes',
);
const regex = fc.constantFrom('^a', 'b.c', '(?i)^A', '[0-9]+', '^$', '.*', '\\.', 'a|b', '\\d\\-?');
const term = fc.oneof(
  { weight: 6, arbitrary: fc.tuple(textKey, scalar).map(([k, v]) => `${k}:${v}`) },
  {
    weight: 2,
    arbitrary: fc
      .tuple(textKey, fc.array(scalar, { minLength: 1, maxLength: 3 }))
      .map(([k, v]) => `${k}:(${v.join(' OR ')})`),
  },
  { weight: 2, arbitrary: fc.tuple(textKey, regex).map(([k, v]) => `${k}:~"${v}"`) },
  { weight: 2, arbitrary: fc.tuple(textKey, scalar).map(([k, v]) => `LOWER(${k}):${v}`) },
  {
    weight: 2,
    arbitrary: fc
      .tuple(
        textKey,
        fc.constantFrom('>', '>=', '<', '<='),
        fc.constantFrom('0', '1', '2', '1.5', '-1'),
      )
      .map(([k, op, v]) => `LEN(${k}):${op}${v}`),
  },
  {
    weight: 1,
    arbitrary: fc
      .tuple(
        textKey,
        fc.constantFrom('10.0.0.0/8', '2001:db8::/32', '10.0.0.0/8, ::/0', '10.1.2.3'),
      )
      .map(([k, v]) => `CIDR(${k}, ${v})`),
  },
  {
    weight: 2,
    arbitrary: fc
      .tuple(
        fc.constantFrom('_exists_', '_missing_'),
        fc.oneof(textKey, fc.constantFrom('kind', 'parent_id', '@http.status_code', 'trace_id')),
      )
      .map(([op, k]) => `${op}:${k}`),
  },
  { weight: 4, arbitrary: bounded(fc.constantFrom('@k', '@K', '@cold_start'), size) },
  {
    weight: 2,
    arbitrary: bounded(fc.constant('@size_bytes'), fc.constantFrom('4kb', '4kib', '5', '0')),
  },
  {
    weight: 2,
    arbitrary: bounded(fc.constant('@wait_ms'), fc.constantFrom('0.25s', '250ms', '5', '1us')),
  },
  {
    weight: 3,
    arbitrary: bounded(
      fc.constantFrom('duration', '@duration'),
      fc.constantFrom('0', '1ms', '0.9999995ms', '1.000001ms', '2s', '-1s', '400d', '999999999d'),
    ),
  },
  { weight: 2, arbitrary: bounded(fc.constant('@http.status_code'), plainSize) },
  {
    weight: 2,
    arbitrary: bounded(
      fc.constantFrom('start', 'timestamp'),
      fc.constantFrom(
        'now',
        'now-5m',
        '2024-09-24T11:25:56.250000001Z',
        '2024-09-24',
        '0',
        '1727177156250',
      ),
    ),
  },
  {
    weight: 2,
    arbitrary: fc.constantFrom(
      '@http.status_code:404',
      '@http.status_code:4*',
      '@http.status_code:(200 OR 5*)',
      '@http.status_code:~"^5"',
      'duration:1ms',
      'source:inferred',
      'source:(apm OR xray)',
      'source:*',
      'status:error',
      'status:ok',
      'kind:server',
      'kind:(client, c*)',
      '@span.kind:consumer',
      'root:true',
      'root:false',
      'entry:true',
      'cold_start:true',
      '@cold_start:false',
      'parent_id:1',
      'span_id:ffffffffffffffff',
    ),
  },
  {
    weight: 2,
    arbitrary: fc.constantFrom(
      'trace_id:1',
      'trace_id:9223372036854775809',
      'trace_id:00000000000000017fffffffffffffff',
      'trace_id:0000000000000001ffffffffffffffff',
      'trace_id:1-00000000-000000027fffffffffffffff',
    ),
  },
  {
    weight: 3,
    arbitrary: fc.oneof(
      scalar,
      scalar.map((v) => `*:${v}`),
      fc.constantFrom('k', 'CHECK', 'http.r*t', '*:5', '*:AB'),
    ),
  },
);
const query: fc.Arbitrary<string> = fc.letrec<{ query: string }>((tie) => ({
  query: fc.oneof(
    { maxDepth: 3, withCrossShrink: true },
    term,
    fc
      .tuple(tie('query'), fc.constantFrom(' ', ' AND ', ' OR '), tie('query'))
      .map(([l, op, r]) => `(${l}${op}${r})`),
    tie('query').map((inner) => `NOT (${inner})`),
  ),
})).query;

test('the database finds the spans that the in-memory evaluation finds, on both tiers', () => {
  fc.assert(
    fc.property(
      fc.array(span, { minLength: 1, maxLength: 8 }),
      fc.array(query, { minLength: 1, maxLength: 6 }),
      (spans, queries) => {
        const set = store(spans);
        for (const text of queries) {
          const result = parseQuery(text, { now: NOW });
          if (!result.ok) continue;
          const { predicate } = result.query;
          const matches = compileMatcher(predicate);
          const expected = spans.flatMap((candidate, index) => (matches(candidate) ? [index] : []));
          for (const tier of TIERS) {
            expect({ text, tier, found: found(predicate, tier, set) }).toEqual({
              text,
              tier,
              found: expected,
            });
          }
        }
      },
    ),
    { numRuns: Number(process.env['SPANLOOM_PROPERTY_RUNS'] ?? 250) },
  );
});
