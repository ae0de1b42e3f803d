import { DecodeError, LimitError } from '@spanloom/base';
import { type RecordFormat, type Span, SpanBatch } from '@spanloom/model';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { decodeRecord } from './decode-record.ts';
import { encodeAgentPayload } from './encode/encode-agent-payload.ts';
import { encodeAgentV04, encodeAgentV05, encodeAgentV07 } from './encode/encode-agent.ts';
import { encodeAgentV10 } from './encode/encode-agent-v10.ts';
import { encodeOtlpTraces, encodeOtlpTracesJson } from './encode/encode-otlp-traces.ts';
import { record, sampleTrace, span, spansOf, wireSpan } from './sample-spans.test.support.ts';
import { decodeAgentStats, decodeClientStats } from './stats/decode-client-stats.ts';
import { decodeDDSketch } from './stats/dd-sketch.ts';
import { agentStatsBody, clientStatsBody, sketchBody } from './stats/sample-stats.test.support.ts';

function richTrace(): Span[] {
  return [
    ...sampleTrace(),
    span({
      spanId: 77n,
      parentId: 3003n,
      priority: 2,
      meta: { list: '[1,1.5,"x",{"a":[true]}]', flag: 'true' },
      typed: { list: 'json', flag: 'bool' },
      envelope: '{"language":"go","tags":{"a":"b"},"chunk_origin":"lambda"}',
    }),
  ];
}

function json(value: unknown): Buffer {
  return Buffer.from(
    JSON.stringify(value, (_key, item: unknown) =>
      typeof item === 'bigint' ? Number(item) : item,
    ),
  );
}

const withBinary = (): Span[] =>
  richTrace().map((item) => ({ ...item, binary: { appsec: Uint8Array.of(1, 2, 3) } }));

/** A valid body for every decoder; `prefixes` says whether a body cut short may be valid too, which protobuf's may. */
const BODIES: readonly {
  format: RecordFormat;
  name: string;
  body: Uint8Array;
  prefixes?: boolean;
}[] = [
  {
    name: 'v0.1 JSON',
    format: 'agent-v0.1-json',
    body: json([wireSpan(), wireSpan({ trace_id: 9 })]),
  },
  {
    name: 'v0.3 JSON',
    format: 'agent-v0.3-json',
    body: json([[wireSpan({ meta: { a: 'é\n', b: 1 } })]]),
  },
  { name: 'v0.4', format: 'agent-v0.4-msgpack', body: encodeAgentV04(withBinary()) },
  { name: 'v0.5', format: 'agent-v0.5-msgpack', body: encodeAgentV05(richTrace()) },
  { name: 'v0.7', format: 'agent-v0.7-msgpack', body: encodeAgentV07(withBinary()) },
  { name: 'v1.0', format: 'agent-v1.0-msgpack', body: encodeAgentV10(withBinary()) },
  {
    name: 'AgentPayload',
    format: 'agent-payload-protobuf',
    body: encodeAgentPayload(withBinary()),
    prefixes: true,
  },
  {
    name: 'indexed AgentPayload',
    format: 'agent-payload-protobuf',
    body: encodeAgentPayload(withBinary(), { form: 'indexed' }),
    prefixes: true,
  },
  {
    name: 'legacy AgentPayload',
    format: 'agent-payload-protobuf',
    body: encodeAgentPayload(withBinary(), { form: 'legacy' }),
    prefixes: true,
  },
  {
    name: 'agentless JSON',
    format: 'agentless-json',
    body: json({
      traces: [
        { env: 'prod', spans: [wireSpan({ trace_id: '0a', span_id: '0b', parent_id: '' })] },
      ],
    }),
  },
  {
    name: 'OTLP protobuf',
    format: 'otlp-traces-protobuf',
    body: encodeOtlpTraces(withBinary()),
    prefixes: true,
  },
  { name: 'OTLP JSON', format: 'otlp-traces-json', body: encodeOtlpTracesJson(withBinary()) },
];

/** A batch that has a row already, to see that it stays alone. */
function usedBatch(): SpanBatch {
  const batch = new SpanBatch();
  decodeRecord(record('agent-v0.4-msgpack', encodeAgentV04([span()])), batch);
  return batch;
}

describe.each(BODIES)('$name', ({ format, body, prefixes }) => {
  test('a whole body is decoded', () => {
    const batch = usedBatch();
    expect(decodeRecord(record(format, body), batch).spans).toBeGreaterThan(0);
    expect(batch.length).toBeGreaterThan(1);
  });

  test('a body cut short anywhere is refused and adds no row', () => {
    // Every place of a small body; of a large one, some in every part.
    const step = Math.max(1, Math.floor(body.length / 1_000));
    for (let cut = 1; cut < body.length; cut += step) {
      const batch = usedBatch();
      const before = spansOf(batch);
      let error: unknown;
      try {
        decodeRecord(record(format, body.subarray(0, cut)), batch);
      } catch (thrown) {
        error = thrown;
      }
      if (error === undefined) {
        expect(prefixes, `cut at ${cut}`).toBe(true);
        continue;
      }
      expect(error).toBeInstanceOf(DecodeError);
      expect((error as DecodeError).offset).toBeLessThanOrEqual(cut);
      if (prefixes !== true) expect((error as DecodeError).reason, `cut at ${cut}`).toBe('EOF');
      expect(spansOf(batch)).toEqual(before);
    }
  });

  test('flipped bits are refused or decoded, never anything else', () => {
    fc.assert(
      fc.property(fc.array(fc.nat(body.length * 8 - 1), { minLength: 1, maxLength: 4 }), (bits) => {
        const broken = Uint8Array.from(body);
        for (const bit of bits) broken[bit >> 3]! ^= 1 << (bit & 7);
        expectDecodedOrRefused(format, broken);
      }),
      { numRuns: 400 },
    );
  });

  test('noise is refused or decoded, never anything else', () => {
    fc.assert(
      fc.property(
        fc.uint8Array({ minLength: 1, maxLength: 200 }),
        fc.nat(body.length),
        (noise, at) => {
          expectDecodedOrRefused(format, noise);
          const spliced = Buffer.concat([body.subarray(0, at), noise, body.subarray(at)]);
          expectDecodedOrRefused(format, spliced);
        },
      ),
      { numRuns: 200 },
    );
  });
});

function expectDecodedOrRefused(format: RecordFormat, body: Uint8Array): void {
  const batch = usedBatch();
  const before = spansOf(batch);
  try {
    const outcome = decodeRecord(record(format, body), batch);
    expect(batch.length).toBe(1 + outcome.spans);
    // Every row can be read back, links and events included.
    expect(spansOf(batch).slice(0, 1)).toEqual(before);
    // No small body may grow into a large batch.
    expect(batch.byteSize).toBeLessThan(20_000 + body.length * 200);
  } catch (error) {
    if (!(error instanceof DecodeError) && !(error instanceof LimitError)) throw error;
    expect(spansOf(batch)).toEqual(before);
  }
}

describe.each([
  {
    name: 'client stats',
    body: clientStatsBody(),
    run: (body: Uint8Array): unknown => decodeClientStats(body),
    prefixes: false,
  },
  {
    name: 'agent stats',
    body: agentStatsBody(),
    run: (body: Uint8Array): unknown => decodeAgentStats(body),
    prefixes: false,
  },
  {
    name: 'DDSketch',
    body: sketchBody(),
    run: (body: Uint8Array): unknown => decodeDDSketch(body),
    prefixes: true,
  },
])('$name', ({ body, run, prefixes }) => {
  test('a body cut short anywhere is refused', () => {
    for (let cut = 0; cut < body.length; cut++) {
      if (prefixes) onlyDecodeErrors(() => run(body.subarray(0, cut)));
      else expect(() => run(body.subarray(0, cut))).toThrow(DecodeError);
    }
  });

  test('flipped bits are refused or decoded, never anything else', () => {
    fc.assert(
      fc.property(fc.array(fc.nat(body.length * 8 - 1), { minLength: 1, maxLength: 4 }), (bits) => {
        const broken = Uint8Array.from(body);
        for (const bit of bits) broken[bit >> 3]! ^= 1 << (bit & 7);
        onlyDecodeErrors(() => run(broken));
      }),
      { numRuns: 400 },
    );
  });
});

function onlyDecodeErrors(run: () => unknown): void {
  try {
    run();
  } catch (error) {
    expect(error).toBeInstanceOf(DecodeError);
  }
}

test('an empty body of any format holds nothing', () => {
  for (const { format } of BODIES) {
    const batch = new SpanBatch();
    expect(decodeRecord(record(format, new Uint8Array(0)), batch)).toMatchObject({
      traces: 0,
      spans: 0,
    });
    expect(batch.length).toBe(0);
  }
});

test('decoding is a pure function of the record', () => {
  for (const { format, body } of BODIES) {
    const batch = new SpanBatch();
    const first = decodeRecord(record(format, body), batch);
    const rows = spansOf(batch);
    const second = decodeRecord(record(format, body), batch);
    expect(second).toEqual(first);
    expect(spansOf(batch).slice(rows.length)).toEqual(rows);
  }
});
