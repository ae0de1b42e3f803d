import type { DurationNanos, EpochMillis, EpochNanos } from '@spanloom/base';
import { type Span, SPAN_FLAGS, SpanBatch } from '@spanloom/model';
import * as fc from 'fast-check';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Database } from './database.ts';
import { encodeSpanBlock } from './native/span-block.ts';
import { appendSpans, aSpan } from './span-batch.testing.ts';
import { type ServiceMap, SpanServices } from './span-services.ts';
import { type Recounted, recount } from './span-services.testing.ts';
import { openMigrated, TemporaryFolder } from './temporary.testing.ts';

const folder = new TemporaryFolder();
const now = Date.now() - 600_000;
const range = { from: (now - 60_000) as EpochMillis, to: (now + 60_000) as EpochMillis };
let database: Database;
let services: SpanServices;
let batches = 0;
let sets = 0;

beforeAll(async () => {
  database = await openMigrated(folder.path);
  services = new SpanServices(database);
});

afterAll(async () => {
  await database[Symbol.asyncDispose]();
  folder[Symbol.dispose]();
});

async function write(spans: readonly Span[], tables: readonly string[] = ['spans_live', 'spans']) {
  const seq = ++batches;
  const block = encodeSpanBlock(appendSpans(new SpanBatch(), spans), seq);
  await using staged = await database.stage(block.bytes, `services-test-${seq}`);
  for (const name of tables) {
    await database.insert({ name }, block.columns, staged, { token: `${name}-${seq}` });
  }
}

/** Spans of an environment and traces of their own, so that each test counts its own. */
function someSpans(fields: readonly Partial<Span>[]): { env: string; spans: Span[] } {
  const set = ++sets;
  const env = `env-${set}`;
  const spans = fields.map((each, index) =>
    aSpan({
      spanId: BigInt(index + 1),
      traceId: { hi: 0n, lo: BigInt(set) },
      start: (BigInt(now) * 1_000_000n) as EpochNanos,
      received: Date.now() as EpochMillis,
      env,
      ...each,
    }),
  );
  return { env, spans };
}

async function mapOf(fields: readonly Partial<Span>[]): Promise<ServiceMap> {
  const { env, spans } = someSpans(fields);
  await write(spans);
  return services.map({ env, range });
}

const entry = { flags: SPAN_FLAGS.entry } as const;
const client = { kind: 'client', type: 'http' } as const;

/** `checkout 2/1` for a service with two requests of which one failed. */
function nodesOf({ nodes }: ServiceMap): string[] {
  return nodes
    .map(
      ({ name, type, inferred, requests, errors }) =>
        `${inferred ? '~' : ''}${name} (${type}) ${requests}/${errors}`,
    )
    .toSorted();
}

function localName(id: string): string {
  return id.slice(id.indexOf('/') + 1);
}

function callsOf({ calls }: ServiceMap): string[] {
  return calls
    .map(
      ({ from, to, requests, errors }) =>
        `${localName(from)} > ${localName(to)} ${requests}/${errors}`,
    )
    .toSorted();
}

test('a service is counted by the spans that enter it, and called by the service of their parents', async () => {
  const map = await mapOf([
    { service: 'web', ...entry, duration: 900 as DurationNanos },
    { service: 'web', parentId: 1n, ...client, duration: 500 as DurationNanos },
    { service: 'orders', parentId: 2n, ...entry, duration: 400 as DurationNanos, error: true },
    { service: 'orders', parentId: 3n, kind: 'internal', duration: 100 as DurationNanos },
    { service: 'orders', parentId: 2n, ...entry, duration: 200 as DurationNanos },
  ]);
  expect(nodesOf(map)).toEqual(['orders (service) 2/1', 'web (service) 1/0']);
  expect(callsOf(map)).toEqual(['web > orders 2/1']);
  const orders = map.nodes.find(({ name }) => name === 'orders')!;
  expect([orders.p50, orders.p95, orders.p99]).toEqual([200, 400, 400]);
  expect(orders.lastSeen).toBe(now);
  expect(map.calls[0]).toMatchObject({ p50: 200, p95: 400, p99: 400 });
  expect(map.covered).toEqual({ ...range, spans: 5 });
});

test('services of different environments never meet', async () => {
  const { env, spans } = someSpans([
    { service: 'web', ...entry },
    { service: 'orders', parentId: 1n, ...entry, env: 'elsewhere' },
  ]);
  await write(spans);
  const map = await services.map({ env: undefined, range });
  expect(map.nodes.filter((node) => node.env === env).map(({ id }) => id)).toEqual([`${env}/web`]);
  expect(map.calls.filter((call) => call.env === env || call.env === 'elsewhere')).toEqual([]);
});

test.each<[string, Partial<Span>, string]>([
  [
    'a database by its name',
    {
      type: 'sql',
      meta: { 'db.system': 'postgresql', 'db.name': 'shop', 'out.host': 'db.internal' },
    },
    '~shop (database) 1/0',
  ],
  [
    'a database by its host',
    { type: 'sql', meta: { 'db.system': 'postgresql', 'out.host': 'db.internal:5432' } },
    '~db.internal (database) 1/0',
  ],
  [
    'a database by nothing but its kind',
    { type: 'sql', meta: { 'db.system': 'PostgreSQL' } },
    '~postgresql (database) 1/0',
  ],
  [
    'a cache by its host',
    { type: 'redis', meta: { 'db.system': 'redis', 'db.name': '0', 'out.host': 'cache.internal' } },
    '~cache.internal (cache) 1/0',
  ],
  [
    'a table',
    { meta: { 'aws.service': 'DynamoDB', tablename: 'orders' } },
    '~orders (database) 1/0',
  ],
  [
    'a table as OpenTelemetry writes it',
    {
      meta: {
        'rpc.system': 'aws-api',
        'rpc.service': 'DynamoDB',
        'aws.dynamodb.table_names': '["orders"]',
      },
    },
    '~orders (database) 1/0',
  ],
  [
    'a queue of SQS',
    { kind: 'producer', meta: { 'aws.service': 'SQS', queuename: 'jobs' } },
    '~jobs (queue) 1/0',
  ],
  [
    'a topic',
    {
      kind: 'producer',
      meta: { 'messaging.system': 'kafka', 'messaging.destination.name': 'orders' },
    },
    '~orders (queue) 1/0',
  ],
  ['an event bus', { meta: { 'aws.service': 'EventBridge' } }, '~default (bus) 1/0'],
  ['a bucket', { meta: { 'aws.service': 'S3', bucketname: 'photos' } }, '~photos (storage) 1/0'],
  [
    'a function',
    { meta: { 'aws.service': 'Lambda', functionname: 'resize' } },
    '~resize (function) 1/0',
  ],
  [
    'another service of AWS',
    { meta: { 'aws.service': 'SecretsManager' } },
    '~secretsmanager (aws) 1/0',
  ],
  ['a host', { meta: { 'out.host': 'api.pay.example' } }, '~api.pay.example (external) 1/0'],
  [
    'the host of an address',
    { meta: { 'http.url': 'https://api.pay.example:8443/v1?x=1' } },
    '~api.pay.example (external) 1/0',
  ],
  [
    'all addresses that are numbers',
    { meta: { 'out.host': '10.0.0.7' } },
    '~IP targets (external) 1/0',
  ],
  [
    'a name given on purpose before any other',
    { meta: { 'peer.service': 'acme-pay', 'out.host': 'api.pay.example' } },
    '~acme-pay (external) 1/0',
  ],
  [
    "X-Ray's name of a table before its word for the service",
    {
      source: 'xray',
      meta: { 'aws.service': 'DynamoDB', 'peer.service': 'DynamoDB', tablename: 'orders' },
    },
    '~orders (database) 1/0',
  ],
])('a call that nothing stored answers names %s', async (_what, fields, expected) => {
  const map = await mapOf([
    { service: 'web', ...entry },
    { service: 'web', parentId: 1n, ...client, ...fields },
  ]);
  expect(nodesOf(map)).toEqual(['web (service) 1/0', expected].toSorted());
  expect(map.calls).toHaveLength(1);
});

test('a call that a stored service answers goes there alone, also when it is the caller itself', async () => {
  const map = await mapOf([
    { service: 'web', ...entry },
    { service: 'web', parentId: 1n, ...client, meta: { 'out.host': 'orders.internal' } },
    { service: 'orders', parentId: 2n, ...entry },
    { service: 'web', parentId: 1n, ...client, meta: { 'out.host': 'web.internal' } },
    { service: 'web', parentId: 4n, ...entry },
  ]);
  expect(nodesOf(map)).toEqual(['orders (service) 1/0', 'web (service) 2/0']);
  expect(callsOf(map)).toEqual(['web > orders 1/0']);
});

test('a call that names a service, answered or not, is one edge to it', async () => {
  const map = await mapOf([
    { service: 'web', ...entry },
    { service: 'web', parentId: 1n, ...client, meta: { 'peer.service': 'orders' } },
    { service: 'orders', parentId: 2n, ...entry },
    { service: 'web', parentId: 1n, ...client, meta: { 'peer.service': 'orders' }, error: true },
  ]);
  expect(nodesOf(map)).toEqual(['orders (service) 1/0', 'web (service) 1/0']);
  expect(callsOf(map)).toEqual(['web > orders 2/1']);
});

test('a client span below another one is a step of the same call', async () => {
  const map = await mapOf([
    { service: 'web', ...entry },
    { service: 'web', parentId: 1n, ...client, meta: { 'out.host': 'pay.example' } },
    { service: 'web', parentId: 2n, ...client, name: 'tcp.connect', meta: { 'out.host': '::1' } },
  ]);
  expect(callsOf(map)).toEqual(['web > pay.example 1/0']);
});

test('calls that a tracer gives a service of their own are that service, and not another one behind it', async () => {
  const sql = { ...client, type: 'sql', meta: { 'db.name': 'shop', '_dd.base_service': 'web' } };
  const map = await mapOf([
    { service: 'web', ...entry },
    { service: 'web-postgres', parentId: 1n, ...sql, ...entry },
  ]);
  expect(nodesOf(map)).toEqual(['web (service) 1/0', 'web-postgres (database) 1/0']);
  expect(callsOf(map)).toEqual(['web > web-postgres 1/0']);
});

test('messages go to their queue and from there to who takes them', async () => {
  const queue = { 'messaging.system': 'kafka', 'messaging.destination.name': 'orders' };
  const map = await mapOf([
    { service: 'web', ...entry },
    { service: 'web', parentId: 1n, kind: 'producer', meta: queue },
    { service: 'mail', parentId: 2n, kind: 'consumer', ...entry, meta: queue },
    { service: 'books', parentId: 2n, kind: 'consumer', ...entry, meta: queue, error: true },
  ]);
  expect(nodesOf(map)).toEqual([
    'books (service) 1/1',
    'mail (service) 1/0',
    'web (service) 1/0',
    '~orders (queue) 1/0',
  ]);
  expect(callsOf(map)).toEqual([
    'queue:orders > books 1/1',
    'queue:orders > mail 1/0',
    'web > queue:orders 1/0',
  ]);
});

test('a queue that its taker put into the trace is the queue that others name', async () => {
  const map = await mapOf([
    { service: 'web', ...entry },
    {
      service: 'web',
      parentId: 1n,
      kind: 'producer',
      meta: { 'aws.service': 'SQS', queuename: 'jobs' },
    },
    {
      service: 'web',
      parentId: 1n,
      kind: 'producer',
      meta: { 'aws.service': 'SQS', queuename: 'jobs' },
    },
    { service: 'jobs', parentId: 2n, name: 'aws.sqs', ...entry },
    { service: 'fulfil', parentId: 4n, name: 'aws.lambda', type: 'serverless', ...entry },
  ]);
  expect(nodesOf(map)).toEqual(['fulfil (function) 1/0', 'jobs (queue) 1/0', 'web (service) 1/0']);
  expect(callsOf(map)).toEqual(['jobs > fulfil 1/0', 'web > jobs 2/0']);
});

test('what X-Ray and a tracer tell of one trace counts once', async () => {
  const xray = { source: 'xray' } as const;
  const table = { 'aws.service': 'DynamoDB', tablename: 'orders' };
  const map = await mapOf([
    { ...xray, service: 'shop-api', name: 'aws.apigateway', ...entry },
    {
      ...xray,
      service: 'checkout',
      parentId: 1n,
      name: 'aws.lambda',
      type: 'serverless',
      ...entry,
    },
    { ...xray, service: 'checkout', parentId: 2n, name: 'aws.lambda.function', type: 'serverless' },
    { service: 'checkout', parentId: 3n, name: 'aws.lambda', type: 'serverless', ...entry },
    { service: 'checkout', parentId: 4n, ...client, meta: table },
    { ...xray, service: 'checkout', parentId: 3n, ...client, meta: table },
    {
      ...xray,
      service: 'DynamoDB',
      parentId: 6n,
      kind: 'internal',
      meta: { 'xray.document': 'inferred' },
    },
  ]);
  expect(nodesOf(map)).toEqual([
    'checkout (function) 1/0',
    'shop-api (apigateway) 1/0',
    '~orders (database) 1/0',
  ]);
  expect(callsOf(map)).toEqual(['checkout > database:orders 1/0', 'shop-api > checkout 1/0']);
});

test('an invocation that X-Ray tells in another trace is known by its request id', async () => {
  const invoked = { name: 'aws.lambda', type: 'serverless', meta: { request_id: 'r-1' }, ...entry };
  const { env, spans } = someSpans([
    { service: 'checkout', ...invoked },
    { service: 'checkout', ...invoked, source: 'xray', traceId: { hi: 9n, lo: 9n } },
    {
      service: 'checkout',
      ...invoked,
      source: 'xray',
      traceId: { hi: 9n, lo: 8n },
      meta: { request_id: 'r-2' },
    },
  ]);
  await write(spans);
  expect(nodesOf(await services.map({ env, range }))).toEqual(['checkout (function) 2/0']);
});

test('a caller may have begun before the range, and a span that was only received live counts as well', async () => {
  const { env, spans } = someSpans([
    { service: 'web', ...entry, start: (BigInt(range.from - 200_000) * 1_000_000n) as EpochNanos },
    { service: 'orders', parentId: 1n, ...entry },
  ]);
  await write(spans.slice(0, 1));
  await write(spans.slice(1), ['spans_live']);
  const map = await services.map({ env, range });
  expect(nodesOf(map)).toEqual(['orders (service) 1/0', 'web (service) 0/0']);
  expect(callsOf(map)).toEqual(['web > orders 1/0']);
});

test('a range with more spans than one map is made of is cut to its latest part', async () => {
  const at = (second: number): Partial<Span> => ({
    service: `s${second}`,
    ...entry,
    start: (BigInt(now + second * 1000) * 1_000_000n) as EpochNanos,
  });
  const { env, spans } = someSpans([0, 0, 10, 10, 20, 30].map(at));
  await write(spans);
  const map = await new SpanServices(database, { maxSpans: 4 }).map({ env, range });
  expect(nodesOf(map)).toEqual(['s10 (service) 2/0', 's20 (service) 1/0', 's30 (service) 1/0']);
  expect(map.covered.spans).toBe(4);
  expect(map.covered.from).toBeGreaterThan(now);
  expect(map.covered.from).toBeLessThanOrEqual(now + 10_000);
});

test('a range without a span has an empty map', async () => {
  const map = await services.map({ env: 'nowhere', range });
  expect(map).toEqual({ nodes: [], calls: [], covered: { ...range, spans: 0 }, truncated: false });
});

const anyTraces = fc.array(
  fc.record({
    trace: fc.nat(4),
    parent: fc.option(fc.nat(30), { nil: undefined }),
    service: fc.constantFrom('a', 'b', 'c', ''),
    other: fc.boolean(),
    source: fc.constantFrom('datadog', 'otlp', 'xray'),
    kind: fc.constantFrom('internal', 'server', 'client', 'producer', 'consumer'),
    type: fc.constantFrom('web', 'sql', 'redis', 'http', 'serverless'),
    entry: fc.boolean(),
    error: fc.boolean(),
    duration: fc.integer({ min: 1, max: 1000 }),
    meta: fc.record(
      {
        'peer.service': fc.constantFrom('b', 'x'),
        'db.name': fc.constantFrom('shop', 'c'),
        'out.host': fc.constantFrom('h.internal', 'a', '10.0.0.1'),
        'messaging.destination.name': fc.constantFrom('q', 'a'),
        'xray.document': fc.constantFrom('segment', 'inferred'),
        '_dd.base_service': fc.constantFrom('a', 'b'),
        request_id: fc.constantFrom('r1', 'r2', 'r3'),
      },
      { requiredKeys: [], noNullPrototype: true },
    ),
  }),
  { minLength: 1, maxLength: 30 },
);

test('any traces give the map that a plain recount of them gives', async () => {
  await fc.assert(
    fc.asyncProperty(anyTraces, async (drawn) => {
      const set = ++sets;
      const envs = [`any-${set}`, `any-${set}-b`];
      const spans = drawn.map(({ trace, parent, other, entry: enters, duration, ...rest }, index) =>
        aSpan({
          ...rest,
          traceId: { hi: 0n, lo: BigInt(set * 10 + trace) },
          spanId: BigInt(index + 1),
          parentId: parent === undefined ? undefined : BigInt(parent + 1),
          env: envs[Number(other)]!,
          flags: enters ? SPAN_FLAGS.entry : 0,
          duration: duration as DurationNanos,
          start: (BigInt(now) * 1_000_000n) as EpochNanos,
          received: Date.now() as EpochMillis,
        }),
      );
      await write(spans);
      for (const env of envs) {
        const map = await services.map({ env, range });
        expect(asRecounted(map)).toEqual(recount(spans.filter((span) => span.env === env)));
      }
    }),
    { numRuns: 25 },
  );
}, 300_000);

function asRecounted({ nodes, calls }: ServiceMap): Recounted {
  return {
    nodes: nodes
      .map(({ id, type, requests, errors, p50, p99 }) => ({ id, type, requests, errors, p50, p99 }))
      .toSorted((a, b) => (a.id < b.id ? -1 : 1)),
    calls: calls
      .map(({ from, to, requests, errors, p50, p99 }) => ({
        id: `${from} > ${to}`,
        requests,
        errors,
        p50,
        p99,
      }))
      .toSorted((a, b) => (a.id < b.id ? -1 : 1)),
  };
}
