import type { DurationNanos, EpochMillis, EpochNanos } from '@spanloom/base';
import {
  type DecodeOutcome,
  type IntakeRecord,
  type RecordFormat,
  type Span,
  SpanBatch,
} from '@spanloom/model';
import { pack } from 'msgpackr';
import { decodeRecord } from './decode-record.ts';

/** When every record of the tests was taken: 2024-09-24. */
export const RECEIVED_MS = 1_727_177_200_000;

export function record(
  format: RecordFormat,
  body: Uint8Array,
  headers: Record<string, string> = {},
): IntakeRecord {
  return { format, receivedMs: RECEIVED_MS, headers, body };
}

export interface Decoded {
  readonly spans: Span[];
  readonly outcome: DecodeOutcome;
}

export function decode(
  format: RecordFormat,
  body: Uint8Array,
  headers: Record<string, string> = {},
): Decoded {
  const batch = new SpanBatch();
  const outcome = decodeRecord(record(format, body, headers), batch);
  return { spans: spansOf(batch), outcome };
}

export function spansOf(batch: SpanBatch): Span[] {
  return Array.from({ length: batch.length }, (_, row) => batch.span(row));
}

/** A v0.4 payload of span maps, encoded by an encoder that is not ours. */
export function agentV04(chunks: unknown): Buffer {
  return pack(chunks);
}

/** A wire span that breaks no rule. */
export function wireSpan(fields: Record<string, unknown> = {}): Record<string, unknown> {
  return {
    service: 'checkout',
    name: 'web.request',
    resource: 'GET /checkout',
    type: 'web',
    trace_id: 1001n,
    span_id: 2002n,
    parent_id: 0,
    start: 1_727_177_156_250_000_000n,
    duration: 812_000_000,
    error: 0,
    meta: {},
    metrics: {},
    ...fields,
  };
}

/** Decodes one v0.4 chunk of wire spans. */
export function decodeChunk(
  spans: readonly unknown[],
  headers: Record<string, string> = {},
): Decoded {
  return decode('agent-v0.4-msgpack', agentV04([spans]), headers);
}

/** Decodes one v0.4 span. */
export function decodeOne(fields: Record<string, unknown>): Span {
  return decodeChunk([wireSpan(fields)]).spans[0]!;
}

/** A span that breaks no rule and came by a Datadog format. */
export function span(fields: Partial<Span> = {}): Span {
  return {
    traceId: { hi: 0x66f2a1c400000000n, lo: 0x9a7d4b21e6c8f013n },
    spanId: 0x2b3c4d5e6f708192n,
    parentId: undefined,
    source: 'datadog',
    service: 'checkout',
    name: 'web.request',
    resource: 'GET /checkout',
    type: 'web',
    kind: 'unspecified',
    env: '',
    version: '',
    functionName: '',
    start: 1_727_177_156_250_000_000n as EpochNanos,
    duration: 812_000_000 as DurationNanos,
    error: false,
    flags: 1,
    priority: undefined,
    meta: {},
    metrics: {},
    binary: {},
    links: [],
    events: [],
    typed: {},
    envelope: '',
    received: RECEIVED_MS as EpochMillis,
    ...fields,
  };
}

/** A trace of three spans with everything that all formats can carry. */
export function sampleTrace(): Span[] {
  const meta = {
    env: 'prod',
    version: '1.2.3',
    'span.kind': 'server',
    component: 'http',
    'http.method': 'GET',
  };
  const metrics = { _sampling_priority_v1: 2, 'cart.discount': 0.15 };
  const shared = { env: 'prod', version: '1.2.3', priority: 2 } as const;
  return [
    span({ ...shared, meta, metrics, kind: 'server', flags: 1 }),
    span({
      ...shared,
      spanId: 3003n,
      parentId: 0x2b3c4d5e6f708192n,
      name: 'postgres.query',
      resource: 'SELECT 1',
      type: 'sql',
      service: 'carts-db',
      kind: 'client',
      meta: {
        env: 'prod',
        version: '1.2.3',
        'span.kind': 'client',
        'customer.note': 'Grüße 🛒 注文',
      },
      metrics: { 'db.row_count': 7 },
      links: [
        {
          traceId: { hi: 1n, lo: 2n },
          spanId: 3n,
          attributes: { reason: 'same basket' },
          traceState: 'a=1',
          flags: 1,
        },
      ],
    }),
    span({
      ...shared,
      spanId: 0xffff_ffff_ffff_ffffn,
      parentId: 0x2b3c4d5e6f708192n,
      name: 'payment.charge',
      resource: 'POST /charges',
      type: '',
      flags: 0,
      error: true,
      meta: {
        env: 'prod',
        version: '1.2.3',
        'error.message': 'card declined',
        'error.type': 'Declined',
      },
      metrics: {},
      events: [
        {
          name: 'queue.accepted',
          time: 1_727_177_156_250_000_123n as EpochNanos,
          attributes: { text: 'orders', depth: 7, ratio: 0.5, durable: true, list: ['a', 'b'] },
        },
      ],
    }),
  ];
}
