import {
  BadRequestError,
  type DurationNanos,
  type EpochMillis,
  type EpochNanos,
} from '@spanloom/base';
import type { SpansSearchResponse, TraceResponse } from '@spanloom/contract';
import type { Span } from '@spanloom/model';
import { compileMatcher, type SpanView } from '@spanloom/query';
import { expect, test } from 'vitest';
import { createApi } from './create-api.ts';
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
    trace: async (id) => ({ spans: spans.filter((one) => one.traceId.lo === id.lo), omitted: 0 }),
    rawTrace: async (id) => stored.filter((one) => one.span.traceId.lo === id.lo),
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
    system,
    clock: { now: () => now },
    token: options.token,
    reportError: (error, request) => reported.push(`${request}: ${String(error)}`),
  });
  return { app, reported };
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
      xray: ['1-66f2a1c4-8f3b0c5e9a7d4b21e6c8f013'],
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
