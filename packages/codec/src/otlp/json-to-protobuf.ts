import { DecodeError } from '@spanloom/base';
import { FieldNames } from '../wire/field-names.ts';
import { JsonReader } from '../wire/json-reader.ts';
import { ProtobufWriter } from '../wire/protobuf-writer.ts';
import { type JsonField, type JsonMessage, TRACES_REQUEST } from './json-schema.ts';

/**
 * Rewrites an OTLP trace export in JSON as protobuf.
 *
 * The JSON form has its own ways: ids are hex, other bytes base64, 64-bit integers text or numbers (some senders write
 * `{"low":…,"high":…}`), enums numbers or names. Unknown members are passed over. Once it is protobuf there is one decoder
 * for both.
 *
 * @throws {DecodeError} With the position in the JSON.
 */
export function otlpJsonToProtobuf(body: Uint8Array): Uint8Array {
  const writer = new ProtobufWriter();
  if (body.length === 0) return body;
  const reader = new JsonReader(body);
  writeMessage(reader, writer, TRACES_REQUEST);
  reader.finish();
  return writer.out.view();
}

function writeMessage(reader: JsonReader, writer: ProtobufWriter, message: JsonMessage): void {
  const fields = membersOf(message);
  if (reader.peek() !== 'object')
    throw new DecodeError(`expected an object, found ${reader.peek()}`, reader.pos);
  reader.enter();
  for (let first = true; reader.nextKey(first); first = false) {
    const field = fields.list[fields.names.find(reader.text, reader.textStart, reader.textEnd)];
    if (field === undefined) reader.skip();
    else writeField(reader, writer, field);
  }
}

/** A message's members, found by the bytes of their names: no string is made for each of a body's many keys. */
interface Members {
  readonly names: FieldNames;
  /** By position in `names`; nothing at 0. */
  readonly list: readonly (JsonField | undefined)[];
}

const known = new WeakMap<object, Members>();

function membersOf(message: JsonMessage): Members {
  const fields = message();
  let members = known.get(fields);
  if (members === undefined) {
    members = {
      names: new FieldNames(Object.keys(fields)),
      list: [undefined, ...Object.values(fields)],
    };
    known.set(fields, members);
  }
  return members;
}

function writeField(reader: JsonReader, writer: ProtobufWriter, field: JsonField): void {
  if (reader.peek() === 'null') return reader.readWord('null');
  switch (field.type) {
    case 'message': {
      const start = writer.open(field.field);
      writeMessage(reader, writer, field.message);
      return writer.close(start);
    }
    case 'list':
      expect(reader, 'array');
      reader.enter();
      for (let first = true; reader.nextElement(first); first = false)
        writeField(reader, writer, field.of);
      return;
    case 'string':
      expect(reader, 'string');
      reader.readString();
      return writer.bytes(field.field, reader.text.subarray(reader.textStart, reader.textEnd));
    case 'hex':
      return writer.bytes(field.field, readHex(reader));
    case 'base64':
      expect(reader, 'string');
      reader.readString();
      return writer.bytes(field.field, Buffer.from(reader.string(), 'base64'));
    case 'boolean':
      return writer.integerAlways(field.field, readBoolean(reader) ? 1 : 0);
    case 'double':
      return writer.double(field.field, readDouble(reader));
    case 'int64':
      return writer.integerAlways(field.field, readInteger(reader));
    case 'uint32':
      return writer.integer(field.field, BigInt.asUintN(32, readInteger(reader)));
    case 'fixed64':
      return writer.fixed64(field.field, readInteger(reader));
    case 'fixed32':
      return writer.fixed32(field.field, Number(BigInt.asUintN(32, readInteger(reader))));
    case 'enum':
      return writer.integer(field.field, readEnum(reader, field.prefix, field.names));
  }
}

function expect(reader: JsonReader, token: 'array' | 'string'): void {
  const found = reader.peek();
  if (found !== token) throw new DecodeError(`expected ${token}, found ${found}`, reader.pos);
}

function readHex(reader: JsonReader): Uint8Array {
  expect(reader, 'string');
  const at = reader.pos;
  reader.readString();
  const text = reader.string();
  if (!/^(?:[0-9a-f]{2})*$/i.test(text)) {
    throw new DecodeError(`expected an id in hex, found ${JSON.stringify(text.slice(0, 40))}`, at);
  }
  return Buffer.from(text, 'hex');
}

function readBoolean(reader: JsonReader): boolean {
  const token = reader.peek();
  if (token !== 'true' && token !== 'false')
    throw new DecodeError(`expected a boolean, found ${token}`, reader.pos);
  reader.readWord(token);
  return token === 'true';
}

function readDouble(reader: JsonReader): number {
  const at = reader.pos;
  const text = readNumberOrText(reader);
  const value = Number(text);
  if (Number.isNaN(value) && text !== 'NaN') throw notNumber(text, at);
  return value;
}

/** An integer as a number, as text, or as a pair of 32-bit halves. */
function readInteger(reader: JsonReader): bigint {
  const at = reader.pos;
  if (reader.peek() === 'object') return readHalves(reader);
  const text = readNumberOrText(reader);
  if (/^[+-]?\d{1,20}$/.test(text)) return BigInt(text);
  const value = Number(text);
  // Doubles such as 1.7e18 stand for integers in some senders.
  if (text === '' || !Number.isFinite(value) || Math.abs(value) > 2 ** 64)
    throw notNumber(text, at);
  return BigInt(Math.trunc(value));
}

function readHalves(reader: JsonReader): bigint {
  let low = 0n;
  let high = 0n;
  reader.enter();
  for (let first = true; reader.nextKey(first); first = false) {
    const name = reader.string();
    if (name === 'low') low = BigInt.asUintN(32, readInteger(reader));
    else if (name === 'high') high = BigInt.asUintN(32, readInteger(reader));
    else reader.skip();
  }
  return (high << 32n) | low;
}

function readEnum(reader: JsonReader, prefix: string, names: readonly string[]): bigint {
  const at = reader.pos;
  const text = readNumberOrText(reader);
  if (/^\d{1,9}$/.test(text)) return BigInt(text);
  const value = names.indexOf(text.startsWith(prefix) ? text.slice(prefix.length) : text);
  if (value < 0)
    throw new DecodeError(
      `${JSON.stringify(text.slice(0, 40))} is none of ${prefix}${names.join(', ')}`,
      at,
    );
  return BigInt(value);
}

function readNumberOrText(reader: JsonReader): string {
  const token = reader.peek();
  if (token === 'number') return reader.readNumberText();
  if (token !== 'string') throw new DecodeError(`expected a number, found ${token}`, reader.pos);
  reader.readString();
  return reader.string();
}

function notNumber(text: string, at: number): DecodeError {
  return new DecodeError(`expected a number, found ${JSON.stringify(text.slice(0, 40))}`, at);
}
