import { type AttributeValue, KINDS, type Span } from '@spanloom/model';
import { protobufToOtlpJson } from '../otlp/protobuf-to-json.ts';
import type { ExactJson } from '../wire/json-text.ts';
import { ProtobufWriter } from '../wire/protobuf-writer.ts';
import { idBytes } from './encode-agent-v10.ts';
import { Envelope, groupsOf, isObject } from './envelope.ts';
import { bytesOfJson, type TypedAttribute, typedAttributes } from './v10-fields.ts';

const DROPPED = 'otel.dropped_attributes_count';
const STATUS_CODES: Readonly<Record<string, number>> = { OK: 1, ERROR: 2 };

/** Attributes that have a field of their own on the wire, or stand in the scope. */
const OWN_FIELDS: ReadonlySet<string> = new Set([
  'otel.span.name',
  'w3c.tracestate',
  DROPPED,
  'otel.dropped_events_count',
  'otel.dropped_links_count',
  'otel.span_flags',
]);

/**
 * An OTLP trace export in protobuf.
 *
 * Spans that came by OTLP go out with the resource, scope, name and status they came with. What OTLP has no field for goes
 * into `datadog.*` attributes, which state it to us and to Datadog.
 */
export function encodeOtlpTraces(spans: readonly Span[]): Uint8Array {
  const writer = new ProtobufWriter();
  for (const group of groupsOf(spans, resourceKey)) {
    writer.message(1, () => writeResourceSpans(writer, group));
  }
  return writer.finish();
}

/** The same in JSON. */
export function encodeOtlpTracesJson(spans: readonly Span[]): Uint8Array {
  return Buffer.from(protobufToOtlpJson(encodeOtlpTraces(spans)), 'utf8');
}

/** What must agree for two spans to go under one resource and scope. */
function resourceKey(span: Span): string {
  return new Envelope(span.envelope).has('resource')
    ? span.envelope
    : `${span.service}\n${span.envelope}`;
}

function writeResourceSpans(writer: ProtobufWriter, spans: readonly Span[]): void {
  const envelope = new Envelope(spans[0]!.envelope);
  const service = spans[0]!.service;
  const resource = envelope.has('resource')
    ? envelope.object('resource')
    : service === ''
      ? {}
      : { 'service.name': service };
  writer.message(1, () => writeJsonAttributes(writer, 1, resource));
  writer.message(2, () => {
    const scope = envelope.object('scope');
    if (envelope.has('scope')) {
      writer.message(1, () => {
        writer.string(1, typeof scope['name'] === 'string' ? scope['name'] : '');
        writer.string(2, typeof scope['version'] === 'string' ? scope['version'] : '');
        if (isObject(scope['attributes'])) writeJsonAttributes(writer, 3, scope['attributes']);
      });
    }
    for (const span of spans)
      writer.message(2, () => writeSpan(writer, span, envelope.has('scope')));
    writer.string(3, envelope.text('scope_schema_url'));
  });
  writer.string(3, envelope.text('resource_schema_url'));
}

function writeSpan(writer: ProtobufWriter, span: Span, hasScope: boolean): void {
  const { meta, metrics } = span;
  writer.bytes(1, idBytes(span.traceId));
  writer.bytes(2, idBytes({ hi: 0n, lo: span.spanId }).subarray(8));
  writer.string(3, meta['w3c.tracestate'] ?? '');
  if (span.parentId !== undefined)
    writer.bytes(4, idBytes({ hi: 0n, lo: span.parentId }).subarray(8));
  writer.string(5, meta['otel.span.name'] ?? span.resource);
  writer.integer(6, KINDS.indexOf(span.kind));
  writer.fixed64(7, span.start);
  writer.fixed64(8, span.start + BigInt(span.duration));
  for (const [key, value] of explicitAttributes(span))
    writeAttribute(writer, 9, key, { type: 'string', value });
  writeAttribute(writer, 9, 'datadog.type', { type: 'string', value: span.type });
  if (span.priority !== undefined && span.priority !== metrics['_sampling_priority_v1']) {
    writeAttribute(writer, 9, 'datadog.sampling.priority', {
      type: 'integer',
      value: BigInt(span.priority),
    });
  }
  const status = statusOf(span);
  if (status.explicitError !== undefined) {
    writeAttribute(writer, 9, 'datadog.error', { type: 'integer', value: status.explicitError });
  }
  for (const [key, value] of typedAttributes(span, span.meta, 'int')) {
    if (OWN_FIELDS.has(key) || (hasScope && SCOPE_KEYS.has(key))) continue;
    if (key === 'span.kind' && value.value === span.kind) continue;
    if (status.explicitError === undefined && STATUS_KEYS.has(key)) continue;
    writeAttribute(writer, 9, key, value);
  }
  writer.integer(10, metrics[DROPPED] ?? 0);
  for (const event of span.events) {
    const { [DROPPED]: dropped, ...attributes } = event.attributes;
    writer.message(11, () => {
      writer.fixed64(1, event.time);
      writer.string(2, event.name);
      writeValues(writer, 3, attributes);
      writer.integer(4, Number(dropped ?? 0));
    });
  }
  writer.integer(12, metrics['otel.dropped_events_count'] ?? 0);
  for (const link of span.links) {
    const { [DROPPED]: dropped, ...attributes } = link.attributes;
    writer.message(13, () => {
      writer.bytes(1, idBytes(link.traceId));
      writer.bytes(2, idBytes({ hi: 0n, lo: link.spanId }).subarray(8));
      writer.string(3, link.traceState);
      writeValues(writer, 4, attributes);
      writer.integer(5, Number(dropped ?? 0));
      writer.fixed32(6, link.flags ?? 0);
    });
  }
  writer.integer(14, metrics['otel.dropped_links_count'] ?? 0);
  if (status.code !== 0 || status.message !== '') {
    writer.message(15, () => {
      writer.string(2, status.message);
      writer.integer(3, status.code);
    });
  }
  writer.fixed32(16, metrics['otel.span_flags'] ?? 0);
}

const SCOPE_KEYS: ReadonlySet<string> = new Set([
  'otel.scope.name',
  'otel.scope.version',
  'otel.library.name',
  'otel.library.version',
]);

const STATUS_KEYS: ReadonlySet<string> = new Set(['otel.status_code', 'otel.status_description']);

/** What OTLP would otherwise have to guess. */
function explicitAttributes(span: Span): [string, string][] {
  const all: [string, string][] = [
    ['datadog.name', span.name],
    ['datadog.service', span.service],
    ['datadog.resource', span.resource],
    ['datadog.env', span.meta['env'] === span.env ? '' : span.env],
    ['datadog.version', span.meta['version'] === span.version ? '' : span.version],
  ];
  return all.filter(([, value]) => value !== '');
}

interface Status {
  readonly code: number;
  readonly message: string;
  /** Stated beside the status when the span's error did not come from a status. */
  readonly explicitError: bigint | undefined;
}

function statusOf(span: Span): Status {
  const name = span.meta['otel.status_code'];
  const code = name === undefined ? 0 : STATUS_CODES[name];
  if (code !== undefined && span.error === (code === 2)) {
    return { code, message: span.meta['otel.status_description'] ?? '', explicitError: undefined };
  }
  return {
    code: span.error ? 2 : 0,
    message: span.error ? (span.meta['error.message'] ?? '') : '',
    explicitError: span.error ? 1n : 0n,
  };
}

function writeAttribute(
  writer: ProtobufWriter,
  field: number,
  key: string,
  value: TypedAttribute,
): void {
  writer.message(field, () => {
    writer.string(1, key);
    writer.message(2, () => writeTyped(writer, value));
  });
}

function writeTyped(writer: ProtobufWriter, value: TypedAttribute): void {
  switch (value.type) {
    case 'string':
      return writer.always(1, value.value);
    case 'boolean':
      return writer.integerAlways(2, value.value ? 1 : 0);
    case 'integer':
      return writer.integerAlways(3, value.value);
    case 'double':
      return writer.double(4, value.value);
    case 'bytes':
      return writer.bytes(7, value.value);
    case 'json':
      return writeJson(writer, value.value);
  }
}

function writeJson(writer: ProtobufWriter, value: ExactJson): void {
  if (value === null) return; // an AnyValue without a value is OTLP's null
  if (typeof value === 'string') return writeTyped(writer, { type: 'string', value });
  if (typeof value === 'boolean') return writeTyped(writer, { type: 'boolean', value });
  if (typeof value === 'number') return writeTyped(writer, { type: 'double', value });
  if (typeof value === 'bigint') return writeTyped(writer, { type: 'integer', value });
  const bytes = bytesOfJson(value);
  if (bytes !== undefined) return writeTyped(writer, { type: 'bytes', value: bytes });
  if (isObject(value)) return writer.message(6, () => writeJsonAttributes(writer, 1, value));
  return writer.message(5, () => {
    for (const item of value) writer.message(1, () => writeJson(writer, item));
  });
}

function writeJsonAttributes(
  writer: ProtobufWriter,
  field: number,
  attributes: { readonly [key: string]: ExactJson },
): void {
  for (const [key, value] of Object.entries(attributes)) {
    writer.message(field, () => {
      writer.string(1, key);
      writer.message(2, () => writeJson(writer, value));
    });
  }
}

function writeValues(
  writer: ProtobufWriter,
  field: number,
  values: Readonly<Record<string, AttributeValue>>,
): void {
  for (const [key, value] of Object.entries(values)) {
    writer.message(field, () => {
      writer.string(1, key);
      writer.message(2, () => writeValue(writer, value));
    });
  }
}

function writeValue(writer: ProtobufWriter, value: AttributeValue): void {
  if (typeof value === 'object') {
    writer.message(5, () => {
      for (const item of value) writer.message(1, () => writeValue(writer, item));
    });
  } else if (typeof value === 'number' && Number.isSafeInteger(value) && !Object.is(value, -0)) {
    writeTyped(writer, { type: 'integer', value: BigInt(value) });
  } else {
    writeJson(writer, value);
  }
}
