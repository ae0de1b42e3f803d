import { DecodeError } from '@spanloom/base';
import {
  type DecodeOutcome,
  type IntakeRecord,
  NO_PRIORITY,
  type SpanBatch,
} from '@spanloom/model';
import type { KeyTable } from '../sink/key-table.ts';
import { MsgpackReader } from '../wire/msgpack-reader.ts';
import { WireStrings } from '../wire/wire-strings.ts';
import { DatadogPayload } from './datadog-payload.ts';

const SPAN_LENGTH = 12;

/**
 * Appends the spans of agent traces v0.5 (`POST /v0.5/traces`) to `batch`.
 *
 * Wire shape: an array of two, the texts and the chunks. A span is an array of 12 in which every text is a position in the
 * first array.
 *
 * @throws {DecodeError} If the body is cut short, a span has another length or a position is out of range.
 * @see docs/formats/agent-traces.md
 */
export function decodeAgentV05(record: IntakeRecord, batch: SpanBatch): DecodeOutcome {
  const payload = new DatadogPayload(record, batch);
  const reader = new MsgpackReader(record.body);
  payload.beginSpans();
  const envelope = payload.envelope();
  const parts = reader.readArrayHeader();
  if (parts !== 2) throw new DecodeError(`expected an array of 2, found ${parts} elements`, 0);
  const strings = readStrings(reader);
  for (let chunks = reader.readArrayHeader(); chunks > 0; chunks--) {
    payload.chunk.begin();
    for (let spans = reader.readArrayHeader(); spans > 0; spans--)
      decodeSpan(reader, strings, payload);
    payload.chunk.end({ priority: NO_PRIORITY, envelope });
  }
  payload.sink.finish();
  return payload.outcome;
}

function readStrings(reader: MsgpackReader): WireStrings {
  const strings = new WireStrings(reader.bytes);
  for (let left = reader.readArrayHeader(); left > 0; left--) {
    reader.readText();
    strings.add(reader.textStart, reader.textEnd);
  }
  return strings;
}

function decodeSpan(reader: MsgpackReader, strings: WireStrings, payload: DatadogPayload): void {
  const { sink, batch } = payload;
  const at = reader.pos;
  const length = reader.readArrayHeader();
  if (length !== SPAN_LENGTH) {
    throw new DecodeError(`expected a span of ${SPAN_LENGTH} elements, found ${length}`, at);
  }
  sink.beginSpan();
  const { row } = sink;
  const { bytes } = reader;
  let text = readIndex(reader, strings);
  sink.setService(bytes, strings.start(text), strings.end(text));
  text = readIndex(reader, strings);
  sink.setName(bytes, strings.start(text), strings.end(text));
  text = readIndex(reader, strings);
  sink.setResource(bytes, strings.start(text), strings.end(text));
  reader.readInt64();
  batch.traceLow.set(row, reader.high, reader.low);
  reader.readInt64();
  batch.spanId.set(row, reader.high, reader.low);
  reader.readInt64();
  batch.parentId.set(row, reader.high, reader.low);
  reader.readInt64();
  batch.start.set(row, reader.high, reader.low);
  reader.readInt64();
  batch.duration.set(row, reader.high, reader.low);
  batch.error[row] = reader.readBoolean() ? 1 : 0;
  const keys: KeyTable = sink.keys;
  for (let left = reader.readMapHeader(); left > 0; left--) {
    const key = strings.key(readIndex(reader, strings), keys);
    text = readIndex(reader, strings);
    sink.text(key, bytes, strings.start(text), strings.end(text));
  }
  for (let left = reader.readMapHeader(); left > 0; left--) {
    const key = strings.key(readIndex(reader, strings), keys);
    const value = reader.readNumber();
    if (reader.integer) sink.wholeMetric(key, reader.high, reader.low, value);
    else sink.metric(key, value);
  }
  text = readIndex(reader, strings);
  sink.setType(bytes, strings.start(text), strings.end(text));
  payload.endSpan();
}

function readIndex(reader: MsgpackReader, strings: WireStrings): number {
  const at = reader.pos;
  const index = reader.readNumber();
  if (!reader.integer || index < 0 || index >= strings.size) {
    throw new DecodeError(`text ${index} is beyond the ${strings.size} texts of the payload`, at);
  }
  return index;
}
