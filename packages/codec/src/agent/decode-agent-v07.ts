import {
  type DecodeOutcome,
  type IntakeRecord,
  NO_PRIORITY,
  type SpanBatch,
} from '@spanloom/model';
import { AttributeList } from '../sink/attribute-list.ts';
import { FieldNames } from '../wire/field-names.ts';
import { MsgpackReader } from '../wire/msgpack-reader.ts';
import { DatadogPayload } from './datadog-payload.ts';
import { decodeMeta, decodeSpanMap } from './span-map.ts';

const payloadFields = new FieldNames([
  'container_id',
  'language_name',
  'language_version',
  'tracer_version',
  'runtime_id',
  'chunks',
  'tags',
  'env',
  'hostname',
  'app_version',
]);

const chunkFields = new FieldNames(['priority', 'origin', 'spans', 'tags', 'dropped_trace']);

/**
 * Appends the spans of agent traces v0.7 (`POST /v0.7/traces`) to `batch`.
 *
 * Wire shape: a map that states the sender once, around chunks that state priority and origin once, around the span maps of
 * v0.4. What is stated once may come after the spans it is about, so spans are passed over until the rest is known.
 *
 * @throws {DecodeError} If the body is cut short or a known field has another type.
 * @see docs/formats/agent-traces.md
 */
export function decodeAgentV07(record: IntakeRecord, batch: SpanBatch): DecodeOutcome {
  const payload = new DatadogPayload(record, batch);
  const reader = new MsgpackReader(record.body);
  const { facts } = payload;
  let chunksAt = -1;
  for (let fields = reader.readMapHeader(); fields > 0; fields--) {
    reader.readText();
    const field = payloadFields.find(reader.bytes, reader.textStart, reader.textEnd);
    switch (field) {
      case 1:
        facts.containerId = reader.readString() || facts.containerId;
        break;
      case 2:
        facts.language = reader.readString() || facts.language;
        break;
      case 3:
        facts.languageVersion = reader.readString() || facts.languageVersion;
        break;
      case 4:
        facts.tracerVersion = reader.readString() || facts.tracerVersion;
        break;
      case 5:
        facts.runtimeId = reader.readString();
        break;
      case 6:
        chunksAt = reader.pos;
        // The usual order has the chunks last: then they are decoded at once.
        if (fields > 1) reader.skip();
        break;
      case 7:
        readTags(reader, payload.tags, payload);
        break;
      case 8:
        facts.env = reader.readString();
        break;
      case 9:
        facts.hostname = reader.readString();
        break;
      case 10:
        facts.appVersion = reader.readString();
        break;
      default:
        reader.skip();
    }
  }
  payload.beginSpans();
  if (chunksAt >= 0) {
    reader.pos = chunksAt;
    for (let chunks = reader.readArrayHeader(); chunks > 0; chunks--) decodeChunk(reader, payload);
  }
  payload.sink.finish();
  return payload.outcome;
}

function decodeChunk(reader: MsgpackReader, payload: DatadogPayload): void {
  const { chunk, sink } = payload;
  const tags = new AttributeList(sink.keys);
  let priority: number = NO_PRIORITY;
  let origin = '';
  let droppedTrace = false;
  let spansAt = -1;
  chunk.begin();
  for (let fields = reader.readMapHeader(); fields > 0; fields--) {
    reader.readText();
    switch (chunkFields.find(reader.bytes, reader.textStart, reader.textEnd)) {
      case 1:
        priority = readPriority(reader);
        break;
      case 2:
        origin = reader.readString();
        break;
      case 3:
        spansAt = reader.pos;
        if (fields > 1) reader.skip();
        break;
      case 4:
        readTags(reader, tags, payload);
        break;
      case 5:
        droppedTrace = reader.readBoolean();
        break;
      default:
        reader.skip();
    }
  }
  const afterFields = reader.pos;
  const envelope = payload.envelope({ chunkTags: tags, chunkOrigin: origin, droppedTrace });
  if (origin !== '') tags.addText(sink.keys.of('_dd.origin'), origin);
  const spansWereLast = spansAt === afterFields;
  if (spansAt >= 0) {
    reader.pos = spansAt;
    for (let spans = reader.readArrayHeader(); spans > 0; spans--) {
      sink.beginSpan();
      decodeSpanMap(reader, sink);
      payload.endSpan(tags);
    }
  }
  if (!spansWereLast) reader.pos = afterFields;
  chunk.end({ priority, envelope });
}

function readTags(reader: MsgpackReader, list: AttributeList, payload: DatadogPayload): void {
  decodeMeta(reader, payload.sink.keys, list);
}

/** −128 is the wire's own "none"; anything else that is no small integer is as good as none. */
function readPriority(reader: MsgpackReader): number {
  const priority = reader.readNumber();
  return Number.isInteger(priority) && priority > NO_PRIORITY && priority < 128
    ? priority
    : NO_PRIORITY;
}
