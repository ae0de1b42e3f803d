/**
 * How long each format takes to decode: spans of 18 attributes, 20 to a trace, 1,000 to a payload, of which half the attribute
 * values repeat. Beside it, what a general decoder takes to make objects of the same bytes, which is only the start of the work.
 *
 * Prints ns per span under each benchmark. The result is checked before anything is timed.
 */
import { type RecordFormat, type Span, SpanBatch } from '@spanloom/model';
import { unpack } from 'msgpackr';
import { bench, describe } from 'vitest';
import { decodeRecord } from './decode-record.ts';
import { encodeAgentPayload } from './encode/encode-agent-payload.ts';
import { encodeAgentV04, encodeAgentV05, encodeAgentV07 } from './encode/encode-agent.ts';
import { encodeAgentV10 } from './encode/encode-agent-v10.ts';
import { encodeOtlpTraces, encodeOtlpTracesJson } from './encode/encode-otlp-traces.ts';
import { record, span } from './sample-spans.test.support.ts';
import { jsonToMsgpack } from './wire/json-to-msgpack.ts';

const SPANS = 1_000;

function sampleSpans(): Span[] {
  return Array.from({ length: SPANS }, (_, i) =>
    span({
      traceId: { hi: 0x66f2a1c400000000n, lo: BigInt(1 + Math.floor(i / 20)) * 0x1234_5678_9abcn },
      spanId: BigInt(i + 1) * 0x9e37_79b9_7f4an,
      parentId: i % 20 === 0 ? undefined : BigInt(i) * 0x9e37_79b9_7f4an,
      service: i % 60 < 20 ? 'checkout' : 'carts-db',
      resource: `GET /api/orders/{id}/${i % 50}`,
      start: (1_727_177_156_250_000_000n + BigInt(i) * 1_000_000n) as Span['start'],
      priority: 1,
      meta: {
        env: 'production',
        version: '1.42.0',
        language: 'javascript',
        component: 'http',
        'span.kind': 'server',
        'runtime-id': 'a35f1c9e-7c3f-4f0a-9e51-27d2b8f4c6aa',
        'http.method': 'GET',
        'http.status_code': '200',
        'http.url': `https://shop.example/api/orders/${i}?page=${i % 7}`,
        'http.useragent': 'Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36',
        'http.route': '/api/orders/:id',
        '_dd.base_service': 'checkout',
        'customer.id': `c-${i * 7919}`,
      },
      metrics: {
        _sampling_priority_v1: 1,
        process_id: 4711,
        '_dd.measured': 1,
        'cart.items': i % 9,
        'cart.total': i * 0.25,
      },
    }),
  );
}

const spans = sampleSpans();

function decodeAll(format: RecordFormat, body: Uint8Array): number {
  const batch = new SpanBatch();
  const outcome = decodeRecord(record(format, body), batch);
  if (outcome.spans !== SPANS || batch.length !== SPANS)
    throw new Error(`decoded ${outcome.spans} of ${SPANS} spans`);
  return batch.byteSize;
}

function compare(
  name: string,
  format: RecordFormat,
  body: Uint8Array,
  baseline?: { name: string; run: () => unknown },
): void {
  const bytes = decodeAll(format, body);
  describe(`${name}: ${SPANS} spans, ${(body.length / SPANS).toFixed(0)} wire bytes/span, ${(bytes / SPANS).toFixed(0)} batch bytes/span`, () => {
    bench(`decodeRecord (ns/span = mean ms × 1000)`, () => void decodeAll(format, body));
    if (baseline !== undefined) bench(baseline.name, () => void baseline.run());
  });
}

const v04 = encodeAgentV04(spans);
const v05 = encodeAgentV05(spans);
const v07 = encodeAgentV07(spans);
const v10 = encodeAgentV10(spans);
const otlp = encodeOtlpTraces(spans);
const otlpJson = encodeOtlpTracesJson(spans);
const json = agentJson();

compare('v0.4', 'agent-v0.4-msgpack', v04, { name: 'msgpackr.unpack', run: () => unpack(v04) });
compare('v0.4 JSON', 'agent-v0.4-json', json, {
  name: 'JSON.parse',
  run: () => JSON.parse(Buffer.from(json).toString()),
});
compare('v0.5', 'agent-v0.5-msgpack', v05, { name: 'msgpackr.unpack', run: () => unpack(v05) });
compare('v0.7', 'agent-v0.7-msgpack', v07, { name: 'msgpackr.unpack', run: () => unpack(v07) });
compare('v1.0', 'agent-v1.0-msgpack', v10, { name: 'msgpackr.unpack', run: () => unpack(v10) });
compare('AgentPayload', 'agent-payload-protobuf', encodeAgentPayload(spans));
compare(
  'indexed AgentPayload',
  'agent-payload-protobuf',
  encodeAgentPayload(spans, { form: 'indexed' }),
);
compare('OTLP protobuf', 'otlp-traces-protobuf', otlp);
compare('OTLP JSON', 'otlp-traces-json', otlpJson, {
  name: 'JSON.parse',
  run: () => JSON.parse(Buffer.from(otlpJson).toString()),
});

/** v0.4 in JSON, with ids as JSON numbers of all their digits. */
function agentJson(): Uint8Array {
  const text = JSON.stringify(unpack(v04), (_key, value: unknown) =>
    typeof value === 'bigint' ? `#${value}#` : value,
  );
  const body = Buffer.from(text.replaceAll(/"#(\d+)#"/g, '$1'));
  if (jsonToMsgpack(body).length === 0) throw new Error('no JSON');
  return body;
}
