import { type DecodeOutcome, type IntakeRecord, newOutcome, type SpanBatch } from '@spanloom/model';
import { AttributeList } from '../sink/attribute-list.ts';
import { SpanSink } from '../sink/span-sink.ts';
import { ProtobufReader } from '../wire/protobuf-reader.ts';
import { readKeyValue } from './any-value.ts';
import { otlpJsonToProtobuf } from './json-to-protobuf.ts';
import { OtlpSpans, type Surroundings } from './otlp-spans.ts';

/**
 * Appends the spans of an OTLP trace export, as HTTP and gRPC carry it in protobuf, to `batch`.
 *
 * A message may state a resource after its spans; passing over spans costs nothing, so the resource and the scope are read first
 * wherever they are. A span whose ids cannot be used is refused by itself and counted in `rejectedSpans`.
 *
 * @throws {DecodeError} If a message is cut short or a known field has another layout.
 * @see docs/formats/otlp-traces.md
 */
export function decodeOtlpTraces(record: IntakeRecord, batch: SpanBatch): DecodeOutcome {
  return decodeRequest(record, record.body, batch);
}

/** The same from JSON: it is rewritten as protobuf, so both forms give the same spans. */
export function decodeOtlpTracesJson(record: IntakeRecord, batch: SpanBatch): DecodeOutcome {
  return decodeRequest(record, otlpJsonToProtobuf(record.body), batch);
}

function decodeRequest(record: IntakeRecord, body: Uint8Array, batch: SpanBatch): DecodeOutcome {
  const outcome = newOutcome();
  const sink = new SpanSink(batch, outcome, {
    source: 'otlp',
    receivedMs: record.receivedMs,
    wholeNumbers: 'int',
  });
  const reader = new ProtobufReader(body);
  const spans = new OtlpSpans(sink, reader);
  while (reader.next(body.length)) {
    if (reader.field === 1) decodeResourceSpans(reader, reader.enter(body.length), sink, spans);
    else reader.skip(body.length);
  }
  outcome.traces = spans.traces;
  sink.finish();
  return outcome;
}

function decodeResourceSpans(
  reader: ProtobufReader,
  end: number,
  sink: SpanSink,
  spans: OtlpSpans,
): void {
  const begin = reader.pos;
  const resource = new AttributeList(sink.keys);
  let schemaUrl = '';
  while (reader.next(end)) {
    if (reader.field === 1) readAttributes(reader, reader.enter(end), sink, resource);
    else if (reader.field === 3) schemaUrl = reader.readString(end);
    else reader.skip(end);
  }
  const language = resource.textOf('telemetry.sdk.language');
  sink.setLanguage(language);
  const version = resource.textOf('telemetry.sdk.version');
  if (version !== '') sink.outcome.tracerVersion = version;
  const members = [
    member('language', JSON.stringify(language)),
    member('tracer_version', JSON.stringify(version)),
    member('resource', resource.toJson()),
    member('resource_schema_url', JSON.stringify(schemaUrl)),
  ];
  reader.pos = begin;
  while (reader.next(end)) {
    if (reader.field === 2)
      decodeScopeSpans(reader, reader.enter(end), sink, spans, resource, members);
    else reader.skip(end);
  }
}

function decodeScopeSpans(
  reader: ProtobufReader,
  end: number,
  sink: SpanSink,
  spans: OtlpSpans,
  resource: AttributeList,
  resourceMembers: readonly string[],
): void {
  const begin = reader.pos;
  const scope = { name: '', version: '', attributes: new AttributeList(sink.keys) };
  let schemaUrl = '';
  while (reader.next(end)) {
    if (reader.field === 1) readScope(reader, reader.enter(end), sink, scope);
    else if (reader.field === 3) schemaUrl = reader.readString(end);
    else reader.skip(end);
  }
  const scopeMembers = [
    member('name', JSON.stringify(scope.name)),
    member('version', JSON.stringify(scope.version)),
    member('attributes', scope.attributes.toJson()),
  ];
  const members = [
    ...resourceMembers,
    member('scope', objectOf(scopeMembers)),
    member('scope_schema_url', JSON.stringify(schemaUrl)),
  ];
  const surroundings: Surroundings = {
    envelope: sink.batch.envelope.table.internText(objectOf(members)),
    service: resource.textOf('service.name'),
    scopeName: scope.name,
    // `service.name` is the service column of every span and stands in the envelope: a copy per span would say nothing new.
    inherited: [scopeTags(scope, sink), resource.without('service.name')],
  };
  spans.begin(surroundings);
  reader.pos = begin;
  while (reader.next(end)) {
    if (reader.field === 2) spans.decode(reader.enter(end));
    else reader.skip(end);
  }
}

interface Scope {
  name: string;
  version: string;
  readonly attributes: AttributeList;
}

function readScope(reader: ProtobufReader, end: number, sink: SpanSink, scope: Scope): void {
  while (reader.next(end)) {
    if (reader.field === 1) scope.name = reader.readString(end);
    else if (reader.field === 2) scope.version = reader.readString(end);
    else if (reader.field === 3)
      readKeyValue(reader, reader.enter(end), sink.keys, scope.attributes);
    else reader.skip(end);
  }
}

/** A scope as attributes: under its present names and the ones it had before. */
function scopeTags(scope: Scope, sink: SpanSink): AttributeList {
  const tags = scope.attributes.without('');
  const add = (name: string, text: string): void => {
    if (text !== '') tags.addText(sink.keys.of(name), text);
  };
  add('otel.scope.name', scope.name);
  add('otel.scope.version', scope.version);
  add('otel.library.name', scope.name);
  add('otel.library.version', scope.version);
  return tags;
}

function readAttributes(
  reader: ProtobufReader,
  end: number,
  sink: SpanSink,
  into: AttributeList,
): void {
  while (reader.next(end)) {
    if (reader.field === 1) readKeyValue(reader, reader.enter(end), sink.keys, into);
    else reader.skip(end);
  }
}

function member(name: string, json: string): string {
  return json === '' || json === '""' ? '' : `"${name}":${json}`;
}

function objectOf(members: readonly string[]): string {
  const present = members.filter((text) => text !== '');
  return present.length === 0 ? '' : `{${present.join(',')}}`;
}
