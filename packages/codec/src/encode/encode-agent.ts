import type { AttributeValue, Span } from '@spanloom/model';
import { MsgpackWriter } from '../wire/msgpack-writer.ts';
import {
  ANY,
  anyTypeOf,
  eventsJson,
  linksJson,
  metaOf,
  type MetricValue,
  metricsOf,
  textOfValue,
  wireFlags,
} from './datadog-span.ts';
import { chunksOf, Envelope } from './envelope.ts';

/** Agent traces v0.3 and v0.4. What the envelope says goes into headers: see `agentHeaders`. */
export function encodeAgentV04(spans: readonly Span[]): Uint8Array {
  const writer = new MsgpackWriter();
  const chunks = chunksOf(spans);
  writer.array(chunks.length);
  for (const chunk of chunks) {
    writer.array(chunk.length);
    for (const span of chunk) writeSpanMap(writer, span, chunk, true);
  }
  return Uint8Array.from(writer.out.view());
}

/** Agent traces v0.5. Binary attributes have no place in it and are left out. */
export function encodeAgentV05(spans: readonly Span[]): Uint8Array {
  const table = new Map<string, number>([['', 0]]);
  const index = (text: string): number => {
    let position = table.get(text);
    if (position === undefined) {
      position = table.size;
      table.set(text, position);
    }
    return position;
  };
  const body = new MsgpackWriter();
  const chunks = chunksOf(spans);
  body.array(chunks.length);
  for (const chunk of chunks) {
    body.array(chunk.length);
    for (const span of chunk) {
      const meta = metaOf(span, span === chunk[0]);
      if (span.links.length > 0) meta.push(['_dd.span_links', linksJson(span.links)]);
      if (span.events.length > 0) meta.push(['events', eventsJson(span.events)]);
      const metrics = metricsOf(span, chunk, true);
      body.array(12);
      body.int(index(span.service));
      body.int(index(span.name));
      body.int(index(span.resource));
      body.bigint(span.traceId.lo);
      body.bigint(span.spanId);
      body.bigint(span.parentId ?? 0n);
      body.bigint(span.start);
      body.int(span.duration);
      body.int(span.error ? 1 : 0);
      body.map(meta.length);
      for (const [key, value] of meta) {
        body.int(index(key));
        body.int(index(value));
      }
      body.map(metrics.length);
      for (const [key, value] of metrics) {
        body.int(index(key));
        writeMetric(body, value);
      }
      body.int(index(span.type));
    }
  }
  const head = new MsgpackWriter();
  head.array(2);
  head.array(table.size);
  for (const text of table.keys()) head.text(text);
  return Uint8Array.from(Buffer.concat([head.out.view(), body.out.view()]));
}

/** Agent traces v0.7. The spans are of one sender: what the first one's envelope says about it is said for all. */
export function encodeAgentV07(spans: readonly Span[]): Uint8Array {
  const writer = new MsgpackWriter();
  const envelope = new Envelope(spans[0]?.envelope ?? '');
  const chunks = chunksOf(spans);
  const texts = [
    ['container_id', 'container_id'],
    ['language_name', 'language'],
    ['language_version', 'language_version'],
    ['tracer_version', 'tracer_version'],
    ['runtime_id', 'runtime_id'],
    ['env', 'env'],
    ['hostname', 'hostname'],
    ['app_version', 'app_version'],
  ] as const;
  writer.map(texts.length + 2);
  for (const [key, member] of texts) {
    writer.text(key);
    writer.text(envelope.text(member));
  }
  writer.text('tags');
  writeTags(writer, envelope.tags('tags'));
  writer.text('chunks');
  writer.array(chunks.length);
  for (const chunk of chunks) {
    const own = new Envelope(chunk[0]!.envelope);
    writer.map(5);
    writer.text('priority');
    writer.int(chunk[0]!.priority ?? -128);
    writer.text('origin');
    writer.text(own.text('chunk_origin'));
    writer.text('tags');
    writeTags(writer, own.tags('chunk_tags'));
    writer.text('dropped_trace');
    writer.boolean(own.flag('dropped_trace'));
    writer.text('spans');
    writer.array(chunk.length);
    for (const span of chunk) writeSpanMap(writer, span, chunk, false);
  }
  return Uint8Array.from(writer.out.view());
}

function writeSpanMap(
  writer: MsgpackWriter,
  span: Span,
  chunk: readonly Span[],
  statePriority: boolean,
): void {
  const meta = metaOf(span, span === chunk[0]);
  const metrics = metricsOf(span, chunk, statePriority);
  const binary = Object.entries(span.binary);
  const optional = [binary, span.links, span.events].filter((list) => list.length > 0).length;
  writer.map(12 + optional);
  for (const key of ['service', 'name', 'resource', 'type'] as const) {
    writer.text(key);
    writer.text(span[key]);
  }
  writer.text('trace_id');
  writer.bigint(span.traceId.lo);
  writer.text('span_id');
  writer.bigint(span.spanId);
  writer.text('parent_id');
  writer.bigint(span.parentId ?? 0n);
  writer.text('start');
  writer.bigint(span.start);
  writer.text('duration');
  writer.int(span.duration);
  writer.text('error');
  writer.int(span.error ? 1 : 0);
  writer.text('meta');
  writer.map(meta.length);
  for (const [key, value] of meta) {
    writer.text(key);
    writer.text(value);
  }
  writer.text('metrics');
  writer.map(metrics.length);
  for (const [key, value] of metrics) {
    writer.text(key);
    writeMetric(writer, value);
  }
  if (binary.length > 0) {
    writer.text('meta_struct');
    writer.map(binary.length);
    for (const [key, value] of binary) {
      writer.text(key);
      writer.binary(value);
    }
  }
  if (span.links.length > 0) writeLinks(writer, span);
  if (span.events.length > 0) writeEvents(writer, span);
}

function writeLinks(writer: MsgpackWriter, span: Span): void {
  writer.text('span_links');
  writer.array(span.links.length);
  for (const link of span.links) {
    const attributes = Object.entries(link.attributes);
    writer.map(6);
    writer.text('trace_id');
    writer.bigint(link.traceId.lo);
    writer.text('trace_id_high');
    writer.bigint(link.traceId.hi);
    writer.text('span_id');
    writer.bigint(link.spanId);
    writer.text('attributes');
    writer.map(attributes.length);
    for (const [key, value] of attributes) {
      writer.text(key);
      writer.text(textOfValue(value));
    }
    writer.text('tracestate');
    writer.text(link.traceState);
    writer.text('flags');
    writer.int(wireFlags(link));
  }
}

function writeEvents(writer: MsgpackWriter, span: Span): void {
  writer.text('span_events');
  writer.array(span.events.length);
  for (const event of span.events) {
    const attributes = Object.entries(event.attributes);
    writer.map(3);
    writer.text('time_unix_nano');
    writer.bigint(event.time);
    writer.text('name');
    writer.text(event.name);
    writer.text('attributes');
    writer.map(attributes.length);
    for (const [key, value] of attributes) {
      writer.text(key);
      writeAnyValue(writer, value);
    }
  }
}

const ANY_FIELDS = [
  'string_value',
  'bool_value',
  'int_value',
  'double_value',
  'array_value',
] as const;

function writeAnyValue(writer: MsgpackWriter, value: AttributeValue): void {
  const type = anyTypeOf(value);
  writer.map(2);
  writer.text('type');
  writer.int(type);
  writer.text(ANY_FIELDS[type]!);
  if (typeof value === 'string') writer.text(value);
  else if (typeof value === 'boolean') writer.boolean(value);
  else if (typeof value === 'number') {
    if (type === ANY.integer) writer.int(value);
    else writer.double(value);
  } else {
    writer.map(1);
    writer.text('values');
    writer.array(value.length);
    // The wire allows one level: a list inside a list goes as its JSON.
    for (const item of value)
      writeAnyValue(writer, Array.isArray(item) ? JSON.stringify(item) : item);
  }
}

function writeTags(writer: MsgpackWriter, tags: Record<string, string>): void {
  const entries = Object.entries(tags);
  writer.map(entries.length);
  for (const [key, value] of entries) {
    writer.text(key);
    writer.text(value);
  }
}

function writeMetric(writer: MsgpackWriter, value: MetricValue): void {
  if (typeof value === 'bigint') writer.bigint(value);
  else writer.double(value);
}
