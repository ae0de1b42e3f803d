import {
  type DecodeOutcome,
  type IntakeRecord,
  NO_PRIORITY,
  type SpanBatch,
} from '@spanloom/model';
import { decodeJsonAsMsgpack } from '../wire/json-to-msgpack.ts';
import { MsgpackReader } from '../wire/msgpack-reader.ts';
import { DatadogPayload } from './datadog-payload.ts';
import { decodeSpanMap } from './span-map.ts';

/**
 * Appends the spans of agent traces v0.2, v0.3 or v0.4 (`POST /v0.4/traces`) to `batch`.
 *
 * Wire shape: an array of chunks, each an array of string-keyed span maps. nil stands for an empty array anywhere.
 *
 * @throws {DecodeError} If the body is cut short or a known field has another type.
 * @see docs/formats/agent-traces.md
 */
export function decodeAgentV04(record: IntakeRecord, batch: SpanBatch): DecodeOutcome {
  return decodeChunks(record, record.body, batch);
}

/** The same in JSON. */
export function decodeAgentV04Json(record: IntakeRecord, batch: SpanBatch): DecodeOutcome {
  return decodeJsonAsMsgpack(record.body, (msgpack) => decodeChunks(record, msgpack, batch));
}

/** Agent traces v0.1: one flat array of spans in JSON, of any traces. Spans of one trace become a chunk. */
export function decodeAgentV01Json(record: IntakeRecord, batch: SpanBatch): DecodeOutcome {
  return decodeJsonAsMsgpack(record.body, (msgpack) => decodeFlat(record, msgpack, batch));
}

function decodeChunks(record: IntakeRecord, body: Uint8Array, batch: SpanBatch): DecodeOutcome {
  const payload = new DatadogPayload(record, batch);
  const reader = new MsgpackReader(body);
  payload.beginSpans();
  const envelope = payload.envelope();
  for (let chunks = reader.readArrayHeader(); chunks > 0; chunks--) {
    payload.chunk.begin();
    for (let spans = reader.readArrayHeader(); spans > 0; spans--) {
      payload.sink.beginSpan();
      decodeSpanMap(reader, payload.sink);
      payload.endSpan();
    }
    payload.chunk.end({ priority: NO_PRIORITY, envelope });
  }
  payload.sink.finish();
  return payload.outcome;
}

function decodeFlat(record: IntakeRecord, body: Uint8Array, batch: SpanBatch): DecodeOutcome {
  const payload = new DatadogPayload(record, batch);
  const reader = new MsgpackReader(body);
  payload.beginSpans();
  const envelope = payload.envelope();
  const positions = new Map<string, number[]>();
  for (let spans = reader.readArrayHeader(); spans > 0; spans--) {
    const at = reader.pos;
    const trace = traceIdOf(reader);
    const known = positions.get(trace);
    if (known === undefined) positions.set(trace, [at]);
    else known.push(at);
  }
  for (const trace of positions.values()) {
    payload.chunk.begin();
    for (const position of trace) {
      reader.pos = position;
      payload.sink.beginSpan();
      decodeSpanMap(reader, payload.sink);
      payload.endSpan();
    }
    payload.chunk.end({ priority: NO_PRIORITY, envelope });
  }
  payload.sink.finish();
  return payload.outcome;
}

/** Passes over a span map and returns its trace id in a form to compare. */
function traceIdOf(reader: MsgpackReader): string {
  let id = '';
  for (let fields = reader.readMapHeader(); fields > 0; fields--) {
    const isId = reader.readString() === 'trace_id';
    if (isId && !reader.isText()) {
      reader.readInt64();
      id = `${reader.high}:${reader.low}`;
    } else {
      reader.skip();
    }
  }
  return id;
}
