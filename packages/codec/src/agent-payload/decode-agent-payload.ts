import {
  type DecodeOutcome,
  type IntakeRecord,
  NO_PRIORITY,
  type SpanBatch,
} from '@spanloom/model';
import { DatadogPayload } from '../agent/datadog-payload.ts';
import { AttributeList } from '../sink/attribute-list.ts';
import { ProtobufReader } from '../wire/protobuf-reader.ts';
import { decodeIndexedPayload } from './decode-indexed-payload.ts';
import { decodeSpanMessage, readTagEntry } from './span-message.ts';

/**
 * Appends the spans of a backend payload (`POST /api/v0.2/traces`) to `batch`.
 *
 * What an agent, the Lambda extension or the log forwarder sends: tracers' payloads (field 5), their v1.0 form (11), and the
 * forwarder's older traces (3) and lone spans (4). A payload may hold all of them. The fields that concern every span are read
 * first, wherever they are: passing over a message costs nothing.
 *
 * @throws {DecodeError} If a message is cut short or a known field has another layout.
 * @see docs/formats/agent-payload.md
 */
export function decodeAgentPayload(record: IntakeRecord, batch: SpanBatch): DecodeOutcome {
  const payload = new DatadogPayload(record, batch, 'compute-unless-marked');
  const reader = new ProtobufReader(record.body);
  const end = record.body.length;
  const outer = { hostname: '', env: '', agentVersion: '' };
  let hasTransactions = false;
  while (reader.next(end)) {
    if (reader.field === 1) outer.hostname = reader.readString(end);
    else if (reader.field === 2) outer.env = reader.readString(end);
    else if (reader.field === 6)
      readTagEntry(reader, reader.enter(end), payload.sink.keys, payload.agentTags);
    else if (reader.field === 7) outer.agentVersion = reader.readString(end);
    else {
      hasTransactions ||= reader.field === 4;
      reader.skip(end);
    }
  }
  const prepare = (): void => {
    payload.reset();
    Object.assign(payload.facts, outer);
  };
  reader.pos = 0;
  while (reader.next(end)) {
    switch (reader.field) {
      case 3:
        prepare();
        payload.beginSpans();
        decodeLegacyTrace(reader, reader.enter(end), payload);
        break;
      case 5:
        prepare();
        decodeTracerPayload(reader, reader.enter(end), payload);
        break;
      case 11:
        prepare();
        decodeIndexedPayload(reader, reader.enter(end), payload);
        break;
      default:
        reader.skip(end);
    }
  }
  if (hasTransactions) {
    prepare();
    decodeTransactions(reader, end, payload);
  }
  payload.sink.finish();
  return payload.outcome;
}

function decodeTracerPayload(reader: ProtobufReader, end: number, payload: DatadogPayload): void {
  const begin = reader.pos;
  const { facts } = payload;
  while (reader.next(end)) {
    switch (reader.field) {
      case 1:
        facts.containerId = reader.readString(end) || facts.containerId;
        break;
      case 2:
        facts.language = reader.readString(end) || facts.language;
        break;
      case 3:
        facts.languageVersion = reader.readString(end) || facts.languageVersion;
        break;
      case 4:
        facts.tracerVersion = reader.readString(end) || facts.tracerVersion;
        break;
      case 5:
        facts.runtimeId = reader.readString(end);
        break;
      case 7:
        readTagEntry(reader, reader.enter(end), payload.sink.keys, payload.tags);
        break;
      case 8:
        facts.env = reader.readString(end) || facts.env;
        break;
      case 9:
        facts.hostname = reader.readString(end) || facts.hostname;
        break;
      case 10:
        facts.appVersion = reader.readString(end);
        break;
      default:
        reader.skip(end);
    }
  }
  payload.beginSpans();
  reader.pos = begin;
  while (reader.next(end)) {
    if (reader.field === 6) decodeChunk(reader, reader.enter(end), payload);
    else reader.skip(end);
  }
}

function decodeChunk(reader: ProtobufReader, end: number, payload: DatadogPayload): void {
  const begin = reader.pos;
  const { chunk, sink } = payload;
  const tags = new AttributeList(sink.keys);
  // proto3 leaves out 0, so no priority may mean 0 or none: the spans' own metric tells.
  let priority: number = NO_PRIORITY;
  let origin = '';
  let droppedTrace = false;
  while (reader.next(end)) {
    if (reader.field === 1) priority = reader.readInt32(end);
    else if (reader.field === 2) origin = reader.readString(end);
    else if (reader.field === 4) readTagEntry(reader, reader.enter(end), sink.keys, tags);
    else if (reader.field === 5) droppedTrace = reader.readVarint(end) !== 0;
    else reader.skip(end);
  }
  if (priority < NO_PRIORITY || priority > 127) priority = NO_PRIORITY;
  const envelope = payload.envelope({ chunkTags: tags, chunkOrigin: origin, droppedTrace });
  if (origin !== '') tags.addText(sink.keys.of('_dd.origin'), origin);
  chunk.begin();
  reader.pos = begin;
  while (reader.next(end)) {
    if (reader.field !== 3) {
      reader.skip(end);
      continue;
    }
    sink.beginSpan();
    decodeSpanMessage(reader, reader.enter(end), sink);
    payload.endSpan(tags);
  }
  chunk.end({ priority, envelope });
}

/** The forwarder's form of a trace: an id, which its spans repeat, and spans. */
function decodeLegacyTrace(reader: ProtobufReader, end: number, payload: DatadogPayload): void {
  payload.chunk.begin();
  while (reader.next(end)) {
    if (reader.field !== 2) {
      reader.skip(end);
      continue;
    }
    payload.sink.beginSpan();
    decodeSpanMessage(reader, reader.enter(end), payload.sink);
    payload.endSpan();
  }
  payload.chunk.end({ priority: NO_PRIORITY, envelope: payload.envelope() });
}

/**
 * Old agents sent the spans that were to be searchable a second time on their own. Those that came with their trace are left
 * out here.
 */
function decodeTransactions(reader: ProtobufReader, end: number, payload: DatadogPayload): void {
  const { batch, chunk, sink, outcome } = payload;
  const first = batch.length - outcome.spans;
  const known = new Set<string>();
  const identity = (row: number): string =>
    [
      batch.traceLow.high(row),
      batch.traceLow.low(row),
      batch.spanId.high(row),
      batch.spanId.low(row),
    ].join(':');
  for (let row = first; row < batch.length; row++) known.add(identity(row));
  payload.beginSpans();
  const envelope = payload.envelope();
  reader.pos = 0;
  while (reader.next(end)) {
    if (reader.field !== 4) {
      reader.skip(end);
      continue;
    }
    const mark = batch.mark();
    chunk.begin();
    sink.beginSpan();
    decodeSpanMessage(reader, reader.enter(end), sink);
    payload.endSpan();
    if (known.has(identity(sink.row))) batch.rollback(mark);
    else if (chunk.end({ priority: NO_PRIORITY, envelope })) known.add(identity(sink.row));
  }
}
