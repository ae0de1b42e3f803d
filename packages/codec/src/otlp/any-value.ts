import { DecodeError } from '@spanloom/base';
import type { AttributeValue } from '@spanloom/model';
import type { AttributeTarget } from '../sink/attribute-target.ts';
import type { KeyTable } from '../sink/key-table.ts';
import { isSafe, signedNumber, signedText } from '../wire/int64.ts';
import { doubleJson } from '../wire/json-text.ts';
import type { ProtobufReader } from '../wire/protobuf-reader.ts';

const DEEPEST = 32;

/** Reads a `KeyValue` into `target`. An attribute without a value is left out. */
export function readKeyValue(
  reader: ProtobufReader,
  end: number,
  keys: KeyTable,
  target: AttributeTarget,
): void {
  let keyStart = 0;
  let keyEnd = 0;
  let valueStart = -1;
  let valueEnd = -1;
  while (reader.next(end)) {
    if (reader.field === 1) {
      reader.readBytes(end);
      keyStart = reader.start;
      keyEnd = reader.end;
    } else if (reader.field === 2) {
      reader.readBytes(end);
      valueStart = reader.start;
      valueEnd = reader.end;
    } else {
      reader.skip(end);
    }
  }
  if (valueStart < 0) return;
  const key = keys.find(reader.bytes, keyStart, keyEnd);
  reader.pos = valueStart;
  while (reader.next(valueEnd)) {
    switch (reader.field) {
      case 1:
        reader.readBytes(valueEnd);
        target.text(key, reader.bytes, reader.start, reader.end);
        break;
      case 2:
        target.boolean(key, reader.readVarint(valueEnd) !== 0);
        break;
      case 3:
        reader.readInt64(valueEnd);
        target.integer(key, reader.high, reader.low);
        break;
      case 4:
        target.double(key, reader.readDouble(valueEnd));
        break;
      case 5:
        target.json(key, arrayJson(reader, reader.enter(valueEnd), DEEPEST));
        break;
      case 6:
        target.json(key, mapJson(reader, reader.enter(valueEnd), DEEPEST));
        break;
      case 7:
        reader.readBytes(valueEnd);
        target.binary(key, reader.bytes, reader.start, reader.end);
        break;
      default:
        reader.skip(valueEnd);
    }
  }
  reader.pos = end;
}

/** Reads a `KeyValue` of a link or an event. */
export function readValueInto(
  reader: ProtobufReader,
  end: number,
  into: Record<string, AttributeValue>,
): void {
  let key = '';
  let value: AttributeValue | undefined;
  while (reader.next(end)) {
    if (reader.field === 1) key = reader.readString(end);
    else if (reader.field === 2) value = readValue(reader, reader.enter(end), DEEPEST);
    else reader.skip(end);
  }
  if (value !== undefined) into[key] = value;
}

function readValue(reader: ProtobufReader, end: number, depth: number): AttributeValue | undefined {
  if (depth === 0) throw tooDeep(reader.pos);
  let value: AttributeValue | undefined;
  while (reader.next(end)) {
    switch (reader.field) {
      case 1:
        value = reader.readString(end);
        break;
      case 2:
        value = reader.readVarint(end) !== 0;
        break;
      case 3:
        reader.readInt64(end);
        value = isSafe(reader.high, reader.low)
          ? signedNumber(reader.high, reader.low)
          : signedText(reader.high, reader.low);
        break;
      case 4: {
        const number = reader.readDouble(end);
        value = Number.isFinite(number) ? number : String(number);
        break;
      }
      case 5:
        value = readValues(reader, reader.enter(end), depth - 1);
        break;
      case 6:
        value = mapJson(reader, reader.enter(end), depth - 1);
        break;
      case 7:
        value = base64(reader, end);
        break;
      default:
        reader.skip(end);
    }
  }
  return value;
}

function readValues(reader: ProtobufReader, end: number, depth: number): AttributeValue[] {
  const values: AttributeValue[] = [];
  while (reader.next(end)) {
    if (reader.field !== 1) {
      reader.skip(end);
      continue;
    }
    const value = readValue(reader, reader.enter(end), depth);
    if (value !== undefined) values.push(value);
  }
  return values;
}

function arrayJson(reader: ProtobufReader, end: number, depth: number): string {
  if (depth === 0) throw tooDeep(reader.pos);
  const elements: string[] = [];
  while (reader.next(end)) {
    if (reader.field === 1) elements.push(valueJson(reader, reader.enter(end), depth - 1));
    else reader.skip(end);
  }
  return `[${elements.join(',')}]`;
}

function mapJson(reader: ProtobufReader, end: number, depth: number): string {
  if (depth === 0) throw tooDeep(reader.pos);
  const members: string[] = [];
  while (reader.next(end)) {
    if (reader.field === 1) members.push(memberJson(reader, reader.enter(end), depth - 1));
    else reader.skip(end);
  }
  return `{${members.join(',')}}`;
}

function memberJson(reader: ProtobufReader, end: number, depth: number): string {
  let key = '';
  let value = 'null';
  while (reader.next(end)) {
    if (reader.field === 1) key = reader.readString(end);
    else if (reader.field === 2) value = valueJson(reader, reader.enter(end), depth);
    else reader.skip(end);
  }
  return `${JSON.stringify(key)}:${value}`;
}

function valueJson(reader: ProtobufReader, end: number, depth: number): string {
  let json = 'null';
  while (reader.next(end)) {
    switch (reader.field) {
      case 1:
        json = JSON.stringify(reader.readString(end));
        break;
      case 2:
        json = String(reader.readVarint(end) !== 0);
        break;
      case 3:
        reader.readInt64(end);
        json = signedText(reader.high, reader.low);
        break;
      case 4:
        json = doubleJson(reader.readDouble(end));
        break;
      case 5:
        json = arrayJson(reader, reader.enter(end), depth);
        break;
      case 6:
        json = mapJson(reader, reader.enter(end), depth);
        break;
      case 7:
        json = JSON.stringify({ $bytes: base64(reader, end) });
        break;
      default:
        reader.skip(end);
    }
  }
  return json;
}

function base64(reader: ProtobufReader, end: number): string {
  reader.readBytes(end);
  return Buffer.from(reader.bytes.subarray(reader.start, reader.end)).toString('base64');
}

function tooDeep(at: number): DecodeError {
  return new DecodeError(`attribute values nested deeper than ${DEEPEST} levels`, at);
}
