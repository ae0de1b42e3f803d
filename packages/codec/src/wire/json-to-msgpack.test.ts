import { DecodeError } from '@spanloom/base';
import fc from 'fast-check';
import { unpack } from 'msgpackr';
import { expect, test } from 'vitest';
import { decodeJsonAsMsgpack, jsonToMsgpack } from './json-to-msgpack.ts';
import { MsgpackReader } from './msgpack-reader.ts';

const nested = (levels: number): Buffer => Buffer.from('['.repeat(levels) + ']'.repeat(levels));

test('jsonToMsgpack() says the same as the JSON, by other parsers for both', () => {
  fc.assert(
    fc.property(fc.json({ maxDepth: 5 }), fc.nat(3), (json, indent) => {
      const text = JSON.stringify(JSON.parse(json), undefined, indent);
      expect(plain(unpack(jsonToMsgpack(Buffer.from(text))))).toEqual(JSON.parse(text));
    }),
  );
});

test('every escape becomes its character, and half of a pair becomes U+FFFD', () => {
  const body = Buffer.from('["\\"\\\\\\/\\b\\f\\n\\r\\t\\u00e9\\ud83d\\uded2","\\ud83d!"]');
  expect(unpack(jsonToMsgpack(body))).toEqual(['"\\/\b\f\n\r\té🛒', '\ufffd!']);
});

test('integers beyond 2^53 keep every digit', () => {
  const reader = new MsgpackReader(
    jsonToMsgpack(Buffer.from('[18446744073709551615,-9223372036854775808]')),
  );
  reader.readArrayHeader();
  reader.readInt64();
  expect([reader.high, reader.low]).toEqual([0xffff_ffff, 0xffff_ffff]);
  reader.readInt64();
  expect([reader.high, reader.low]).toEqual([0x8000_0000, 0]);
});

test.each([
  ['{"a":1', 6, 'EOF'],
  ['["a', 3, 'EOF'],
  ['[1,]', 3, 'DecodingError'],
  ['{"a" 1}', 5, 'DecodingError'],
  ['[1] x', 4, 'DecodingError'],
  ['[tru]', 4, 'DecodingError'],
  ['[01]', 2, 'DecodingError'],
  ['["\\x"]', 2, 'DecodingError'],
  ['[-]', 2, 'DecodingError'],
])('%s fails at byte %i with %s', (text, offset, reason) => {
  const error = caught(() => jsonToMsgpack(Buffer.from(text)));
  expect([error.offset, error.reason]).toEqual([offset, reason]);
});

test('an error of the decoder comes back at its place in the JSON', () => {
  const body = Buffer.from('[ 1, 2,   "three" ]');
  const error = caught(() =>
    decodeJsonAsMsgpack(body, (msgpack) => {
      const reader = new MsgpackReader(msgpack);
      for (let left = reader.readArrayHeader(); left > 0; left--) reader.readNumber();
    }),
  );
  expect(error.offset).toBe(body.indexOf('"three"'));
});

test('64 levels are read and 65 are refused', () => {
  expect(() => jsonToMsgpack(nested(64))).not.toThrow();
  expect(() => jsonToMsgpack(nested(65))).toThrow(/deeper than 64/);
});

/** msgpackr gives -0 and bigints where JSON.parse rounds. */
function plain(value: unknown): unknown {
  if (typeof value === 'bigint') return Number(value);
  if (Array.isArray(value)) return value.map(plain);
  if (typeof value !== 'object' || value === null) return value;
  const copy = Object.create(Object.prototype) as Record<string, unknown>;
  for (const [key, item] of Object.entries(value)) {
    Object.defineProperty(copy, key, {
      value: plain(item),
      enumerable: true,
      writable: true,
      configurable: true,
    });
  }
  return copy;
}

function caught(run: () => void): DecodeError {
  try {
    run();
  } catch (error) {
    if (error instanceof DecodeError) return error;
    throw error;
  }
  throw new Error('nothing was thrown');
}
