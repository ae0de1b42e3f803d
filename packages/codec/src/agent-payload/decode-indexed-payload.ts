import { DecodeError, type EpochNanos } from '@spanloom/base';
import { type AttributeValue, NO_PRIORITY } from '@spanloom/model';
import type { DatadogPayload } from '../agent/datadog-payload.ts';
import { addLink } from '../agent/span-map.ts';
import { SpanTags } from '../agent/span-tags.ts';
import { AttributeList } from '../sink/attribute-list.ts';
import type { AttributeTarget } from '../sink/attribute-target.ts';
import { linkFlags } from '../sink/lifted-json.ts';
import { isSafe, signedNumber, signedText, toBigint } from '../wire/int64.ts';
import { doubleJson } from '../wire/json-text.ts';
import type { ProtobufReader } from '../wire/protobuf-reader.ts';
import { WireStrings } from '../wire/wire-strings.ts';

const DEEPEST = 16;

/** A payload being read: the cursor and the payload's table of texts. */
interface Indexed {
  readonly reader: ProtobufReader;
  readonly strings: WireStrings;
  readonly payload: DatadogPayload;
  readonly tags: SpanTags;
}

/**
 * Decodes an indexed tracer payload: agent traces v1.0 in protobuf, as an agent passes them on. Texts are positions in a table
 * that the payload brings along.
 */
export function decodeIndexedPayload(
  reader: ProtobufReader,
  end: number,
  payload: DatadogPayload,
): void {
  const begin = reader.pos;
  const strings = new WireStrings(reader.bytes);
  const indexed: Indexed = { reader, strings, payload, tags: new SpanTags(payload.sink) };
  while (reader.next(end)) {
    if (reader.field === 1) {
      reader.readBytes(end);
      strings.add(reader.start, reader.end);
    } else {
      reader.skip(end);
    }
  }
  const { facts } = payload;
  reader.pos = begin;
  while (reader.next(end)) {
    switch (reader.field) {
      case 2:
        facts.containerId = readText(indexed, end) || facts.containerId;
        break;
      case 3:
        facts.language = readText(indexed, end) || facts.language;
        break;
      case 4:
        facts.languageVersion = readText(indexed, end) || facts.languageVersion;
        break;
      case 5:
        facts.tracerVersion = readText(indexed, end) || facts.tracerVersion;
        break;
      case 6:
        facts.runtimeId = readText(indexed, end);
        break;
      case 7:
        facts.env = readText(indexed, end) || facts.env;
        break;
      case 8:
        facts.hostname = readText(indexed, end) || facts.hostname;
        break;
      case 9:
        facts.appVersion = readText(indexed, end);
        break;
      case 10:
        readAttribute(indexed, reader.enter(end), payload.tags);
        break;
      default:
        reader.skip(end);
    }
  }
  payload.beginSpans();
  reader.pos = begin;
  while (reader.next(end)) {
    if (reader.field === 11) decodeChunk(indexed, reader.enter(end));
    else reader.skip(end);
  }
}

function decodeChunk(indexed: Indexed, end: number): void {
  const { reader, payload } = indexed;
  const { chunk, sink } = payload;
  const begin = reader.pos;
  const attributes = new AttributeList(sink.keys);
  let priority = 0;
  let origin = '';
  let droppedTrace = false;
  let mechanism: number | undefined;
  let traceIdFound = false;
  chunk.begin();
  while (reader.next(end)) {
    switch (reader.field) {
      case 1:
        priority = reader.readInt32(end);
        break;
      case 2:
        origin = readText(indexed, end);
        break;
      case 3:
        readAttribute(indexed, reader.enter(end), attributes);
        break;
      case 5:
        droppedTrace = reader.readVarint(end) !== 0;
        break;
      case 6: {
        const id = idWords(reader, end);
        traceIdFound = id !== undefined && id.some((word) => word !== 0);
        if (id !== undefined) chunk.setTraceId(...id);
        break;
      }
      case 7:
        mechanism = reader.readVarint(end);
        break;
      default:
        reader.skip(end);
    }
  }
  if (!traceIdFound) chunk.fail('TraceIDZero');
  if (priority < NO_PRIORITY || priority > 127) priority = NO_PRIORITY;
  const envelope = payload.envelope({
    chunkTags: attributes,
    chunkOrigin: origin,
    droppedTrace,
    samplingMechanism: mechanism,
  });
  if (origin !== '') attributes.addText(sink.keys.of('_dd.origin'), origin);
  reader.pos = begin;
  while (reader.next(end)) {
    if (reader.field !== 4) {
      reader.skip(end);
      continue;
    }
    sink.beginSpan();
    chunk.applyTraceId();
    decodeSpan(indexed, reader.enter(end));
    if (chunk.isFirst && mechanism !== undefined) indexed.tags.addMechanism(mechanism);
    payload.endSpan(attributes);
  }
  chunk.end({ priority, envelope });
}

function decodeSpan(indexed: Indexed, end: number): void {
  const { reader, strings, payload, tags } = indexed;
  const { sink, batch } = payload;
  const { row } = sink;
  let text: number;
  tags.clear();
  while (reader.next(end)) {
    switch (reader.field) {
      case 1:
        text = readReference(indexed, end);
        sink.setService(strings.bytes, strings.start(text), strings.end(text));
        break;
      case 2:
        text = readReference(indexed, end);
        sink.setName(strings.bytes, strings.start(text), strings.end(text));
        break;
      case 3:
        text = readReference(indexed, end);
        sink.setResource(strings.bytes, strings.start(text), strings.end(text));
        break;
      case 4:
        reader.readInt64(end);
        batch.spanId.set(row, reader.high, reader.low);
        break;
      case 5:
        reader.readInt64(end);
        batch.parentId.set(row, reader.high, reader.low);
        break;
      case 6:
        reader.readInt64(end);
        batch.start.set(row, reader.high, reader.low);
        break;
      case 7:
        reader.readInt64(end);
        batch.duration.set(row, reader.high, reader.low);
        break;
      case 8:
        batch.error[row] = reader.readVarint(end) === 0 ? 0 : 1;
        break;
      case 9:
        readAttribute(indexed, reader.enter(end), sink);
        break;
      case 10:
        text = readReference(indexed, end);
        sink.setType(strings.bytes, strings.start(text), strings.end(text));
        break;
      case 11:
        readLink(indexed, reader.enter(end));
        break;
      case 12:
        readEvent(indexed, reader.enter(end));
        break;
      case 13:
        tags.setEnv(strings, readReference(indexed, end));
        break;
      case 14:
        tags.setVersion(strings, readReference(indexed, end));
        break;
      case 15:
        tags.setComponent(strings, readReference(indexed, end));
        break;
      case 16:
        tags.setKind(reader.readVarint(end));
        break;
      default:
        reader.skip(end);
    }
  }
  tags.apply();
}

function readReference({ reader, strings }: Indexed, end: number): number {
  const at = reader.pos;
  const reference = reader.readVarint(end);
  // An empty table stands for one that holds the empty text.
  if (reference >= strings.size && !(reference === 0 && strings.size === 0)) {
    throw new DecodeError(
      `text ${reference} is beyond the ${strings.size} texts of the payload`,
      at,
    );
  }
  return reference;
}

function readText(indexed: Indexed, end: number): string {
  return indexed.strings.text(readReference(indexed, end));
}

/** Reads an entry of an attribute map: 1 key reference, 2 value. */
function readAttribute(indexed: Indexed, end: number, target: AttributeTarget): void {
  const { reader, strings, payload } = indexed;
  let key = 0;
  let valueStart = -1;
  let valueEnd = -1;
  while (reader.next(end)) {
    if (reader.field === 1) key = readReference(indexed, end);
    else if (reader.field === 2) {
      reader.readBytes(end);
      valueStart = reader.start;
      valueEnd = reader.end;
    } else reader.skip(end);
  }
  if (valueStart < 0 || strings.size === 0) return;
  const keyNumber = strings.key(key, payload.sink.keys);
  reader.pos = valueStart;
  while (reader.next(valueEnd)) {
    switch (reader.field) {
      case 1: {
        const text = readReference(indexed, valueEnd);
        target.text(keyNumber, strings.bytes, strings.start(text), strings.end(text));
        break;
      }
      case 2:
        target.boolean(keyNumber, reader.readVarint(valueEnd) !== 0);
        break;
      case 3:
        target.double(keyNumber, reader.readDouble(valueEnd));
        break;
      case 4:
        reader.readInt64(valueEnd);
        target.integer(keyNumber, reader.high, reader.low);
        break;
      case 5:
        reader.readBytes(valueEnd);
        target.binary(keyNumber, reader.bytes, reader.start, reader.end);
        break;
      case 6:
        target.json(keyNumber, arrayJson(indexed, reader.enter(valueEnd), DEEPEST));
        break;
      case 7:
        target.json(keyNumber, mapJson(indexed, reader.enter(valueEnd), DEEPEST));
        break;
      default:
        reader.skip(valueEnd);
    }
  }
  reader.pos = end;
}

function arrayJson(indexed: Indexed, end: number, depth: number): string {
  const { reader } = indexed;
  if (depth === 0) throw tooDeep(reader.pos);
  const elements: string[] = [];
  while (reader.next(end)) {
    if (reader.field === 1) elements.push(valueJson(indexed, reader.enter(end), depth - 1));
    else reader.skip(end);
  }
  return `[${elements.join(',')}]`;
}

function mapJson(indexed: Indexed, end: number, depth: number): string {
  const { reader } = indexed;
  if (depth === 0) throw tooDeep(reader.pos);
  const members: string[] = [];
  while (reader.next(end)) {
    if (reader.field !== 1) {
      reader.skip(end);
      continue;
    }
    const entryEnd = reader.enter(end);
    let key = '';
    let value = 'null';
    while (reader.next(entryEnd)) {
      if (reader.field === 1) key = readText(indexed, entryEnd);
      else if (reader.field === 2) value = valueJson(indexed, reader.enter(entryEnd), depth - 1);
      else reader.skip(entryEnd);
    }
    members.push(`${JSON.stringify(key)}:${value}`);
  }
  return `{${members.join(',')}}`;
}

function valueJson(indexed: Indexed, end: number, depth: number): string {
  const { reader } = indexed;
  let json = 'null';
  while (reader.next(end)) {
    switch (reader.field) {
      case 1:
        json = JSON.stringify(readText(indexed, end));
        break;
      case 2:
        json = String(reader.readVarint(end) !== 0);
        break;
      case 3:
        json = doubleJson(reader.readDouble(end));
        break;
      case 4:
        reader.readInt64(end);
        json = signedText(reader.high, reader.low);
        break;
      case 5:
        reader.readBytes(end);
        json = JSON.stringify({ $bytes: base64(reader) });
        break;
      case 6:
        json = arrayJson(indexed, reader.enter(end), depth);
        break;
      case 7:
        json = mapJson(indexed, reader.enter(end), depth);
        break;
      default:
        reader.skip(end);
    }
  }
  return json;
}

/** An attribute value of a link or an event. */
function readValue(indexed: Indexed, end: number, depth: number): AttributeValue | undefined {
  const { reader } = indexed;
  if (depth === 0) throw tooDeep(reader.pos);
  let value: AttributeValue | undefined;
  while (reader.next(end)) {
    switch (reader.field) {
      case 1:
        value = readText(indexed, end);
        break;
      case 2:
        value = reader.readVarint(end) !== 0;
        break;
      case 3: {
        const number = reader.readDouble(end);
        value = Number.isFinite(number) ? number : String(number);
        break;
      }
      case 4:
        reader.readInt64(end);
        value = isSafe(reader.high, reader.low)
          ? signedNumber(reader.high, reader.low)
          : signedText(reader.high, reader.low);
        break;
      case 5:
        reader.readBytes(end);
        value = base64(reader);
        break;
      case 6:
        value = readValues(indexed, reader.enter(end), depth);
        break;
      case 7:
        value = mapJson(indexed, reader.enter(end), depth);
        break;
      default:
        reader.skip(end);
    }
  }
  return value;
}

function readValues(indexed: Indexed, end: number, depth: number): AttributeValue[] {
  const { reader } = indexed;
  const values: AttributeValue[] = [];
  while (reader.next(end)) {
    if (reader.field !== 1) {
      reader.skip(end);
      continue;
    }
    const element = readValue(indexed, reader.enter(end), depth - 1);
    if (element !== undefined) values.push(element);
  }
  return values;
}

function readValueEntry(indexed: Indexed, end: number, into: Record<string, AttributeValue>): void {
  const { reader } = indexed;
  let key = '';
  let value: AttributeValue | undefined;
  while (reader.next(end)) {
    if (reader.field === 1) key = readText(indexed, end);
    else if (reader.field === 2) value = readValue(indexed, reader.enter(end), DEEPEST);
    else reader.skip(end);
  }
  if (value !== undefined) into[key] = value;
}

function readLink(indexed: Indexed, end: number): void {
  const { reader, payload } = indexed;
  let [hi, lo, spanId] = [0n, 0n, 0n];
  const attributes = Object.create(null) as Record<string, AttributeValue>;
  let traceState = '';
  let flags: number | undefined;
  while (reader.next(end)) {
    switch (reader.field) {
      case 1: {
        const id = idWords(reader, end) ?? [0, 0, 0, 0];
        hi = toBigint(id[0], id[1]);
        lo = toBigint(id[2], id[3]);
        break;
      }
      case 2:
        reader.readInt64(end);
        spanId = toBigint(reader.high, reader.low);
        break;
      case 3:
        readValueEntry(indexed, reader.enter(end), attributes);
        break;
      case 4:
        traceState = readText(indexed, end);
        break;
      case 5:
        flags = linkFlags(reader.readVarint(end));
        break;
      default:
        reader.skip(end);
    }
  }
  addLink(payload.sink, { traceId: { hi, lo }, spanId, attributes, traceState, flags });
}

function readEvent(indexed: Indexed, end: number): void {
  const { reader, payload } = indexed;
  let time = 0n;
  let name = '';
  const attributes = Object.create(null) as Record<string, AttributeValue>;
  while (reader.next(end)) {
    if (reader.field === 1) {
      reader.readInt64(end);
      time = toBigint(reader.high, reader.low);
    } else if (reader.field === 2) name = readText(indexed, end);
    else if (reader.field === 3) readValueEntry(indexed, reader.enter(end), attributes);
    else reader.skip(end);
  }
  payload.sink.events.push({ name, time: time as EpochNanos, attributes });
}

/** A 16-byte id as four words, highest first; undefined when it has another length. */
export function idWords(
  reader: ProtobufReader,
  end: number,
): [number, number, number, number] | undefined {
  reader.readBytes(end);
  if (reader.end - reader.start !== 16) return undefined;
  const view = new DataView(reader.bytes.buffer, reader.bytes.byteOffset + reader.start, 16);
  return [view.getUint32(0), view.getUint32(4), view.getUint32(8), view.getUint32(12)];
}

function base64(reader: ProtobufReader): string {
  return Buffer.from(reader.bytes.subarray(reader.start, reader.end)).toString('base64');
}

function tooDeep(at: number): DecodeError {
  return new DecodeError(`attributes nested deeper than ${DEEPEST} levels`, at);
}
