import { DecodeError } from '@spanloom/base';
import { JsonReader } from './json-reader.ts';
import { MsgpackWriter } from './msgpack-writer.ts';

const MAX_U64 = 0xffff_ffff_ffff_ffffn;
const MIN_I64 = -0x8000_0000_0000_0000n;

/**
 * Rewrites a JSON body as msgpack, with integers exact to 64 bits.
 *
 * The JSON forms of agent traces have the very shape of their msgpack forms. So one decoder serves both, and cannot come to
 * differ between them; the old and rare JSON senders pay for one more pass.
 */
export function jsonToMsgpack(body: Uint8Array): Uint8Array {
  const reader = new JsonReader(body);
  const writer = new MsgpackWriter();
  writeValue(reader, writer);
  reader.finish();
  return writer.out.view();
}

/**
 * Runs a msgpack decoder over a JSON body. Its errors come back with the position in the JSON.
 */
export function decodeJsonAsMsgpack<T>(body: Uint8Array, decode: (msgpack: Uint8Array) => T): T {
  const msgpack = jsonToMsgpack(body);
  try {
    return decode(msgpack);
  } catch (error) {
    if (!(error instanceof DecodeError)) throw error;
    throw new DecodeError(error.problem, jsonOffset(body, error.offset), {
      cause: error,
      reason: error.reason,
    });
  }
}

/** Where in `body` the value begins that was written to `offset` of its msgpack: found by writing it once more. */
function jsonOffset(body: Uint8Array, offset: number): number {
  const reader = new JsonReader(body);
  const writer = new MsgpackWriter();
  let found = 0;
  writeValue(reader, writer, () => {
    if (writer.out.length <= offset) found = reader.pos;
  });
  return found;
}

function writeValue(reader: JsonReader, writer: MsgpackWriter, onValue?: () => void): void {
  const token = reader.peek();
  onValue?.();
  switch (token) {
    case 'object': {
      const count = openCounted(writer, 0xdf);
      let members = 0;
      reader.enter();
      while (reader.nextKey(members === 0)) {
        writer.textBytes(reader.text, reader.textStart, reader.textEnd);
        writeValue(reader, writer, onValue);
        members++;
      }
      writer.out.bytes.writeUInt32BE(members, count);
      return;
    }
    case 'array': {
      const count = openCounted(writer, 0xdd);
      let elements = 0;
      reader.enter();
      while (reader.nextElement(elements === 0)) {
        writeValue(reader, writer, onValue);
        elements++;
      }
      writer.out.bytes.writeUInt32BE(elements, count);
      return;
    }
    case 'string':
      reader.readString();
      return writer.textBytes(reader.text, reader.textStart, reader.textEnd);
    case 'number':
      return writeNumber(reader.readNumberText(), writer);
    case 'true':
    case 'false':
      reader.readWord(token);
      return writer.boolean(token === 'true');
    case 'null':
      reader.readWord(token);
      return writer.nil();
  }
}

/** The count is known only at the end: it gets four bytes now and is filled in then. */
function openCounted(writer: MsgpackWriter, type: number): number {
  writer.out.u8(type);
  writer.out.u32(0);
  return writer.out.length - 4;
}

function writeNumber(text: string, writer: MsgpackWriter): void {
  if (!/^-?\d{1,20}$/.test(text)) return writer.double(Number(text));
  const value = Number(text);
  if (Number.isSafeInteger(value))
    return Object.is(value, -0) ? writer.double(-0) : writer.int(value);
  const exact = BigInt(text);
  if (exact > MAX_U64 || exact < MIN_I64) return writer.double(value);
  return writer.bigint(exact);
}
