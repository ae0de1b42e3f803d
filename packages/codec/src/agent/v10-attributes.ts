import { DecodeError, type EpochNanos } from '@spanloom/base';
import type { AttributeValue } from '@spanloom/model';
import type { AttributeTarget } from '../sink/attribute-target.ts';
import type { KeyTable } from '../sink/key-table.ts';
import { isSafe, signedNumber, signedText } from '../wire/int64.ts';
import { doubleJson } from '../wire/json-text.ts';
import type { V10Reader } from './v10-reader.ts';

const DEEPEST = 16;

const TYPE = { string: 1, boolean: 2, double: 3, integer: 4, bytes: 5, array: 6, map: 7 } as const;

/** Reads attributes, a flat array of key, type and value, into `target`. */
export function readAttributes(reader: V10Reader, keys: KeyTable, target: AttributeTarget): void {
  for (let left = tripletCount(reader); left > 0; left--) {
    const { strings } = reader;
    const key = strings.key(reader.readStreamed(), keys);
    const at = reader.pos;
    const type = reader.readNumber();
    switch (type) {
      case TYPE.string: {
        const text = reader.readStreamed();
        target.text(key, strings.bytes, strings.start(text), strings.end(text));
        break;
      }
      case TYPE.boolean:
        target.boolean(key, reader.readBoolean());
        break;
      case TYPE.double:
        target.double(key, reader.readNumber());
        break;
      case TYPE.integer:
        reader.readInt64();
        target.integer(key, reader.high, reader.low);
        break;
      case TYPE.bytes:
        reader.readText();
        target.binary(key, strings.bytes, reader.textStart, reader.textEnd);
        break;
      case TYPE.array:
        target.json(key, arrayJson(reader, DEEPEST));
        break;
      case TYPE.map:
        target.json(key, mapJson(reader, DEEPEST));
        break;
      default:
        throw unknownType(type, at);
    }
  }
}

/** Reads the attributes of a link or an event. */
export function readValueMap(reader: V10Reader): Record<string, AttributeValue> {
  const map = Object.create(null) as Record<string, AttributeValue>;
  for (let left = tripletCount(reader); left > 0; left--) {
    const key = reader.readStreamedString();
    map[key] = readValue(reader, DEEPEST);
  }
  return map;
}

function readValue(reader: V10Reader, depth: number): AttributeValue {
  const at = reader.pos;
  const type = reader.readNumber();
  switch (type) {
    case TYPE.string:
      return reader.readStreamedString();
    case TYPE.boolean:
      return reader.readBoolean();
    case TYPE.double: {
      const value = reader.readNumber();
      return Number.isFinite(value) ? value : String(value);
    }
    case TYPE.integer:
      reader.readInt64();
      return isSafe(reader.high, reader.low)
        ? signedNumber(reader.high, reader.low)
        : signedText(reader.high, reader.low);
    case TYPE.bytes:
      return base64(reader);
    case TYPE.array: {
      if (depth === 0) throw tooDeep(at);
      const values: AttributeValue[] = [];
      for (let left = pairCount(reader); left > 0; left--)
        values.push(readValue(reader, depth - 1));
      return values;
    }
    case TYPE.map:
      return mapJson(reader, depth);
    default:
      throw unknownType(type, at);
  }
}

function arrayJson(reader: V10Reader, depth: number): string {
  if (depth === 0) throw tooDeep(reader.pos);
  const elements: string[] = [];
  for (let left = pairCount(reader); left > 0; left--) elements.push(valueJson(reader, depth));
  return `[${elements.join(',')}]`;
}

function mapJson(reader: V10Reader, depth: number): string {
  if (depth === 0) throw tooDeep(reader.pos);
  const members: string[] = [];
  for (let left = tripletCount(reader); left > 0; left--) {
    const key = JSON.stringify(reader.readStreamedString());
    members.push(`${key}:${valueJson(reader, depth)}`);
  }
  return `{${members.join(',')}}`;
}

function valueJson(reader: V10Reader, depth: number): string {
  const at = reader.pos;
  const type = reader.readNumber();
  switch (type) {
    case TYPE.string:
      return JSON.stringify(reader.readStreamedString());
    case TYPE.boolean:
      return String(reader.readBoolean());
    case TYPE.double:
      return doubleJson(reader.readNumber());
    case TYPE.integer:
      reader.readInt64();
      return signedText(reader.high, reader.low);
    case TYPE.bytes:
      return JSON.stringify({ $bytes: base64(reader) });
    case TYPE.array:
      return arrayJson(reader, depth - 1);
    case TYPE.map:
      return mapJson(reader, depth - 1);
    default:
      throw unknownType(type, at);
  }
}

function base64(reader: V10Reader): string {
  reader.readText();
  return Buffer.from(reader.bytes.subarray(reader.textStart, reader.textEnd)).toString('base64');
}

function tripletCount(reader: V10Reader): number {
  return countOf(reader, 3, 'key, type and value');
}

function pairCount(reader: V10Reader): number {
  return countOf(reader, 2, 'type and value');
}

function countOf(reader: V10Reader, size: number, of: string): number {
  const at = reader.pos;
  // Go writes an empty map for "no attributes".
  if (reader.peek() === 0x80) {
    reader.pos++;
    return 0;
  }
  const length = reader.readArrayHeader();
  if (length % size !== 0)
    throw new DecodeError(`expected ${of} in turn, found ${length} elements`, at);
  return length / size;
}

function tooDeep(at: number): DecodeError {
  return new DecodeError(`attributes nested deeper than ${DEEPEST} levels`, at);
}

function unknownType(type: number, at: number): DecodeError {
  return new DecodeError(`attribute type ${type} is not known`, at);
}

/** Reads a time in ns. */
export function readNanos(reader: V10Reader): EpochNanos {
  reader.readInt64();
  return ((BigInt(reader.high) << 32n) | BigInt(reader.low)) as EpochNanos;
}
