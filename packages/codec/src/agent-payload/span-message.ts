import type { EpochNanos } from '@spanloom/base';
import type { AttributeValue } from '@spanloom/model';
import { addLink } from '../agent/span-map.ts';
import type { AttributeTarget } from '../sink/attribute-target.ts';
import type { KeyTable } from '../sink/key-table.ts';
import { linkFlags } from '../sink/lifted-json.ts';
import type { SpanSink } from '../sink/span-sink.ts';
import { isSafe, signedNumber, signedText, toBigint } from '../wire/int64.ts';
import type { ProtobufReader } from '../wire/protobuf-reader.ts';

/** Decodes one span of a backend payload into the sink's open row. */
export function decodeSpanMessage(reader: ProtobufReader, end: number, sink: SpanSink): void {
  const { batch, row } = sink;
  while (reader.next(end)) {
    switch (reader.field) {
      case 1:
        reader.readBytes(end);
        sink.setService(reader.bytes, reader.start, reader.end);
        break;
      case 2:
        reader.readBytes(end);
        sink.setName(reader.bytes, reader.start, reader.end);
        break;
      case 3:
        reader.readBytes(end);
        sink.setResource(reader.bytes, reader.start, reader.end);
        break;
      case 4:
        reader.readInt64(end);
        batch.traceLow.set(row, reader.high, reader.low);
        break;
      case 5:
        reader.readInt64(end);
        batch.spanId.set(row, reader.high, reader.low);
        break;
      case 6:
        reader.readInt64(end);
        batch.parentId.set(row, reader.high, reader.low);
        break;
      case 7:
        reader.readInt64(end);
        batch.start.set(row, reader.high, reader.low);
        break;
      case 8:
        reader.readInt64(end);
        batch.duration.set(row, reader.high, reader.low);
        break;
      case 9:
        batch.error[row] = reader.readInt32(end) === 0 ? 0 : 1;
        break;
      case 10:
        readTagEntry(reader, reader.enter(end), sink.keys, sink);
        break;
      case 11:
        readMetricEntry(reader, reader.enter(end), sink);
        break;
      case 12:
        reader.readBytes(end);
        sink.setType(reader.bytes, reader.start, reader.end);
        break;
      case 13:
        readBinaryEntry(reader, reader.enter(end), sink);
        break;
      case 14:
        readLink(reader, reader.enter(end), sink);
        break;
      case 15:
        readEvent(reader, reader.enter(end), sink);
        break;
      default:
        reader.skip(end);
    }
  }
}

/** Reads an entry of a map of text to text. */
export function readTagEntry(
  reader: ProtobufReader,
  end: number,
  keys: KeyTable,
  target: AttributeTarget,
): void {
  let [keyStart, keyEnd, start, valueEnd] = [0, 0, 0, 0];
  while (reader.next(end)) {
    if (reader.field === 1) {
      reader.readBytes(end);
      keyStart = reader.start;
      keyEnd = reader.end;
    } else if (reader.field === 2) {
      reader.readBytes(end);
      start = reader.start;
      valueEnd = reader.end;
    } else {
      reader.skip(end);
    }
  }
  target.text(keys.find(reader.bytes, keyStart, keyEnd), reader.bytes, start, valueEnd);
}

function readMetricEntry(reader: ProtobufReader, end: number, sink: SpanSink): void {
  let keyStart = 0;
  let keyEnd = 0;
  let value = 0;
  while (reader.next(end)) {
    if (reader.field === 1) {
      reader.readBytes(end);
      keyStart = reader.start;
      keyEnd = reader.end;
    } else if (reader.field === 2) {
      value = reader.readDouble(end);
    } else {
      reader.skip(end);
    }
  }
  sink.metric(sink.keys.find(reader.bytes, keyStart, keyEnd), value);
}

function readBinaryEntry(reader: ProtobufReader, end: number, sink: SpanSink): void {
  let [keyStart, keyEnd, start, valueEnd] = [0, 0, 0, 0];
  while (reader.next(end)) {
    if (reader.field === 1) {
      reader.readBytes(end);
      keyStart = reader.start;
      keyEnd = reader.end;
    } else if (reader.field === 2) {
      reader.readBytes(end);
      start = reader.start;
      valueEnd = reader.end;
    } else {
      reader.skip(end);
    }
  }
  sink.binary(sink.keys.find(reader.bytes, keyStart, keyEnd), reader.bytes, start, valueEnd);
}

function readLink(reader: ProtobufReader, end: number, sink: SpanSink): void {
  let [hi, lo, spanId] = [0n, 0n, 0n];
  const attributes = Object.create(null) as Record<string, AttributeValue>;
  let traceState = '';
  let flags: number | undefined;
  while (reader.next(end)) {
    if (reader.field <= 3) {
      reader.readInt64(end);
      const id = toBigint(reader.high, reader.low);
      if (reader.field === 1) lo = id;
      else if (reader.field === 2) hi = id;
      else spanId = id;
    } else if (reader.field === 4) {
      readTextEntry(reader, reader.enter(end), attributes);
    } else if (reader.field === 5) traceState = reader.readString(end);
    else if (reader.field === 6) flags = linkFlags(reader.readVarint(end));
    else reader.skip(end);
  }
  addLink(sink, { traceId: { hi, lo }, spanId, attributes, traceState, flags });
}

function readTextEntry(
  reader: ProtobufReader,
  end: number,
  into: Record<string, AttributeValue>,
): void {
  let key = '';
  let value = '';
  while (reader.next(end)) {
    if (reader.field === 1) key = reader.readString(end);
    else if (reader.field === 2) value = reader.readString(end);
    else reader.skip(end);
  }
  into[key] = value;
}

function readValueEntry(
  reader: ProtobufReader,
  end: number,
  into: Record<string, AttributeValue>,
): void {
  let key = '';
  let value: AttributeValue | undefined;
  while (reader.next(end)) {
    if (reader.field === 1) key = reader.readString(end);
    else if (reader.field === 2) value = readAnyValue(reader, reader.enter(end));
    else reader.skip(end);
  }
  if (value !== undefined) into[key] = value;
}

function readEvent(reader: ProtobufReader, end: number, sink: SpanSink): void {
  let time = 0n;
  let name = '';
  const attributes = Object.create(null) as Record<string, AttributeValue>;
  while (reader.next(end)) {
    if (reader.field === 1) {
      reader.readInt64(end);
      time = toBigint(reader.high, reader.low);
    } else if (reader.field === 2) name = reader.readString(end);
    else if (reader.field === 3) {
      readValueEntry(reader, reader.enter(end), attributes);
    } else reader.skip(end);
  }
  sink.events.push({ name, time: time as EpochNanos, attributes });
}

/**
 * An attribute value of an event: 1 type, 2 string, 3 bool, 4 int64, 5 double, 6 array. proto3 leaves out zero values, so the
 * type decides and a missing field is that type's zero.
 */
function readAnyValue(
  reader: ProtobufReader,
  end: number,
  mayNest: boolean = true,
): AttributeValue | undefined {
  let type = 0;
  const found: AttributeValue[] = ['', false, 0, 0, []];
  while (reader.next(end)) {
    switch (reader.field) {
      case 1:
        type = reader.readVarint(end);
        break;
      case 2:
        found[0] = reader.readString(end);
        break;
      case 3:
        found[1] = reader.readVarint(end) !== 0;
        break;
      case 4:
        reader.readInt64(end);
        found[2] = isSafe(reader.high, reader.low)
          ? signedNumber(reader.high, reader.low)
          : signedText(reader.high, reader.low);
        break;
      case 5: {
        const value = reader.readDouble(end);
        found[3] = Number.isFinite(value) ? value : String(value);
        break;
      }
      case 6:
        if (mayNest) found[4] = readArray(reader, reader.enter(end));
        else reader.skip(end);
        break;
      default:
        reader.skip(end);
    }
  }
  return found[type];
}

function readArray(reader: ProtobufReader, end: number): AttributeValue[] {
  const values: AttributeValue[] = [];
  while (reader.next(end)) {
    if (reader.field !== 1) {
      reader.skip(end);
      continue;
    }
    const value = readAnyValue(reader, reader.enter(end), false);
    if (value !== undefined) values.push(value);
  }
  return values;
}
