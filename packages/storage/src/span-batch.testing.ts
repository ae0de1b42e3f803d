import type { DurationNanos, EpochMillis, EpochNanos } from '@spanloom/base';
import {
  encodeEvents,
  encodeLinks,
  KINDS,
  NO_PRIORITY,
  SOURCES,
  type Span,
  SpanBatch,
} from '@spanloom/model';
import * as fc from 'fast-check';

/** A span with nothing special about it. */
export function aSpan(fields: Partial<Span> = {}): Span {
  return {
    traceId: { hi: 0n, lo: 1n },
    spanId: 1n,
    parentId: undefined,
    source: 'datadog',
    service: 'checkout',
    name: 'http.request',
    resource: 'GET /cart',
    type: 'web',
    kind: 'server',
    env: 'prod',
    version: '1.2.3',
    functionName: '',
    start: 1_795_000_000_000_000_000n as EpochNanos,
    duration: 1_000_000 as DurationNanos,
    error: false,
    flags: 0,
    priority: undefined,
    meta: {},
    metrics: {},
    binary: {},
    links: [],
    events: [],
    typed: {},
    envelope: '',
    received: 1_795_000_000_500 as EpochMillis,
    ...fields,
  };
}

/** Appends spans to a batch, field by field. */
export function appendSpans(batch: SpanBatch, spans: readonly Span[]): SpanBatch {
  for (const span of spans) {
    const row = batch.appendRow();
    batch.traceHigh.setBigint(row, span.traceId.hi);
    batch.traceLow.setBigint(row, span.traceId.lo);
    batch.spanId.setBigint(row, span.spanId);
    batch.parentId.setBigint(row, span.parentId ?? 0n);
    batch.start.setBigint(row, span.start);
    batch.duration.setNumber(row, span.duration);
    batch.received.setNumber(row, span.received);
    batch.source[row] = SOURCES[span.source];
    batch.kind[row] = KINDS.indexOf(span.kind);
    batch.error[row] = Number(span.error);
    batch.flags[row] = span.flags;
    batch.priority[row] = span.priority ?? NO_PRIORITY;
    for (const [column, text] of [
      [batch.service, span.service],
      [batch.name, span.name],
      [batch.resource, span.resource],
      [batch.type, span.type],
      [batch.env, span.env],
      [batch.version, span.version],
      [batch.functionName, span.functionName],
      [batch.envelope, span.envelope],
    ] as const) {
      column.data[row] = column.table.internText(text);
    }
    for (const [key, value] of Object.entries(span.meta)) {
      batch.meta.appendText(batch.meta.keys.internText(key), value);
    }
    for (const [key, value] of Object.entries(span.metrics)) {
      batch.metrics.append(batch.metrics.keys.internText(key), value);
    }
    for (const [key, value] of Object.entries(span.binary)) {
      batch.binary.appendBytes(batch.binary.keys.internText(key), value, 0, value.length);
    }
    batch.setText(batch.links, encodeLinks(span.links));
    batch.setText(batch.events, encodeEvents(span.events));
    batch.setText(
      batch.typed,
      Object.keys(span.typed).length === 0 ? '' : JSON.stringify(span.typed),
    );
    batch.endRow();
  }
  return batch;
}

const anId = fc.bigInt({ min: 1n, max: (1n << 64n) - 1n });
const text = fc.string({ unit: 'binary', maxLength: 40 });
const key = fc.string({ unit: 'grapheme', minLength: 1, maxLength: 12 });

/** Any span the columns can hold. */
export const anySpan: fc.Arbitrary<Span> = fc.record({
  traceId: fc.record({ hi: fc.bigInt({ min: 0n, max: (1n << 64n) - 1n }), lo: anId }),
  spanId: anId,
  parentId: fc.option(anId, { nil: undefined }),
  source: fc.constantFrom('other', 'datadog', 'otlp', 'xray'),
  service: text,
  name: text,
  resource: text,
  type: text,
  kind: fc.constantFrom(...KINDS),
  env: text,
  version: text,
  functionName: text,
  start: fc.bigInt({ min: 0n, max: (1n << 63n) - 1n }).map((value) => value as EpochNanos),
  duration: fc.maxSafeNat().map((value) => value as DurationNanos),
  error: fc.boolean(),
  flags: fc.nat(255),
  priority: fc.option(fc.integer({ min: -1, max: 2 }), { nil: undefined }),
  meta: fc.dictionary(key, text, { maxKeys: 6 }),
  metrics: fc.dictionary(key, fc.double(), { maxKeys: 6 }),
  binary: fc.dictionary(key, fc.uint8Array({ maxLength: 40 }), { maxKeys: 3 }),
  links: fc.constantFrom(
    [],
    [
      {
        traceId: { hi: 7n, lo: 8n },
        spanId: 9n,
        attributes: { why: 'retry' },
        traceState: 'dd=s:1',
        flags: 1,
      },
    ],
  ),
  events: fc.constantFrom(
    [],
    [{ name: 'exception', time: 12n as EpochNanos, attributes: { 'exception.message': '"a\n"' } }],
  ),
  typed: fc.dictionary(key, text, { maxKeys: 2, noNullPrototype: true }),
  envelope: text,
  received: fc
    .integer({ min: 1_794_990_000_000, max: 1_795_000_000_000 })
    .map((value) => value as EpochMillis),
});
