import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import {
  type DurationNanos,
  type EpochMillis,
  type EpochNanos,
  joinKey,
  type TraceId,
} from '@spanloom/base';
import { decodeRecord } from '@spanloom/codec';
import { type Span, SpanBatch, type TraceKey } from '@spanloom/model';
import { type AssembleOptions, assembleTrace } from './assemble-trace.ts';
import type { AssembledTrace } from './assembled-trace.ts';
import { keysOfBatch } from './batch-keys.ts';
import { keysOfSpan, relatedKeys } from './trace-keys.ts';

/** A JSON document of X-Ray. */
export type Document = Record<string, unknown>;

/** The X-Ray trace of the documents below, in its own form and as libraries convert it. */
export const XRAY: TraceId = { hi: 0x66f2a1c48f3b0c5en, lo: 0x9a7d4b21e6c8f013n };
export const T63 = 1908764426052890643n;
/** Ids of spans in it. */
export const STAGE = 0xe1f2031425364758n;
export const SERVICE = 0xc4d5e6f708192a3bn;
export const FUNCTION = 0x7a6b5c4d3e2f1a0bn;
export const INVOCATION = 0x3d4e5f60718293a4n;
export const REQUEST_ID = '5a7e0b1c-2222-4c3d-9e9e-000000000002';

const FIXTURES = fileURLToPath(new URL('../../../fixtures/xray-segments/', import.meta.url));

/** A recorded or composed document of `fixtures/xray-segments`. */
export function document(name: string): Document {
  return JSON.parse(readFileSync(`${FIXTURES}${name}.json`, 'utf8')) as Document;
}

/** One request through API Gateway to a function that calls DynamoDB, as X-Ray has it. */
export function xrayRequest(env = ''): Document[] {
  const stage = document('api-gateway-stage');
  const run = document('lambda-function');
  if (env !== '') {
    stage['annotations'] = { ...(stage['annotations'] as Document), env };
    // Nobody can annotate Lambda's own segments: the handler's subsegment speaks for them.
    const [, invocation] = run['subsegments'] as Document[];
    const [handler] = invocation!['subsegments'] as Document[];
    handler!['annotations'] = { ...(handler!['annotations'] as Document), env };
  }
  return [stage, document('lambda-service'), run, document('inferred-table')];
}

/** What a Lambda library sends to X-Ray: keys and objects below `metadata.datadog`. */
export function metadata(datadog: Document, fields: Document = {}): Document {
  return {
    id: '0a1b2c3d4e5f6071',
    trace_id: '1-66f2a1c4-8f3b0c5e9a7d4b21e6c8f013',
    parent_id: '3d4e5f60718293a4',
    name: 'datadog-metadata',
    start_time: 1727177156.615,
    end_time: 1727177156.615,
    type: 'subsegment',
    metadata: { datadog },
    ...fields,
  };
}

/** Decodes documents together, as the product does. */
export function decoded(documents: readonly Document[]): SpanBatch {
  const batch = new SpanBatch();
  decodeRecord(
    {
      format: 'xray-segment-json',
      receivedMs: 1_727_177_200_000,
      headers: {},
      body: Buffer.from(JSON.stringify(documents), 'utf8'),
    },
    batch,
  );
  return batch;
}

export function spansOf(batch: SpanBatch): Span[] {
  return Array.from({ length: batch.length }, (_, row) => batch.span(row));
}

/** Spans of X-Ray documents. */
export function xray(documents: readonly Document[]): Span[] {
  return spansOf(decoded(documents));
}

/** A span of a Datadog tracer: `start` and `end` in ms after 11:25:56 of that day. */
export function apm(
  spanId: bigint,
  name: string,
  [start, end]: readonly [number, number],
  fields: Partial<Span> = {},
): Span {
  return {
    traceId: { hi: 0n, lo: T63 },
    spanId,
    parentId: undefined,
    source: 'datadog',
    service: 'orders',
    name,
    resource: name,
    type: '',
    kind: 'unspecified',
    env: '',
    version: '',
    functionName: '',
    start: (1_727_177_156_000_000_000n + BigInt(Math.round(start * 1e6))) as EpochNanos,
    duration: Math.round((end - start) * 1e6) as DurationNanos,
    error: false,
    flags: 0,
    priority: 1,
    meta: {},
    metrics: {},
    binary: {},
    links: [],
    events: [],
    typed: {},
    envelope: '',
    received: 1_727_177_157_500 as EpochMillis,
    ...fields,
  };
}

/** The tree as drawn: names, indented; hidden spans are left out. Of X-Ray, the name its document has. */
export function drawn(trace: AssembledTrace | undefined): string[] {
  return trace === undefined ? [] : lines(trace, false);
}

/** The tree with its hidden spans, which are in brackets. */
export function whole(trace: AssembledTrace): string[] {
  return lines(trace, true);
}

function lines(trace: AssembledTrace, all: boolean): string[] {
  return trace.nodes.flatMap(({ span, depth, hiddenReason }) => {
    const label = span.source === 'xray' ? span.meta['xray.name']! : span.name;
    const text = span.source === 'xray' ? `x:${label}` : label;
    if (hiddenReason === undefined) return [`${'  '.repeat(depth)}${text}`];
    return all ? [`${'  '.repeat(depth)}[${text}]`] : [];
  });
}

/** A store in memory that answers what the real one does, and the reader's loop over it. */
export class MemoryStore {
  readonly #spans: Span[] = [];
  readonly #keys: TraceKey[] = [];

  add(spans: readonly Span[]): void {
    for (const span of spans) {
      this.#spans.push(span);
      this.#keys.push(...keysOfSpan(span));
    }
  }

  addBatch(batch: SpanBatch): void {
    this.#spans.push(...spansOf(batch));
    this.#keys.push(...keysOfBatch(batch, 0));
  }

  /** Reads a trace by one of its ids, with everything tied to it. */
  read(traceId: TraceId, options: Partial<AssembleOptions> = {}): AssembledTrace | undefined {
    const known = new Set<bigint>();
    const requests = new Set<bigint>();
    const found: Span[] = [];
    let wanted = new Set([joinKey(traceId)]);
    while (wanted.size > 0) {
      const loaded = this.#spans.filter((span) => wanted.has(joinKey(span.traceId)));
      for (const key of wanted) known.add(key);
      found.push(...loaded);
      const related = relatedKeys(loaded);
      for (const key of related.requests) requests.add(key);
      const stating = this.#keys.filter(({ kind, key }) =>
        kind === 'trace' ? known.has(key) : requests.has(key),
      );
      wanted = new Set(
        [...related.traces, ...stating.map((key) => joinKey(key.traceId))].filter(
          (key) => !known.has(key),
        ),
      );
    }
    return assembleTrace(found, { traceId, ...options });
  }
}
