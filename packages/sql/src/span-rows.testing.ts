import type { SpanView } from '@spanloom/query';
import { p } from './param.ts';
import { renderSchema, type DdlTarget } from './render-ddl.ts';
import type { Table } from './schema.ts';
import {
  attributeIndexes,
  numberIndex,
  spanColumns,
  spanFlagBits,
  spanKindNumbers,
  spanTables,
} from './span-tables.ts';

/** The two span tables as far as queries see them: columns and the index on attribute pairs. */
const testTables: readonly Table[] = [spanTables.live, spanTables.kept].map((facts) => ({
  name: facts.name,
  columns: spanColumns,
  indexes: [attributeIndexes[facts.itemIndex], numberIndex],
  engine: { family: 'MergeTree' },
  orderBy: 'service, name, ts',
  settings: { index_granularity: 64 },
}));

/** Their definition. */
export function testSchema(target: DdlTarget): readonly string[] {
  return renderSchema(
    testTables.map((table) => ({ kind: 'create-table', table })),
    target,
  );
}

/** A span with nothing special about it. */
export function aSpan(fields: Partial<SpanView> = {}): SpanView {
  return {
    service: 'checkout',
    name: 'http.request',
    resource: 'GET /cart',
    type: 'web',
    env: 'prod',
    version: '1.2.3',
    kind: 'server',
    error: false,
    duration: 1_000_000,
    start: 1_727_177_156_250_000_000n,
    traceId: { hi: 0x66f2a1c48f3b0c5en, lo: 0x9a7d4b21e6c8f013n },
    spanId: 1n,
    parentId: 0n,
    source: 'dd',
    entry: false,
    function: '',
    region: '',
    httpMethod: '',
    httpStatus: 0,
    cold: false,
    attributes: new Map(),
    metrics: new Map(),
    ...fields,
  };
}

/** The row of a span, as JSON takes it; `keep_mask` carries its index. */
export function rowOf(span: SpanView, set: number, index: number): Record<string, unknown> {
  return {
    seq: set,
    keep_mask: index,
    ts: p.nanos(span.start).value,
    dur: span.duration,
    trace_hi: span.traceId.hi.toString(),
    trace_lo: span.traceId.lo.toString(),
    span_id: span.spanId.toString(),
    parent_id: span.parentId.toString(),
    source: span.source,
    service: span.service,
    name: span.name,
    resource: span.resource,
    type: span.type,
    kind: spanKindNumbers[span.kind],
    err: span.error ? 1 : 0,
    flags: span.entry ? spanFlagBits.entry : 0,
    env: span.env,
    version: span.version,
    fn: span.function,
    region: span.region,
    cold: span.cold ? 1 : 0,
    http_status: span.httpStatus,
    http_method: span.httpMethod,
    a: Object.fromEntries(span.attributes),
    n: Object.fromEntries(span.metrics),
  };
}
