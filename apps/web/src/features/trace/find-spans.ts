import { tryParseTraceId } from '@spanloom/base';
import type { SpanJson } from '@spanloom/contract';
import { compileMatcher, parseQuery, type SpanView } from '@spanloom/query';
import type { Scene } from './scene.ts';

/** Rows that match, in tree order, or why the text cannot be searched for. */
export type FindResult = { readonly hits: readonly number[] } | { readonly problem: string };

/**
 * Searches the loaded trace. The language is the explorer's; text without a key also looks into every attribute, as
 * `key=value`, because within one trace there is no cost to it.
 */
export function findSpans(scene: Scene, text: string): FindResult {
  const wanted = text.trim();
  if (wanted === '') return { hits: [] };
  const test = wanted.includes(':') ? queryTest(scene, wanted) : textTest(wanted);
  if (typeof test === 'string') return { problem: test };
  const hits: number[] = [];
  for (let row = 0; row < scene.model.count; row++) {
    const span = scene.span(row);
    if (span !== undefined && test(span)) hits.push(row);
  }
  return { hits };
}

function textTest(wanted: string): (span: SpanJson) => boolean {
  const words = wanted.toLowerCase().split(/\s+/);
  return (span) => words.every((word) => hasWord(span, word));
}

function hasWord(span: SpanJson, word: string): boolean {
  if (
    `${span.service}\n${span.resource}\n${span.name}\n${span.type}\n${span.span_id}`
      .toLowerCase()
      .includes(word)
  )
    return true;
  for (const key in span.meta)
    if (`${key}=${span.meta[key]}`.toLowerCase().includes(word)) return true;
  for (const key in span.metrics)
    if (`${key}=${span.metrics[key]}`.toLowerCase().includes(word)) return true;
  return false;
}

function queryTest(scene: Scene, wanted: string): ((span: SpanJson) => boolean) | string {
  const parsed = parseQuery(wanted, { now: BigInt(Date.now()) * 1_000_000n });
  if (!parsed.ok) return parsed.problem.message;
  const matches = compileMatcher(parsed.query.predicate);
  const traceId = tryParseTraceId(scene.trace.trace_id) ?? { hi: 0n, lo: 0n };
  return (span) => matches(toSpanView(span, traceId));
}

const SOURCES: Readonly<Record<string, SpanView['source']>> = {
  datadog: 'dd',
  otlp: 'otel',
  xray: 'xray',
};

function toSpanView(span: SpanJson, traceId: SpanView['traceId']): SpanView {
  return {
    service: span.service,
    name: span.name,
    resource: span.resource,
    type: span.type,
    env: span.env,
    version: span.version,
    kind: span.kind,
    error: span.error === 1,
    duration: span.duration_ns,
    start: BigInt(span.start_ns),
    traceId,
    spanId: BigInt(`0x${span.span_id}`),
    parentId: span.parent_id === null ? 0n : BigInt(`0x${span.parent_id}`),
    source: SOURCES[span.source] ?? 'other',
    entry: span.entry,
    function: span.meta['functionname'] ?? '',
    region: span.meta['region'] ?? '',
    httpMethod: span.meta['http.method'] ?? '',
    httpStatus: Number(span.meta['http.status_code'] ?? span.metrics['http.status_code'] ?? 0) || 0,
    cold: span.meta['cold_start'] === 'true',
    attributes: new Map(Object.entries(span.meta)),
    metrics: new Map(Object.entries(span.metrics)),
  };
}
