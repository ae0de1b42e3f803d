import type { EpochMillis } from '@spanloom/base';
import { SpanBatch } from '@spanloom/model';
import { parseQuery, type Query } from '@spanloom/query';
import { afterEach, expect, test, vi } from 'vitest';
import type { RecentSearch, StoredSpan } from '@spanloom/storage';
import { appendRows, type TestRow } from './batch.testing.ts';
import { LiveSpans } from './live-spans.ts';

const NOW = 1_795_000_000_500 as EpochMillis;
const everything = { since: 0 as EpochMillis, limit: 100 };
const nothing = { since: 0 as EpochMillis, limit: 0 };

function query(text = ''): Query {
  const parsed = parseQuery(text, { now: 0n });
  if (!parsed.ok) throw new Error(parsed.problem.message);
  return parsed.query;
}

/** Live spans over tables that answer the same each time, and note what they were asked. */
function start(stored: readonly StoredSpan[] = [], omitted = 0) {
  const asked: Omit<RecentSearch, 'query'>[] = [];
  const live = new LiveSpans({
    stored: {
      recent: async ({ fromBatch, since, limit, beforeBatch }) => {
        asked.push({ fromBatch, since, limit, beforeBatch });
        return { spans: stored, omitted };
      },
    },
    clock: { now: () => NOW },
    windowMs: 900_000,
    random: () => 0.5,
  });
  return { live, asked };
}

/** A batch as the writer tells of one: filled, durable, and stored unless told otherwise. */
function batch(live: LiveSpans, seq: number, rows: readonly TestRow[]): SpanBatch {
  const spans = appendRows(new SpanBatch(), rows);
  live.opened(seq, spans);
  live.durable(seq, rows.length);
  live.closed(seq);
  return spans;
}

/** Reads a stream until it has had so many events of a kind. */
async function read(
  stream: ReadableStream<Uint8Array>,
  event: string,
  count: number,
): Promise<readonly string[]> {
  const reader = stream.getReader();
  const decoder = new TextDecoder();
  let text = '';
  const seen = (): readonly string[] =>
    [...text.matchAll(/event: (\w+)\n(?:id: (\S+)\n)?data: (.*)\n\n/g)].flatMap(
      ([, name, id, data]) => (name === event ? [`${id} ${shorten(data!)}`] : []),
    );
  while (seen().length < count) {
    const { done, value } = await reader.read();
    if (done) break;
    text += decoder.decode(value, { stream: true });
  }
  reader.releaseLock();
  return seen();
}

function shorten(data: string): string {
  const parsed = JSON.parse(data) as { span_id?: string };
  return parsed.span_id === undefined ? data : String(Number.parseInt(parsed.span_id, 16));
}

function request(from: Parameters<LiveSpans['open']>[0]['from'], text = '') {
  return { query: query(text), from, rowsPerSecond: Number.POSITIVE_INFINITY };
}

const never = new AbortController().signal;

test('rows of the next batch wait until the one before is complete', async () => {
  const { live } = start();
  using _ = live;
  const first = appendRows(new SpanBatch(), [{ spanId: 1n }, { spanId: 2n }]);
  live.opened(10, first);
  const stream = await live.open(request(nothing), never);
  batch(live, 11, [{ spanId: 5n }]);
  live.durable(10, 1);
  expect(await read(stream, 'span', 1)).toEqual(['10.1 1']);
  live.durable(10, 2);
  live.closed(10);
  expect(await read(stream, 'span', 2)).toEqual(['10.2 2', '11.1 5']);
});

test('a stream begins with what is in memory, and asks the tables for older batches only', async () => {
  const { live, asked } = start();
  using _ = live;
  batch(live, 20, [{ spanId: 1n }, { spanId: 2n, service: 'stock' }]);
  batch(live, 21, [{ spanId: 3n, service: 'stock' }]);
  const stream = await live.open(request(everything, 'service:stock'), never);
  expect(await read(stream, 'span', 2)).toEqual(['20.2 2', '21.1 3']);
  expect(asked).toEqual([{ fromBatch: 0, since: NOW - 900_000, limit: 98, beforeBatch: 20 }]);
  const two = await live.open(request({ since: 0 as EpochMillis, limit: 1 }), never);
  expect(await read(two, 'span', 1)).toEqual(['21.1 3']);
  expect(asked.length).toBe(1);
});

test('a reader that comes back is served from memory where that reaches, or else from the tables', async () => {
  const { live, asked } = start();
  using _ = live;
  batch(live, 30, [{ spanId: 1n }, { spanId: 2n }]);
  batch(live, 31, [{ spanId: 3n }]);
  const near = await live.open(request({ seq: 30, row: 1 }), never);
  expect(await read(near, 'span', 2)).toEqual(['30.2 2', '31.1 3']);
  expect(asked).toEqual([]);
  const far = await live.open(request({ seq: 12, row: 0xffff_ffff }), never);
  expect(await read(far, 'span', 3)).toEqual(['30.1 1', '30.2 2', '31.1 3']);
  expect(asked).toEqual([{ fromBatch: 13, since: NOW - 900_000, limit: 2000, beforeBatch: 30 }]);
});

test('a reader that was away for long is told how many spans it is not given', async () => {
  const spans = appendRows(new SpanBatch(), [{ spanId: 8n }]);
  const { live } = start([{ span: spans.span(0), tier: 'live', batch: 9n }], 5000);
  using _ = live;
  const stream = await live.open(request({ seq: 3, row: 1 }), never);
  expect(await read(stream, 'dropped', 1)).toEqual([
    'undefined {"count":5000,"reason":"resume","matched":5001}',
  ]);
});

test('a span that reached both memory and tables while these were asked comes once', async () => {
  const spans = appendRows(new SpanBatch(), [{ spanId: 8n }, { spanId: 9n }]);
  const { live } = start([
    { span: spans.span(0), tier: 'live', batch: 39n },
    { span: spans.span(1), tier: 'live', batch: 40n },
  ]);
  using _ = live;
  const opening = live.open(request(everything), never);
  batch(live, 40, [{ spanId: 9n }]);
  expect(await read(await opening, 'span', 2)).toEqual(['39.4294967295 8', '40.1 9']);
});

test('streams are counted until their readers leave, and no longer', async () => {
  const { live } = start();
  const reader = new AbortController();
  const streams = [
    await live.open(request(nothing), never),
    await live.open(request(nothing), reader.signal),
    await live.open(request(nothing), never),
  ];
  expect(live.streams).toBe(3);
  await streams[0]!.cancel();
  expect(live.streams).toBe(2);
  reader.abort();
  expect(live.streams).toBe(1);
  live[Symbol.dispose]();
  expect(live.streams).toBe(0);
  expect(await read(streams[2]!, 'never', 1)).toEqual([]);
  await expect(live.open(request(nothing), never)).rejects.toThrow('shutting down');
});

test('every second a stream tells of its rate and its lag, and every ten that it is alive', async () => {
  vi.useFakeTimers({ toFake: ['setInterval', 'setTimeout', 'clearInterval', 'clearTimeout'] });
  let now: number = NOW;
  const live = new LiveSpans({
    stored: { recent: async () => ({ spans: [], omitted: 0 }) },
    clock: { now: () => now as EpochMillis },
    windowMs: 900_000,
  });
  using _ = live;
  const stream = await live.open(request(nothing, 'service:stock'), never);
  const reader = stream.getReader();
  await reader.read();
  batch(live, 60, [
    { service: 'stock', received: NOW - 40 },
    { service: 'stock', received: NOW - 40, error: true },
    { received: NOW - 40 },
  ]);
  vi.advanceTimersByTime(20);
  await new Promise((resolve) => setImmediate(resolve));
  now += 1000;
  vi.advanceTimersByTime(980);
  const text = async (): Promise<string> => {
    const { value } = await reader.read();
    return new TextDecoder().decode(value);
  };
  const first = await text();
  expect(first).toContain(
    'event: rate\nid: 60.3\ndata: {"spans_per_second":3,"matches_per_second":2,"errors_per_second":1,"shown_per_second":2}\n\n',
  );
  expect(first).toContain('event: lag\ndata: {"lag_ms":40}\n\n');
  expect(first).not.toContain('heartbeat');
  now += 9000;
  vi.advanceTimersByTime(9000);
  expect(await text()).toContain(': heartbeat\n\n');
});

afterEach(() => vi.useRealTimers());

test('the 21st stream is refused', async () => {
  const { live } = start();
  using _ = live;
  for (let i = 0; i < 20; i++) await live.open(request(nothing), never);
  await expect(live.open(request(nothing), never)).rejects.toThrow(
    'Cannot open another live stream: 20 are open already; close one, or search instead',
  );
  expect(live.streams).toBe(20);
});

test('a stream whose past cannot be read takes no place', async () => {
  const live = new LiveSpans({
    stored: { recent: () => Promise.reject(new Error('the tables are away')) },
    clock: { now: () => NOW },
    windowMs: 900_000,
  });
  using _ = live;
  await expect(live.open(request(everything), never)).rejects.toThrow('the tables are away');
  expect(live.streams).toBe(0);
});

test('batches that the tables have are let go, except those a reader still needs', async () => {
  const { live, asked } = start();
  using _ = live;
  const stream = await live.open(request(nothing, 'service:none'), never);
  for (let seq = 50; seq < 400; seq++) {
    batch(live, seq, [{ spanId: BigInt(seq) }]);
    live.settled(seq);
  }
  // Its reader has not been given a turn yet, so all of them are there.
  const all = await live.open(request({ seq: 50, row: 0 }), never);
  expect((await read(all, 'span', 350)).length).toBe(350);
  await stream.cancel();
  await all.cancel();
  batch(live, 400, [{ spanId: 400n }]);
  live.settled(400);
  await live.open(request({ seq: 50, row: 0 }), never);
  expect(asked.at(-1)).toEqual({
    fromBatch: 50,
    since: NOW - 900_000,
    limit: 2000,
    beforeBatch: 146,
  });
});
