import { DecodeError } from '@spanloom/base';
import {
  type AttributeValue,
  type DecodeOutcome,
  type IntakeRecord,
  NO_PRIORITY,
  type SpanBatch,
} from '@spanloom/model';
import { AttributeList } from '../sink/attribute-list.ts';
import { linkFlags } from '../sink/lifted-json.ts';
import { toBigint } from '../wire/int64.ts';
import { DatadogPayload } from './datadog-payload.ts';
import { addLink } from './span-map.ts';
import { SpanTags } from './span-tags.ts';
import { readAttributes, readNanos, readValueMap } from './v10-attributes.ts';
import { type Place, V10Reader } from './v10-reader.ts';

/**
 * Appends the spans of agent traces v1.0 (`POST /v1.0/traces`) to `batch`.
 *
 * Wire shape: maps with integer keys and texts numbered as they stream by (`V10Reader`). What is stated once may come after
 * the spans it is about (Go writes the trace id there), so spans are passed over until the rest is known.
 *
 * @throws {DecodeError} If the body is cut short, a known field has another type, or a text is referred to that did not come.
 * @see docs/formats/agent-traces.md
 */
export function decodeAgentV10(record: IntakeRecord, batch: SpanBatch): DecodeOutcome {
  const payload = new DatadogPayload(record, batch);
  const reader = new V10Reader(record.body);
  const tags = new SpanTags(payload.sink);
  const { facts } = payload;
  const setters = [
    (text: string) => (facts.containerId = text || facts.containerId),
    (text: string) => (facts.language = text || facts.language),
    (text: string) => (facts.languageVersion = text || facts.languageVersion),
    (text: string) => (facts.tracerVersion = text || facts.tracerVersion),
    (text: string) => (facts.runtimeId = text),
    (text: string) => (facts.env = text),
    (text: string) => (facts.hostname = text),
    (text: string) => (facts.appVersion = text),
  ];
  let chunks: Place | undefined;
  for (let fields = reader.readMapHeader(); fields > 0; fields--) {
    const at = reader.pos;
    const key = reader.readKey();
    if (key === 1)
      throw new DecodeError('key 1 (a text table) belongs to the protobuf form only', at);
    if (key >= 2 && key <= 9) setters[key - 2]!(reader.readStreamedString());
    else if (key === 10) readAttributes(reader, payload.sink.keys, payload.tags);
    else if (key === 11) {
      chunks = reader.place();
      if (fields > 1) reader.skip();
    } else reader.skip();
  }
  payload.beginSpans();
  if (chunks !== undefined) {
    reader.rewind(chunks);
    for (let left = reader.readArrayHeader(); left > 0; left--) decodeChunk(reader, payload, tags);
  }
  payload.sink.finish();
  return payload.outcome;
}

function decodeChunk(reader: V10Reader, payload: DatadogPayload, spanTags: SpanTags): void {
  const { chunk, sink } = payload;
  const attributes = new AttributeList(sink.keys);
  let priority: number = NO_PRIORITY;
  let origin = '';
  let mechanism: number | undefined;
  let traceIdFound = false;
  let spans: Place | undefined;
  chunk.begin();
  for (let fields = reader.readMapHeader(); fields > 0; fields--) {
    switch (reader.readKey()) {
      case 1: {
        const value = reader.readNumber();
        if (value > NO_PRIORITY && value < 128) priority = Math.trunc(value);
        break;
      }
      case 2:
        origin = reader.readStreamedString();
        break;
      case 3:
        readAttributes(reader, sink.keys, attributes);
        break;
      case 4:
        spans = reader.place();
        if (fields > 1) reader.skip();
        break;
      case 6:
        traceIdFound = readTraceId(reader, payload);
        break;
      case 7:
        mechanism = reader.readNumber();
        break;
      default:
        reader.skip();
    }
  }
  if (!traceIdFound) chunk.fail('TraceIDZero');
  const envelope = payload.envelope({
    chunkTags: attributes,
    chunkOrigin: origin,
    samplingMechanism: mechanism,
  });
  if (origin !== '') attributes.addText(sink.keys.of('_dd.origin'), origin);
  const after = reader.place();
  if (spans !== undefined) {
    reader.rewind(spans);
    for (let left = reader.readArrayHeader(); left > 0; left--) {
      sink.beginSpan();
      chunk.applyTraceId();
      decodeSpan(reader, payload, spanTags);
      if (chunk.isFirst && mechanism !== undefined) spanTags.addMechanism(mechanism);
      payload.endSpan(attributes);
    }
  }
  if (spans?.pos !== after.pos) reader.rewind(after);
  chunk.end({ priority, envelope });
}

function readTraceId(reader: V10Reader, payload: DatadogPayload): boolean {
  reader.readText();
  if (reader.textEnd - reader.textStart !== 16) return false;
  const id = new DataView(reader.bytes.buffer, reader.bytes.byteOffset + reader.textStart, 16);
  const words = [0, 4, 8, 12].map((at) => id.getUint32(at)) as [number, number, number, number];
  payload.chunk.setTraceId(...words);
  return words.some((word) => word !== 0);
}

function decodeSpan(reader: V10Reader, payload: DatadogPayload, tags: SpanTags): void {
  const { sink, batch } = payload;
  const { row } = sink;
  const { strings } = reader;
  let text: number;
  let startFound = false;
  tags.clear();
  for (let fields = reader.readMapHeader(); fields > 0; fields--) {
    switch (reader.readKey()) {
      case 1:
        text = reader.readStreamed();
        sink.setService(strings.bytes, strings.start(text), strings.end(text));
        break;
      case 2:
        text = reader.readStreamed();
        sink.setName(strings.bytes, strings.start(text), strings.end(text));
        break;
      case 3:
        text = reader.readStreamed();
        sink.setResource(strings.bytes, strings.start(text), strings.end(text));
        break;
      case 4:
        reader.readInt64();
        batch.spanId.set(row, reader.high, reader.low);
        break;
      case 5:
        reader.readInt64();
        batch.parentId.set(row, reader.high, reader.low);
        break;
      case 6:
        startFound = true;
        reader.readInt64();
        batch.start.set(row, reader.high, reader.low);
        break;
      case 7:
        reader.readInt64();
        batch.duration.set(row, reader.high, reader.low);
        break;
      case 8:
        batch.error[row] = reader.readBoolean() ? 1 : 0;
        break;
      case 9:
        readAttributes(reader, sink.keys, sink);
        break;
      case 10:
        text = reader.readStreamed();
        sink.setType(strings.bytes, strings.start(text), strings.end(text));
        break;
      case 11:
        readLinks(reader, payload);
        break;
      case 12:
        readEvents(reader, payload);
        break;
      case 13:
        tags.setEnv(strings, reader.readStreamed());
        break;
      case 14:
        tags.setVersion(strings, reader.readStreamed());
        break;
      case 15:
        tags.setComponent(strings, reader.readStreamed());
        break;
      case 16:
        tags.setKind(reader.readNumber());
        break;
      default:
        reader.skip();
    }
  }
  if (!startFound) payload.chunk.fail('MissingStart');
  tags.apply();
}

function readLinks(reader: V10Reader, payload: DatadogPayload): void {
  for (let left = reader.readArrayHeader(); left > 0; left--) {
    let [hi, lo, spanId] = [0n, 0n, 0n];
    let attributes: Record<string, AttributeValue> = {};
    let traceState = '';
    let flags: number | undefined;
    for (let fields = reader.readMapHeader(); fields > 0; fields--) {
      switch (reader.readKey()) {
        case 1: {
          reader.readText();
          const hex = Buffer.from(reader.bytes.subarray(reader.textStart, reader.textEnd)).toString(
            'hex',
          );
          const id = hex.length === 32 ? hex : '0'.repeat(32);
          hi = BigInt(`0x${id.slice(0, 16)}`);
          lo = BigInt(`0x${id.slice(16)}`);
          break;
        }
        case 2:
          reader.readInt64();
          spanId = toBigint(reader.high, reader.low);
          break;
        case 3:
          attributes = readValueMap(reader);
          break;
        case 4:
          traceState = reader.readStreamedString();
          break;
        case 5:
          flags = linkFlags(reader.readNumber());
          break;
        default:
          reader.skip();
      }
    }
    addLink(payload.sink, { traceId: { hi, lo }, spanId, attributes, traceState, flags });
  }
}

function readEvents(reader: V10Reader, payload: DatadogPayload): void {
  for (let left = reader.readArrayHeader(); left > 0; left--) {
    let event = {
      name: '',
      time: 0n as ReturnType<typeof readNanos>,
      attributes: {} as Record<string, AttributeValue>,
    };
    for (let fields = reader.readMapHeader(); fields > 0; fields--) {
      const key = reader.readKey();
      if (key === 1) event = { ...event, time: readNanos(reader) };
      else if (key === 2) event = { ...event, name: reader.readStreamedString() };
      else if (key === 3) event = { ...event, attributes: readValueMap(reader) };
      else reader.skip();
    }
    payload.sink.events.push(event);
  }
}
