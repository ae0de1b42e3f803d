import type { IntakeRecord } from '@spanloom/model';
import { type Span, SPAN_FLAGS } from '@spanloom/model';
import type { DurationNanos, EpochNanos } from '@spanloom/base';
import { aSpan } from './span-batch.testing.ts';

/** Spans as a web service sends them: 20 to a trace, 18 attributes each, about half of whose values repeat. */
export function serviceSpans(count: number, first: number = 0): readonly Span[] {
  return Array.from({ length: count }, (_, index) => {
    const i = first + index;
    const trace = Math.floor(i / 20) + 1;
    return aSpan({
      traceId: { hi: 0x66f2a1c400000000n, lo: BigInt(trace) * 0x1234_5678_9abcn },
      spanId: BigInt(i + 1) * 0x9e37_79b9_7f4an,
      parentId: i % 20 === 0 ? undefined : BigInt(i) * 0x9e37_79b9_7f4an,
      service: i % 3 === 0 ? 'checkout' : 'carts-db',
      resource: `GET /api/orders/{id}/${i % 50}`,
      env: 'production',
      version: '1.42.0',
      start: (BigInt(Date.now()) * 1_000_000n + BigInt(i)) as EpochNanos,
      duration: (1_000_000 + ((i * 7919) % 1_000_000)) as DurationNanos,
      flags: i % 20 === 0 ? SPAN_FLAGS.entry : 0,
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
        'customer.id': `c-${(i * 7919) % 100_000}`,
      },
      metrics: {
        process_id: 4711,
        '_dd.measured': 1,
        'cart.items': i % 9,
        'cart.total': i * 0.25,
        'http.response.bytes': i % 4096,
      },
    });
  });
}

/** A payload that was received now. */
export function agentRecord(body: Uint8Array): IntakeRecord {
  return { format: 'agent-v0.4-msgpack', receivedMs: Date.now(), headers: {}, body };
}
