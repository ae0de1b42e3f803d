import type { DurationNanos, EpochNanos } from '@spanloom/base';
import type { AttributeValue, RecordFormat, Span, SpanEvent, SpanLink } from '@spanloom/model';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { encodeAgentPayload } from './encode/encode-agent-payload.ts';
import { encodeAgentV04, encodeAgentV05, encodeAgentV07 } from './encode/encode-agent.ts';
import { encodeAgentV10 } from './encode/encode-agent-v10.ts';
import { encodeOtlpTraces, encodeOtlpTracesJson } from './encode/encode-otlp-traces.ts';
import { agentHeaders } from './encode/envelope.ts';
import { decode, sampleTrace, span } from './sample-spans.test.support.ts';

function comparable(decoded: Span): Span {
  return { ...plain(decoded), source: 'datadog', envelope: '', flags: 0 };
}

/** Every way a trace can be written, and what it is read as. */
const FORMATS: readonly {
  name: string;
  format: RecordFormat;
  encode: (spans: readonly Span[]) => Uint8Array;
}[] = [
  { name: 'v0.3', format: 'agent-v0.3-msgpack', encode: encodeAgentV04 },
  { name: 'v0.4', format: 'agent-v0.4-msgpack', encode: encodeAgentV04 },
  { name: 'v0.5', format: 'agent-v0.5-msgpack', encode: encodeAgentV05 },
  { name: 'v0.7', format: 'agent-v0.7-msgpack', encode: encodeAgentV07 },
  { name: 'v1.0', format: 'agent-v1.0-msgpack', encode: encodeAgentV10 },
  { name: 'AgentPayload', format: 'agent-payload-protobuf', encode: encodeAgentPayload },
  {
    name: 'indexed AgentPayload',
    format: 'agent-payload-protobuf',
    encode: (spans) => encodeAgentPayload(spans, { form: 'indexed' }),
  },
  {
    name: 'legacy AgentPayload',
    format: 'agent-payload-protobuf',
    encode: (spans) => encodeAgentPayload(spans, { form: 'legacy' }),
  },
  { name: 'OTLP protobuf', format: 'otlp-traces-protobuf', encode: encodeOtlpTraces },
  { name: 'OTLP JSON', format: 'otlp-traces-json', encode: encodeOtlpTracesJson },
];

describe('the same trace in every format gives the same normalised spans', () => {
  test.each(FORMATS)('$name', ({ format, encode }) => {
    const trace = sampleTrace();
    const { spans, outcome } = decode(format, encode(trace));
    // Where spans came from, and what stood around them, is all that may differ.
    expect(spans.map(comparable)).toEqual(trace.map(comparable));
    expect(outcome).toMatchObject({
      traces: 1,
      spans: 3,
      droppedTraces: {},
      malformedSpans: {},
      rejectedSpans: 0,
    });
  });
});

describe('decode(encode(spans)) gives the spans back', () => {
  for (const { name, format, encode } of FORMATS.slice(0, 7)) {
    test(`${name}, as Datadog tracers fill it`, () => {
      const arbitrary = datadogTrace({ binary: name !== 'v0.5', anyEventTypes: true });
      fc.assert(
        fc.property(arbitrary, (trace) => {
          const { spans } = decode(format, encode(trace));
          expect(spans.map(plain)).toEqual(trace);
        }),
        { numRuns: 60 },
      );
    });
  }

  for (const { name, format, encode } of FORMATS.slice(8)) {
    test(`${name}, once it has been decoded`, () => {
      fc.assert(
        fc.property(datadogTrace({ binary: true, anyEventTypes: true }), (trace) => {
          const first = decode(format, encode(trace)).spans;
          const second = decode(format, encode(first)).spans;
          expect(second.map(plain)).toEqual(first.map(plain));
          expect(first.map((item) => item.meta)).toEqual(trace.map((item) => item.meta));
          expect(first.map((item) => item.metrics)).toEqual(trace.map((item) => item.metrics));
        }),
        { numRuns: 60 },
      );
    });
  }

  test.each(['v1.0', 'indexed AgentPayload', 'OTLP protobuf', 'OTLP JSON'])(
    '%s keeps the types of attributes',
    (name) => {
      const { format, encode } = FORMATS.find((item) => item.name === name)!;
      const typed = span({
        priority: 1,
        meta: {
          flag: 'true',
          list: '["a",1,1.0,true,[2],{"k":9007199254740993}]',
          map: '{"n":{"deep":[]},"e":""}',
        },
        metrics: { half: 0.5, big: 9007199254740992, _sampling_priority_v1: 1 },
        typed: { flag: 'bool', list: 'json', map: 'json', big: 'int:9007199254740993' },
      });
      const { spans } = decode(format, encode([typed]));
      expect(spans[0]!.meta).toEqual(typed.meta);
      expect(spans[0]!.metrics).toEqual(typed.metrics);
      expect(spans[0]!.typed).toEqual(typed.typed);
    },
  );

  test.each(['v0.7', 'v1.0', 'AgentPayload', 'indexed AgentPayload'])(
    '%s keeps what its envelope says',
    (name) => {
      const { format, encode } = FORMATS.find((item) => item.name === name)!;
      const envelope = JSON.stringify({
        language: 'go',
        language_version: '1.26',
        tracer_version: 'v2',
        runtime_id: 'r-1',
        container_id: 'c-1',
        hostname: 'app-host',
        env: 'prod',
        app_version: '1.2.3',
        tags: { team: 'payments' },
        chunk_tags: { tier: 'gold' },
        chunk_origin: 'lambda',
      });
      const sent = span({
        envelope,
        priority: 1,
        env: 'prod',
        version: '1.2.3',
        meta: { tier: 'gold', _dd: 'x', '_dd.origin': 'lambda', team: 'payments' },
      });
      const { spans } = decode(format, encode([sent]));
      expect(JSON.parse(spans[0]!.envelope)).toEqual(JSON.parse(envelope));
      expect(plain(spans[0]!).meta).toEqual(sent.meta);
      expect([spans[0]!.env, spans[0]!.version]).toEqual(['prod', '1.2.3']);
    },
  );

  test('headers carry what v0.4 has no room for', () => {
    const envelope =
      '{"language":"python","language_version":"3.13","tracer_version":"4.16.0","container_id":"c-1"}';
    const { spans } = decode(
      'agent-v0.4-msgpack',
      encodeAgentV04([span()]),
      agentHeaders(envelope),
    );
    expect(spans[0]!.envelope).toBe(envelope);
  });
});

/** Records that decoding makes have no prototype, which `toEqual` does not mind and `===` on shapes would. */
function plain(decoded: Span): Span {
  return {
    ...decoded,
    meta: { ...decoded.meta },
    metrics: { ...decoded.metrics },
    binary: { ...decoded.binary },
    typed: { ...decoded.typed },
    links: decoded.links.map((link) => ({ ...link, attributes: { ...link.attributes } })),
    events: decoded.events.map((event) => ({ ...event, attributes: { ...event.attributes } })),
  };
}

interface TraceOptions {
  readonly binary: boolean;
  readonly anyEventTypes: boolean;
}

/** A trace of one chunk in the form a Datadog tracer sends: only texts and doubles, priority stated by a metric too. */
function datadogTrace(options: TraceOptions): fc.Arbitrary<Span[]> {
  const id = fc.bigInt({ min: 1n, max: 2n ** 64n - 1n });
  const key = fc
    .string({ unit: 'grapheme', minLength: 1, maxLength: 12 })
    .map((text) => `k.${text.toWellFormed()}`);
  const text = fc.string({ unit: 'grapheme', maxLength: 60 }).map((value) => value.toWellFormed());
  const double = fc.double({ noNaN: true, noDefaultInfinity: true });
  const value: fc.Arbitrary<AttributeValue> = fc.oneof(
    text,
    fc.boolean(),
    fc.integer(),
    fc.constant(0.25),
    fc.array(text, { maxLength: 3 }),
  );
  const link: fc.Arbitrary<SpanLink> = fc.record({
    traceId: fc.record({ hi: fc.bigInt({ min: 0n, max: 2n ** 64n - 1n }), lo: id }),
    spanId: id,
    attributes: fc.dictionary(key, text, { maxKeys: 2 }).map((map) => ({ ...map })),
    traceState: fc.constantFrom('', 'a=1,b=2'),
    flags: fc.constantFrom(undefined, 1),
  });
  const event: fc.Arbitrary<SpanEvent> = fc.record({
    name: text,
    time: fc.bigInt({ min: 1n, max: 2n ** 63n - 1n }) as unknown as fc.Arbitrary<EpochNanos>,
    attributes: fc
      .dictionary(key, options.anyEventTypes ? value : text, { maxKeys: 3 })
      .map((map) => ({ ...map })),
  });
  const one = fc.record({
    spanId: id,
    parentId: fc.option(id, { nil: undefined }),
    service: fc.constantFrom('checkout', 'carts-db', 'ünïcode.service'),
    name: fc.constantFrom('web.request', 'aws.lambda', 'x'),
    resource: text.filter((item) => item !== ''),
    type: fc.constantFrom('', 'web', 'sql'),
    start: fc.bigInt({ min: 946_684_800_000_000_000n, max: 2n ** 62n }),
    duration: fc.nat(),
    error: fc.boolean(),
    meta: fc.dictionary(key, text, { maxKeys: 5 }),
    metrics: fc.dictionary(
      key.map((name) => `m${name}`),
      double,
      { maxKeys: 5 },
    ),
    binary: options.binary
      ? fc.dictionary(
          key.map((name) => `b${name}`),
          fc.uint8Array({ maxLength: 20 }),
          { maxKeys: 2 },
        )
      : fc.constant({}),
    links: fc.array(link, { maxLength: 2 }),
    events: fc.array(event, { maxLength: 2 }),
  });
  return fc
    .tuple(
      fc.uniqueArray(one, { minLength: 1, maxLength: 6, selector: (item) => item.spanId }),
      id,
      id,
      fc.constantFrom(-1, 0, 1, 2),
    )
    .map(([items, hi, lo, priority]) => {
      const ids = new Set(items.map((item) => item.spanId));
      const serviceOf = new Map(items.map((item) => [item.spanId, item.service]));
      return items.map((item, index) => {
        // A span whose three ids agree is a root by the rules.
        const parentId = item.parentId === item.spanId ? undefined : item.parentId;
        const entry =
          parentId === undefined || !ids.has(parentId) || serviceOf.get(parentId) !== item.service;
        return span({
          ...item,
          parentId,
          traceId: { hi, lo },
          start: item.start as EpochNanos,
          duration: item.duration as DurationNanos,
          flags: entry ? 1 : 0,
          priority,
          meta: { ...item.meta },
          binary: { ...item.binary },
          metrics: { ...item.metrics, ...(index === 0 && { _sampling_priority_v1: priority }) },
        });
      });
    });
}
