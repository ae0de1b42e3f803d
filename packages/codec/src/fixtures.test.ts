import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { gunzipSync } from 'node:zlib';
import { formatSpanId, formatTraceId, parseTraceId } from '@spanloom/base';
import type { RecordFormat, Span } from '@spanloom/model';
import { describe, expect, test } from 'vitest';
import { decode } from './sample-spans.test.support.ts';
import { decodeDDSketch } from './stats/dd-sketch.ts';
import { decodeClientStats } from './stats/decode-client-stats.ts';

const ROOT = fileURLToPath(new URL('../../../fixtures/', import.meta.url));

interface StorySpan {
  readonly span_id: string;
  readonly parent_id: string | null;
  readonly name: string;
  readonly service: string;
  readonly resource: string;
  readonly error: number;
  readonly error_message?: string;
  readonly meta: Record<string, string>;
  readonly metrics: Record<string, number>;
  readonly links: readonly {
    trace_id: string;
    span_id: string;
    attributes: Record<string, unknown>;
  }[];
  readonly events: readonly { name: string; attributes: Record<string, unknown> }[];
}

interface Fixture {
  readonly path: string;
  readonly headers: Record<string, string>;
  readonly story?: {
    readonly trace_id: string;
    readonly env: string;
    readonly version: string;
    readonly spans: readonly StorySpan[];
  };
}

/** Formats by folder: what a recording of it is decoded as. */
const FORMATS: Readonly<Record<string, RecordFormat>> = {
  'agent-v0.3': 'agent-v0.3-msgpack',
  'agent-v0.4': 'agent-v0.4-msgpack',
  'agent-v0.5': 'agent-v0.5-msgpack',
  'agent-v0.7': 'agent-v0.7-msgpack',
  'agent-v1.0': 'agent-v1.0-msgpack',
  'agent-payload': 'agent-payload-protobuf',
  'otlp-grpc': 'otlp-traces-protobuf',
  'otlp-http-protobuf': 'otlp-traces-protobuf',
  'otlp-http-json': 'otlp-traces-json',
};

function cases(folder: string): string[] {
  return readdirSync(ROOT + folder)
    .filter((file) => file.endsWith('.bin'))
    .map((file) => `${folder}/${file.slice(0, -4)}`);
}

function load(name: string): { fixture: Fixture; body: Uint8Array } {
  const fixture = JSON.parse(readFileSync(`${ROOT}${name}.json`, 'utf8')) as Fixture;
  let body: Uint8Array = readFileSync(`${ROOT}${name}.bin`);
  if (name.startsWith('otlp-grpc/')) {
    // A gRPC message: one byte that says whether it is compressed, four of length.
    const compressed = body[0] === 1;
    body = body.subarray(5);
    return { fixture, body: compressed ? gunzipSync(body) : body };
  }
  return {
    fixture,
    body: fixture.headers['content-encoding'] === 'gzip' ? gunzipSync(body) : body,
  };
}

const folders = readdirSync(ROOT, { withFileTypes: true }).filter((entry) => entry.isDirectory());
const traceCases = folders
  .filter(({ name }) => FORMATS[name] !== undefined)
  .flatMap(({ name }) => cases(name));
const statsCases = folders
  .filter(({ name }) => name.startsWith('stats-'))
  .flatMap(({ name }) => cases(name));

describe.each(traceCases)('%s', (name) => {
  const { fixture, body } = load(name);
  const { spans, outcome } = decode(FORMATS[name.split('/')[0]!]!, body, fixture.headers);

  test('nothing is dropped, refused or mended', () => {
    expect(outcome).toMatchObject({
      droppedTraces: {},
      droppedSpans: 0,
      malformedSpans: {},
      rejectedSpans: 0,
    });
    expect(outcome.spans).toBe(spans.length);
    expect(outcome.language).not.toBe('');
    expect(outcome.tracerVersion).toMatch(/\d+\.\d+/);
    const count = fixture.headers['x-datadog-trace-count'];
    if (count !== undefined) expect(outcome.traces).toBe(Number(count));
  });

  test('every span of the story is there, as its program says', () => {
    const { story } = fixture;
    expect(story).toBeDefined();
    for (const told of story!.spans) {
      const found = spans.find((span) => formatSpanId(span.spanId) === told.span_id);
      expect(found, told.name).toBeDefined();
      expectTold(found!, told, name.startsWith('otlp'));
      expect(formatTraceId(found!.traceId)).toBe(story!.trace_id);
      expect(found!.env).toBe(story!.env);
      expect(found!.priority).toBe(1);
      // Other services' spans have no version of their own in some tracers.
      if (found!.service === 'checkout') expect(found!.version).toBe(story!.version);
    }
    const root = spans.find((span) => formatSpanId(span.spanId) === story!.spans[0]!.span_id)!;
    expect(root.meta['customer.note']).toBe('Grüße aus Köln 🛒 注文 №42');
    expect(root.kind).toBe('server');
    expect(root.flags & 1).toBe(1);
  });
});

function expectTold(span: Span, told: StorySpan, otlp: boolean): void {
  expect(span.parentId === undefined ? null : formatSpanId(span.parentId)).toBe(told.parent_id);
  expect(span.service).toBe(told.service);
  // OTLP has no operation: what its programs call the name is kept, as resource or beside it.
  if (otlp) expect([span.name, span.resource, span.meta['otel.span.name']]).toContain(told.name);
  else expect([span.name, span.resource]).toEqual([told.name, told.resource]);
  expect(span.error).toBe(told.error !== 0);
  if (told.error_message !== undefined) expect(span.meta['error.message']).toBe(told.error_message);
  expect(span.meta).toMatchObject(told.meta);
  expect(span.metrics).toMatchObject(told.metrics);
  expect(span.duration).toBeGreaterThan(0);
  for (const link of told.links) {
    expect(span.links).toContainEqual(
      expect.objectContaining({
        traceId: parseTraceId(link.trace_id),
        spanId: BigInt(`0x${link.span_id}`),
      }),
    );
  }
  for (const event of told.events) {
    const found = span.events.find((item) => item.name === event.name);
    expect(found, event.name).toBeDefined();
    expect({ ...found!.attributes }).toMatchObject(event.attributes);
  }
}

describe.each(statsCases)('%s', (name) => {
  test('statistics with counts that add up, and sketches that can be read', () => {
    const { body } = load(name);
    const stats = decodeClientStats(body);
    expect(stats.runtimeId).toMatch(/^[0-9a-f-]{32,36}$/);
    expect(stats.buckets.length).toBeGreaterThan(0);
    for (const bucket of stats.buckets) {
      expect(bucket.duration).toBe(10_000_000_000);
      expect(bucket.stats.length).toBeGreaterThan(0);
      for (const group of bucket.stats) {
        expect(group.service).not.toBe('');
        expect(group.hits).toBeGreaterThan(0);
        const counted = [group.okSummary, group.errorSummary]
          .filter((bytes) => bytes.length > 0)
          .map(decodeDDSketch)
          .flatMap((sketch) => [...sketch.positive.map(({ count }) => count), sketch.zeroCount])
          .reduce((sum, count) => sum + count, 0);
        expect(counted).toBeCloseTo(group.hits, 6);
      }
    }
  });
});

test('there are recordings to decode', () => {
  expect(traceCases.length).toBeGreaterThanOrEqual(15);
  expect(statsCases.length).toBeGreaterThanOrEqual(4);
});
