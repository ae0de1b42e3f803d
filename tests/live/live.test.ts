import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { pollUntil } from '../poll-until.ts';
import { SpanloomServer } from '../server-fixture.ts';
import { LiveReader } from './live-reader.ts';
import { sendSpans, spanIdOf, spanIds } from './send-spans.ts';

const dataDirectory = mkdtempSync(join(tmpdir(), 'spanloom-live-'));
let server: SpanloomServer;

beforeAll(async () => {
  server = await SpanloomServer.start({ dataDirectory });
});

afterAll(async () => {
  await server?.[Symbol.asyncDispose]();
  rmSync(dataDirectory, { recursive: true, force: true });
});

function address(path: string, params: Readonly<Record<string, string>>): string {
  return `${server.url}${path}?${new URLSearchParams(params).toString()}`;
}

async function refusal(params: Readonly<Record<string, string>>): Promise<unknown> {
  const response = await fetch(address('/api/live/spans', params));
  return [response.status, ((await response.json()) as { error: unknown }).error];
}

function open(
  params: Readonly<Record<string, string>>,
  headers?: Readonly<Record<string, string>>,
): Promise<LiveReader> {
  return LiveReader.open(address('/api/live/spans', params), headers);
}

/** Waits for a reader's spans; fails with what came if these are not all, or in another order. */
async function expectSpans(reader: LiveReader, ids: readonly string[]): Promise<void> {
  await pollUntil('the spans', 20_000, async () =>
    reader.spanIds.length >= ids.length ? true : undefined,
  ).catch(() => undefined);
  expect(reader.spanIds).toEqual(ids);
}

async function ready(reader: LiveReader): Promise<LiveReader> {
  expect(reader.status).toBe(200);
  await pollUntil('the ready event', 10_000, async () => reader.of('ready')[0]);
  return reader;
}

async function openStreams(): Promise<number> {
  const text = await (await fetch(`${server.url}/metrics`)).text();
  return Number(/^spanloom_live_streams (\d+)/m.exec(text)?.[1]);
}

/** Until the tables have what was sent. */
async function stored(service: string, count: number): Promise<void> {
  await pollUntil(`${count} spans of ${service}`, 20_000, async () => {
    const response = await fetch(
      address('/api/v2/spans/events', {
        'filter[query]': `service:${service}`,
        'page[limit]': '1000',
      }),
    );
    const { data } = (await response.json()) as { data: readonly unknown[] };
    return data.length >= count ? true : undefined;
  });
}

test('every acknowledged span that matches comes once, in the order of arrival, and the others do not', async () => {
  using reader = await ready(await open({ query: 'service:orders @customer.id:3', from: 'now' }));
  for (let first = 1000; first < 2000; first += 100) {
    await sendSpans(server.agentUrl, { service: 'orders', first, count: 100 });
    await sendSpans(server.agentUrl, { service: 'others', first: first + 50_000, count: 20 });
  }
  await expectSpans(
    reader,
    spanIds(1000, 1000).filter((_, index) => index % 10 === 3),
  );
  await sleep(1200);
  expect(reader.spanIds.length).toBe(100);
  expect(reader.of('dropped')).toEqual([]);
  expect(reader.of('span')[0]!.data).toMatchObject({
    service: 'orders',
    env: 'live',
    resource_name: 'GET /items/1003',
    custom: { operation_name: 'web.request', status: 'ok' },
  });
  expect(reader.of('rate').length).toBeGreaterThan(0);
  expect(reader.of('lag').length).toBeGreaterThan(0);
});

test('a stream begins with the newest of what is there, from memory and tables alike', async () => {
  await sendSpans(server.agentUrl, { service: 'stock', first: 3000, count: 30 });
  await stored('stock', 30);
  using first = await ready(await open({ query: 'service:stock', backfill: '10' }));
  expect(first.spanIds).toEqual(spanIds(3020, 10));
  expect(first.of('ready')[0]!.data).toEqual({ backfilled: 10 });
  // An open stream keeps nobody from leaving.
  expect(await server.end('SIGTERM')).toBe(0);
  await pollUntil('the end of the stream', 5000, async () => (first.ended ? true : undefined));
  server = await SpanloomServer.start({ dataDirectory });
  // This process has none of them in memory.
  using second = await ready(await open({ query: 'service:stock', backfill: '10' }));
  expect(second.spanIds.toSorted()).toEqual(spanIds(3020, 10));
  await sendSpans(server.agentUrl, { service: 'stock', first: 3030, count: 5 });
  await expectSpans(second, [...second.spanIds.slice(0, 10), ...spanIds(3030, 5)]);
  using third = await ready(await open({ query: 'service:stock', backfill: '8' }));
  expect(third.spanIds.slice(-5)).toEqual(spanIds(3030, 5));
  expect(third.spanIds.toSorted()).toEqual(spanIds(3027, 8));
});

test('scope and environment narrow the query', async () => {
  using reader = await ready(
    await open({ query: 'service:a OR service:b', scope: 'root', env: 'live', from: 'now' }),
  );
  using elsewhere = await ready(await open({ query: '', env: 'prod', from: 'now' }));
  await sendSpans(server.agentUrl, { service: 'a', first: 5000, count: 3 });
  await sendSpans(server.agentUrl, { service: 'b', first: 5100, count: 3 });
  await sendSpans(server.agentUrl, { service: 'c', first: 5200, count: 3 });
  await expectSpans(reader, [spanIdOf(5000), spanIdOf(5100)]);
  expect(elsewhere.spanIds).toEqual([]);
});

test('a reader that comes back goes on where it was: no gap and no duplicate', async () => {
  const query = 'service:resume';
  const seen: string[] = [];
  let lastId: string | undefined;
  const enough = new AbortController();
  const sender = (async () => {
    for (let first = 10_000; !enough.signal.aborted; first += 40) {
      await sendSpans(server.agentUrl, { service: 'resume', first, count: 40 });
      await sleep(5);
    }
  })();
  for (let round = 0; round < 8; round++) {
    using reader: LiveReader = await ready(
      await open(
        { query, from: 'now' },
        lastId === undefined ? undefined : { 'Last-Event-ID': lastId },
      ),
    );
    const before = reader.spanIds.length;
    await pollUntil('more spans', 10_000, async () =>
      reader.spanIds.length > before + 50 ? true : undefined,
    );
    // In the middle of whatever is being sent.
    seen.push(...reader.spanIds);
    lastId = reader.lastId;
    reader[Symbol.dispose]();
    await sleep(round * 60);
  }
  enough.abort();
  await sender;
  const first = Number.parseInt(seen[0]!, 16);
  expect(seen).toEqual(spanIds(first, seen.length));
});

test('a cursor of before a restart is answered from the tables', async () => {
  const query = 'service:before';
  let lastId: string | undefined;
  {
    using reader = await ready(await open({ query, from: 'now' }));
    await sendSpans(server.agentUrl, { service: 'before', first: 20_000, count: 5 });
    await expectSpans(reader, spanIds(20_000, 5));
    await stored('before', 5);
    lastId = reader.lastId;
  }
  await sendSpans(server.agentUrl, { service: 'before', first: 20_100, count: 7 });
  await stored('before', 12);
  await server.end('SIGTERM');
  server = await SpanloomServer.start({ dataDirectory });
  using reader = await ready(await open({ query }, { 'Last-Event-ID': lastId! }));
  // Of the batch it was in the middle of everything may come again, and nothing is missing.
  expect(new Set(reader.spanIds)).toEqual(new Set([...reader.spanIds, ...spanIds(20_100, 7)]));
  expect(reader.spanIds.slice(-7).toSorted()).toEqual(spanIds(20_100, 7));
});

test('a rate shows a sample with every error and counts the rest', async () => {
  using reader = await ready(await open({ query: 'service:busy', from: 'now', rate: '50' }));
  await sendSpans(server.agentUrl, {
    service: 'busy',
    first: 30_000,
    count: 1000,
    error: (number) => number % 200 === 0,
  });
  const dropped = await pollUntil('a dropped event', 5000, async () => reader.of('dropped')[0]);
  expect(dropped.data).toEqual({ count: 945, reason: 'rate', matched: 1000 });
  expect(reader.spanIds.length).toBe(55);
  expect(reader.spanIds).toEqual(reader.spanIds.toSorted());
  const errors = [30_000, 30_200, 30_400, 30_600, 30_800].map(spanIdOf);
  expect(reader.spanIds.filter((id) => errors.includes(id))).toEqual(errors);
});

test('a reader that takes nothing delays nobody, and is told how many spans it missed', async () => {
  using slow = await ready(await open({ query: 'service:flood', from: 'now' }));
  using other = await ready(await open({ query: 'service:flood @customer.id:7', from: 'now' }));
  slow.pause();
  const total = 60_000;
  for (let first = 0; first < total; first += 1000) {
    await sendSpans(server.agentUrl, { service: 'flood', first: 100_000 + first, count: 1000 });
  }
  await expectSpans(
    other,
    spanIds(100_000, total).filter((_, index) => (100_000 + index) % 10 === 7),
  );
  slow.resume();
  const missed = (): number =>
    slow.of('dropped').reduce((sum, { data }) => sum + Number(data['count']), 0);
  await pollUntil('the rest', 30_000, async () =>
    slow.spanIds.length + missed() >= total ? true : undefined,
  );
  expect(missed()).toBeGreaterThan(0);
  expect(slow.spanIds.length + missed()).toBe(total);
  expect(new Set(slow.spanIds).size).toBe(slow.spanIds.length);
  expect(slow.spanIds).toEqual(slow.spanIds.toSorted());
  expect(slow.of('dropped')[0]!.data['reason']).toBe('slow');
});

test('the 21st stream is refused with a reason, and room comes back when a reader leaves', async () => {
  await pollUntil('no streams', 10_000, async () =>
    (await openStreams()) === 0 ? true : undefined,
  );
  const readers = await Promise.all(Array.from({ length: 20 }, () => open({ from: 'now' })));
  expect(await openStreams()).toBe(20);
  using refused = await open({});
  expect(refused.status).toBe(503);
  await pollUntil('the answer', 5000, async () => (refused.ended ? true : undefined));
  expect(JSON.parse(refused.text)).toMatchObject({
    error: { message: expect.stringContaining('20 are open already') },
  });
  readers[0]![Symbol.dispose]();
  await pollUntil('room', 5000, async () => ((await openStreams()) === 19 ? true : undefined));
  using again = await ready(await open({ from: 'now' }));
  expect(again.status).toBe(200);
  for (const reader of readers) reader[Symbol.dispose]();
});

test('a wrong query, parameter or number is refused with its place', async () => {
  expect(await refusal({ query: 'service:' })).toMatchObject([400, { code: 'BAD_QUERY' }]);
  expect(await refusal({ q: 'x' })).toMatchObject([
    400,
    { message: expect.stringContaining('"q" is not supported') },
  ]);
  expect(await refusal({ rate: '0' })).toMatchObject([
    400,
    { message: expect.stringContaining('rate must be') },
  ]);
  expect(await refusal({ from: 'sometime' })).toMatchObject([400, { code: 'BAD_TIME' }]);
});

test('from acknowledgement to event: measured with 20 streams', async () => {
  await pollUntil('no streams', 10_000, async () =>
    (await openStreams()) === 0 ? true : undefined,
  );
  const readers = await Promise.all(
    Array.from({ length: 20 }, () => open({ query: 'service:speed', from: 'now' })),
  );
  await Promise.all(readers.map(ready));
  const delays: number[] = [];
  for (let round = 0; round < 60; round++) {
    const first = 900_000 + round * 50;
    await sendSpans(server.agentUrl, { service: 'speed', first, count: 50 });
    const acknowledged = performance.now();
    const last = spanIdOf(first + 49);
    await pollUntil('the last span', 5000, async () =>
      readers.every((reader) => reader.spanIds.at(-1) === last) ? true : undefined,
    );
    for (const reader of readers)
      delays.push(
        Math.max(0, reader.events.findLast(({ event }) => event === 'span')!.atMs - acknowledged),
      );
  }
  delays.sort((a, b) => a - b);
  const at = (share: number): string => delays[Math.floor((delays.length - 1) * share)]!.toFixed(1);
  console.log(`acknowledgement to event, ms: p50 ${at(0.5)}, p95 ${at(0.95)}, p99 ${at(0.99)}`);
  expect(delays.at(-1)).toBeLessThan(5000);
  for (const reader of readers) reader[Symbol.dispose]();
});
