import {
  BadRequestError,
  type DurationNanos,
  type EpochMillis,
  type EpochNanos,
  joinKey,
} from '@spanloom/base';
import type { RawTraceResponse, SpansSearchResponse, TraceResponse } from '@spanloom/contract';
import { keysOfSpan } from '@spanloom/merge';
import type { Span } from '@spanloom/model';
import { compileMatcher, type SpanView } from '@spanloom/query';
import type { AggregatedGroup, SpanAggregation } from '@spanloom/storage';
import { expect, test } from 'vitest';
import { createApi } from './create-api.ts';
import { xrayControl } from './xray-control.testing.ts';
import { LiveSpans } from './live/live-spans.ts';
import type { SpanReader, SystemReader } from './ports.ts';

const now = 1_727_177_160_000 as EpochMillis;
const traceId = { hi: 0x66f2a1c48f3b0c5en, lo: 0x9a7d4b21e6c8f013n };
const hexId = '66f2a1c48f3b0c5e9a7d4b21e6c8f013';

function span(id: number, parent: number | undefined, changes: Partial<Span> = {}): Span {
  return {
    traceId,
    spanId: BigInt(id),
    parentId: parent === undefined ? undefined : BigInt(parent),
    source: 'datadog',
    service: 'checkout',
    name: 'web.request',
    resource: 'POST /checkout',
    type: 'web',
    kind: 'server',
    env: 'prod',
    version: '43',
    functionName: '',
    start: (BigInt(now) * 1_000_000n - BigInt(id) * 1_000_000_000n) as EpochNanos,
    duration: 210_000_000 as DurationNanos,
    error: false,
    flags: 1,
    priority: 1,
    meta: { env: 'prod', 'http.method': 'POST' },
    metrics: { _sampling_priority_v1: 1 },
    binary: {},
    links: [],
    events: [],
    typed: {},
    envelope: '{"language":"nodejs"}',
    received: now,
    ...changes,
  };
}

/** A store of a few spans that answers with the same meaning as the real one. */
function memoryReader(spans: readonly Span[]): SpanReader {
  const stored = spans.map((one) => ({ span: one, tier: 'live' as const, batch: 7n }));
  return {
    traces: async (ids) => ({
      spans: spans.filter((one) => ids.some((id) => joinKey(id) === joinKey(one.traceId))),
      omitted: 0,
    }),
    tracesByKey: async (keys, { except }) =>
      spans
        .flatMap(keysOfSpan)
        .filter(({ traceId: stating }) => !except.includes(joinKey(stating)))
        .filter((stated) =>
          keys.some(({ kind, key }) => kind === stated.kind && key === stated.key),
        ),
    rawTrace: async (id) => stored.filter((one) => joinKey(one.span.traceId) === joinKey(id)),
    search: async (asked) => {
      const matches = compileMatcher(asked.query.predicate);
      const from = asked.cursor === undefined ? 0 : Number(asked.cursor);
      if (Number.isNaN(from)) throw new BadRequestError('cursor', { code: 'BAD_CURSOR' });
      const found = stored
        .filter((one) => matches(view(one.span)))
        .toSorted((a, b) => Number(b.span.start - a.span.start));
      const next = from + asked.limit;
      return {
        spans: found.slice(from, next),
        next: next < found.length ? String(next) : undefined,
      };
    },
    environments: async () => [{ env: 'prod', spans: spans.length }],
  };
}

function view(one: Span): SpanView {
  return {
    ...one,
    source: 'dd',
    parentId: one.parentId ?? 0n,
    entry: true,
    function: '',
    region: '',
    httpMethod: '',
    httpStatus: 0,
    cold: false,
    attributes: new Map(Object.entries(one.meta)),
    metrics: new Map(Object.entries(one.metrics)),
  };
}

function api(options: { spans?: Span[]; token?: string; reasons?: string[]; fail?: boolean } = {}) {
  const reported: string[] = [];
  const asked: SpanAggregation[] = [];
  const system: SystemReader = {
    system: () => Promise.reject(new Error('secret path /var/lib')),
    unreadyReasons: () => options.reasons ?? [],
    metricsText: async () => 'spanloom_spans_received_total 3\n',
  };
  const app = createApi({
    spans: memoryReader(options.spans ?? [span(2, 1), span(1, undefined)]),
    live: new LiveSpans({
      stored: { recent: async () => ({ spans: [], omitted: 0 }) },
      clock: { now: () => now },
      windowMs: 900_000,
    }),
    xray: xrayControl,
    analytics: {
      aggregate: async (wanted) => {
        asked.push(wanted);
        return { groups: [GROUP], truncated: false, approximate: true };
      },
    },
    services: {
      map: async ({ range }) => ({
        nodes: [],
        calls: [],
        covered: { ...range, spans: 0 },
        truncated: false,
      }),
    },
    system,
    clock: { now: () => now },
    token: options.token,
    reportError: (error, request) => reported.push(`${request}: ${String(error)}`),
  });
  return { app, reported, asked };
}

function search(attributes: unknown): RequestInit {
  return {
    method: 'POST',
    headers: { 'Content-Type': 'application/json' },
    body: JSON.stringify({ data: { type: 'search_request', attributes } }),
  };
}

test('a trace is found by every form of its id and comes in tree order', async () => {
  const { app } = api();
  for (const id of [hexId, '11132136462907666451', `1-66f2a1c4-${hexId.slice(8)}`]) {
    const response = await app.request(`/api/traces/${id}`);
    expect(response.status).toBe(200);
    const trace = (await response.json()) as TraceResponse;
    expect(trace.trace_id).toBe(hexId);
    expect(trace.spans.map((one) => [one.span_id, one.parent_id, one.depth])).toEqual([
      ['0000000000000001', null, 0],
      ['0000000000000002', '0000000000000001', 1],
    ]);
  }
});

test('an assembled trace carries its ids, times and sources', async () => {
  const response = await api().app.request(`/api/traces/${hexId}`);
  expect(await response.json()).toMatchObject({
    ids: {
      datadog: ['11132136462907666451'],
      xray: [],
    },
    env: 'prod',
    start_ns: '1727177158000000000',
    duration_ns: 1_210_000_000,
    complete: true,
    error: false,
    sources: { datadog: 2, xray: 0, otlp: 0, inferred: 0, other: 0 },
    services: ['checkout'],
    problems: [],
  });
});

test('raw rows tell how they arrived', async () => {
  const response = await api().app.request(`/api/traces/${hexId}/raw`);
  expect(await response.json()).toMatchObject({
    trace_id: hexId,
    spans: [
      {
        span_id: '0000000000000002',
        tier: 'live',
        batch: '7',
        priority: 1,
        flags: ['entry'],
        received_at: '2024-09-24T11:26:00.000Z',
        envelope: { language: 'nodejs' },
      },
      {},
    ],
  });
});

test('an id of no known form is a 400, an unknown trace a 404', async () => {
  const { app } = api();
  const wrong = await app.request('/api/traces/hello');
  expect(wrong.status).toBe(400);
  expect(await wrong.json()).toMatchObject({ error: { code: 'BAD_TRACE_ID' } });
  const unknown = await app.request('/api/traces/42');
  expect(unknown.status).toBe(404);
  expect(await unknown.json()).toEqual({
    error: { code: 'NOT_FOUND', message: 'No trace 42 is stored here' },
  });
});

test('a search pages newest first until there is no cursor', async () => {
  const { app } = api({ spans: [1, 2, 3].map((id) => span(id, undefined)) });
  const ids: string[] = [];
  let cursor: string | undefined;
  do {
    const page = { limit: 2, ...(cursor !== undefined && { cursor }) };
    const response = await app.request(
      '/api/v2/spans/events/search',
      search({ filter: { query: 'service:checkout', from: 'now-1h', to: 'now' }, page }),
    );
    const body = (await response.json()) as SpansSearchResponse;
    ids.push(...body.data.map((one) => one.attributes.span_id));
    cursor = body.meta.page.after;
  } while (cursor !== undefined);
  expect(ids).toEqual(['0000000000000001', '0000000000000002', '0000000000000003']);
});

test('GET asks the same question and links to the next page', async () => {
  const { app } = api({ spans: [1, 2].map((id) => span(id, undefined)) });
  const first = (await (
    await app.request('/api/v2/spans/events?page[limit]=1&filter[query]=*')
  ).json()) as SpansSearchResponse;
  expect(first.data.map((one) => one.attributes.span_id)).toEqual(['0000000000000001']);
  const second = (await (await app.request(first.links.next!)).json()) as SpansSearchResponse;
  expect(second.data.map((one) => one.attributes.span_id)).toEqual(['0000000000000002']);
  expect(second.links).toEqual({});
});

test('a field that is not supported is named, not ignored', async () => {
  const response = await api().app.request(
    '/api/v2/spans/events/search',
    search({ filter: { query: '*', indexes: ['main'] } }),
  );
  expect(response.status).toBe(400);
  expect(await response.json()).toEqual({
    error: {
      code: 'BAD_REQUEST',
      message: 'Field data.attributes.filter.indexes is not supported here',
      details: { field: 'data.attributes.filter.indexes' },
    },
  });
});

test('a wrong query says where', async () => {
  const response = await api().app.request(
    '/api/v2/spans/events/search',
    search({ filter: { query: 'env:prod @duration:>fast' } }),
  );
  expect(response.status).toBe(400);
  expect(await response.json()).toMatchObject({
    error: { code: 'BAD_QUERY', details: { start: expect.any(Number), end: expect.any(Number) } },
  });
});

test('a time that cannot be read is a 400', async () => {
  const response = await api().app.request(
    '/api/v2/spans/events/search',
    search({ filter: { from: 'last full moon' } }),
  );
  expect(await response.json()).toMatchObject({ error: { code: 'BAD_TIME' } });
});

test('with a token configured, reading needs it and health does not', async () => {
  const { app } = api({ token: 'open sesame' });
  expect((await app.request('/health')).status).toBe(200);
  expect((await app.request(`/api/traces/${hexId}`)).status).toBe(401);
  expect((await app.request('/metrics')).status).toBe(401);
  const headers = { Authorization: 'Bearer open sesame' };
  expect((await app.request(`/api/traces/${hexId}`, { headers })).status).toBe(200);
  const cookie = { Cookie: 'a=b; spanloom_token=open%20sesame' };
  expect((await app.request(`/api/traces/${hexId}`, { headers: cookie })).status).toBe(200);
});

test('a browser signs in once and then carries a cookie scripts cannot read', async () => {
  const { app } = api({ token: 'open sesame' });
  const signIn = (token: string) =>
    app.request('/api/session', {
      method: 'POST',
      headers: { 'Content-Type': 'application/json' },
      body: JSON.stringify({ token }),
    });
  expect((await signIn('guess')).status).toBe(401);
  const response = await signIn('open sesame');
  expect(response.status).toBe(204);
  const cookie = response.headers.get('set-cookie')!;
  expect(cookie).toContain('HttpOnly');
  expect(cookie).toContain('SameSite=Strict');
  const headers = { Cookie: cookie.split(';')[0]! };
  expect((await app.request(`/api/traces/${hexId}`, { headers })).status).toBe(200);
});

test('ready is 503 with its reasons until writes and reads work', async () => {
  const response = await api({ reasons: ['the database is opening'] }).app.request('/ready');
  expect(response.status).toBe(503);
  expect(await response.json()).toEqual({
    status: 'starting',
    reasons: ['the database is opening'],
  });
});

test('an unexpected error is reported here and not told to the client', async () => {
  const { app, reported } = api();
  const response = await app.request('/api/system');
  expect(response.status).toBe(500);
  expect(await response.text()).not.toContain('/var/lib');
  expect(reported).toEqual(['GET /api/system: Error: secret path /var/lib']);
});

test('a route that does not exist is a JSON 404', async () => {
  const response = await api().app.request('/api/nothing');
  expect(await response.json()).toEqual({
    error: { code: 'NO_SUCH_ROUTE', message: 'There is no GET /api/nothing' },
  });
});

test('a trace is found by the id of another that names it, and its raw rows with it', async () => {
  const host = { hi: 0n, lo: 6_153_737_369_425_722_316n };
  const xray = { hi: 0x66f2a1c48f3b0c5en, lo: 0x9a7d4b21e6c8f013n };
  const spans = [
    span(1, undefined, { traceId: host }),
    span(2, undefined, { traceId: xray, source: 'xray', meta: METADATA }),
  ];
  const { app } = api({ spans });
  for (const id of [host.lo.toString(), hexId, '1-66f2a1c4-8f3b0c5e9a7d4b21e6c8f013']) {
    const raw = (await (await app.request(`/api/traces/${id}/raw`)).json()) as RawTraceResponse;
    expect(raw.spans.map((one) => one.span_id).toSorted()).toEqual([
      '0000000000000001',
      '0000000000000002',
    ]);
  }
});

const METADATA = {
  'xray.document': 'subsegment',
  'xray.name': 'datadog-metadata',
  'xray.trace_id': '1-66f2a1c4-8f3b0c5e9a7d4b21e6c8f013',
  'xray.metadata.datadog.trace': JSON.stringify({
    'trace-id': '6153737369425722316',
    'parent-id': '1',
    'sampling-priority': 1,
  }),
};

test('X-Ray: status, a check, a round now and ranges on request', async () => {
  const { app } = api();
  const status = await app.request('/api/xray/status');
  expect(await status.json()).toEqual({ enabled: false, regions: [] });
  const unknown = await post(app, '/api/xray/check', { account: '1', region: 'eu-west-1' });
  expect(unknown.status).toBe(404);
  expect((await post(app, '/api/xray/crawl', {})).status).toBe(202);
  const queued = await post(app, '/api/xray/backfills', {
    account: '111122223333',
    region: 'eu-west-1',
    from: 'now-1d',
    to: '2024-09-24T11:00:00Z',
  });
  expect(queued.status).toBe(202);
  expect(await queued.json()).toMatchObject({
    from: '2024-09-23T11:26:00.000Z',
    to: '2024-09-24T11:00:00.000Z',
    state: 'queued',
  });
  const bad = await post(app, '/api/xray/backfills', {
    account: '1',
    region: 'r',
    from: 'soon',
    to: 'now',
  });
  expect(bad.status).toBe(400);
  const policy = await app.request('/api/xray/policy?format=cloudformation');
  expect(policy.headers.get('content-type')).toBe('application/yaml; charset=utf-8');
  expect((await app.request('/api/xray/policy?format=xml')).status).toBe(400);
});

test("another site's page changes nothing", async () => {
  const { app } = api();
  const from = (headers: Record<string, string>) =>
    app.request('/api/xray/crawl', { method: 'POST', headers: { host: 'localhost', ...headers } });
  expect((await from({ 'sec-fetch-site': 'cross-site' })).status).toBe(403);
  expect((await from({ origin: 'http://elsewhere.example' })).status).toBe(403);
  expect((await from({ origin: 'http://localhost', 'sec-fetch-site': 'same-origin' })).status).toBe(
    202,
  );
  expect((await from({})).status).toBe(202);
});

function post(app: ReturnType<typeof api>['app'], path: string, body: unknown) {
  return app.request(path, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(body),
  });
}

const GROUP: AggregatedGroup = {
  by: ['checkout'],
  values: [3, 210],
  series: [[{ time: 1_727_177_100_000, value: 3 }]],
};

const AGGREGATE = '/api/v2/spans/analytics/aggregate';

function aggregate(attributes: unknown) {
  return { data: { type: 'aggregate_request', attributes } };
}

test('an aggregation comes as buckets, a timeseries as points, with what is only approximate said', async () => {
  const { app, asked } = api();
  const response = await post(
    app,
    AGGREGATE,
    aggregate({
      compute: [
        { aggregation: 'count', type: 'timeseries', interval: '1m' },
        { aggregation: 'pc95', metric: '@duration' },
      ],
      filter: { query: 'env:prod', from: 'now-1h', to: 'now' },
      group_by: [{ facet: 'service', limit: 5, sort: { aggregation: 'count', order: 'desc' } }],
    }),
  );
  expect(response.status).toBe(200);
  expect(await response.json()).toMatchObject({
    data: [
      {
        type: 'bucket',
        attributes: {
          by: { service: 'checkout' },
          computes: { c0: [{ time: '2024-09-24T11:25:00.000Z', value: 3 }], c1: 210 },
        },
      },
    ],
    meta: { status: 'done', warnings: [{ code: 'approximate' }] },
  });
  expect(asked[0]).toMatchObject({
    range: { from: now - 3_600_000, to: now },
    computes: [{ kind: 'count' }, { kind: 'percentile', level: 0.95 }],
    groups: [{ limit: 5, order: { by: 'compute', compute: { kind: 'count' }, descending: true } }],
    series: { computes: [0], buckets: { intervalMs: 60_000, offsetMs: 0 } },
  });
});

test.each([
  [
    { compute: [{ aggregation: 'avg' }] },
    'Field compute.0.metric: avg needs a metric, such as @duration',
  ],
  [
    { compute: [{ aggregation: 'p42', metric: '@x' }] },
    'Field data.attributes.compute.0.aggregation',
  ],
  [{ group_by: [{ facet: 'a b' }] }, 'Field group_by.0.facet: "a b" is no key'],
  [
    { group_by: [{ facet: '@duration', histogram: { interval: 1, min: 0, max: 1000 } }] },
    'Field group_by.0.histogram: expected 1 to 100 intervals between min and max, found 1000',
  ],
  [
    {
      compute: [{ aggregation: 'count', type: 'timeseries', interval: '1s' }],
      filter: { from: 'now-1d' },
    },
    'Field interval: 1s gives 86400 points over this range; at most 1500 are answered',
  ],
  [
    {
      compute: [{ aggregation: 'count', type: 'timeseries' }],
      filter: { from: 'now-30d' },
      options: { timezone: 'Mars' },
    },
    'Field options.timezone: "Mars" is no time zone',
  ],
  [{ order: 1 }, 'Field data.attributes.order is not supported here'],
])('an aggregation that cannot be is refused by name: %j', async (attributes, message) => {
  const response = await post(api().app, AGGREGATE, aggregate(attributes));
  expect(response.status).toBe(400);
  const body = (await response.json()) as { error: { message: string } };
  expect(body.error.message).toContain(message);
});

test("Jaeger's interface: a trace, a search, names", async () => {
  const { app, asked } = api();
  const trace = await app.request(`/jaeger/api/traces/${hexId}`);
  expect(await trace.json()).toMatchObject({
    data: [
      {
        traceID: hexId,
        spans: [
          {
            spanID: '0000000000000001',
            operationName: 'web.request',
            references: [],
            duration: 210_000,
          },
          {
            spanID: '0000000000000002',
            references: [{ refType: 'CHILD_OF', traceID: hexId, spanID: '0000000000000001' }],
          },
        ],
        processes: { p1: { serviceName: 'checkout' } },
      },
    ],
    errors: null,
  });
  const found = await app.request('/jaeger/api/traces?service=checkout&limit=3');
  expect(((await found.json()) as { data: unknown[] }).data).toHaveLength(1);
  expect((await app.request('/jaeger/api/traces/1234')).status).toBe(404);
  const services = await app.request('/jaeger/api/services');
  expect(await services.json()).toMatchObject({ data: ['checkout'], total: 1 });
  expect(asked.at(-1)!.groups).toMatchObject([{ facet: { text: 'service' } }]);
});

test("a route of Jaeger's that is not here is a 404, not a page", async () => {
  const response = await api().app.request('/jaeger/api/metrics/calls');
  expect(response.status).toBe(404);
  expect(await response.json()).toMatchObject({ error: { code: 'NO_SUCH_ROUTE' } });
});
