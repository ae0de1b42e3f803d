import { DecodeError } from '@spanloom/base';
import fc from 'fast-check';
import { pack } from 'msgpackr';
import { expect, test } from 'vitest';
import { toBigint } from './int64.ts';
import { MsgpackReader } from './msgpack-reader.ts';

const nested = (levels: number): Uint8Array =>
  Buffer.concat([Buffer.alloc(levels, 0x91), hex('c0')]);

function hex(text: string): Uint8Array {
  return Buffer.from(text.replaceAll(' ', ''), 'hex');
}

test.each([
  ['00', 0],
  ['7f', 127],
  ['e0', -32],
  ['ff', -1],
  ['cc ff', 255],
  ['cd ff ff', 65_535],
  ['ce ff ff ff ff', 4_294_967_295],
  ['cf 00 1f ff ff ff ff ff ff', 9_007_199_254_740_991],
  ['d0 80', -128],
  ['d1 80 00', -32_768],
  ['d2 80 00 00 00', -2_147_483_648],
  ['d3 ff ff ff ff ff ff ff fe', -2],
  ['ca 3f 00 00 00', 0.5],
  ['cb 3f e0 00 00 00 00 00 00', 0.5],
  ['c0', 0],
  ['c2', 0],
  ['c3', 1],
])('readNumber() reads %s', (bytes, value) => {
  const reader = new MsgpackReader(hex(bytes));
  expect(reader.readNumber()).toBe(value);
  expect(reader.atEnd).toBe(true);
});

test('readInt64() keeps all 64 bits of every integer form', () => {
  fc.assert(
    fc.property(fc.bigInt({ min: -(2n ** 63n), max: 2n ** 64n - 1n }), (value) => {
      const bytes = Buffer.alloc(9);
      bytes[0] = value < 0n ? 0xd3 : 0xcf;
      bytes.writeBigUInt64BE(BigInt.asUintN(64, value), 1);
      const reader = new MsgpackReader(bytes);
      reader.readInt64();
      expect(toBigint(reader.high, reader.low)).toBe(BigInt.asUintN(64, value));
    }),
  );
});

test('readInt64() takes doubles as the integers they stand for', () => {
  fc.assert(
    fc.property(fc.maxSafeInteger(), (value) => {
      const bytes = Buffer.alloc(9);
      bytes[0] = 0xcb;
      bytes.writeDoubleBE(value, 1);
      const reader = new MsgpackReader(bytes);
      reader.readInt64();
      expect(BigInt.asIntN(64, toBigint(reader.high, reader.low))).toBe(BigInt(value));
    }),
  );
});

test('skip() passes over exactly one value of anything another encoder writes', () => {
  fc.assert(
    fc.property(fc.jsonValue({ maxDepth: 6 }), (value) => {
      const body = pack(value);
      const reader = new MsgpackReader(body);
      reader.skip();
      expect(reader.pos).toBe(body.length);
    }),
  );
});

test.each([
  ['d4 01 02', 3],
  ['d5 01 02 03', 4],
  ['d6 01 00 00 00 00', 6],
  ['d7 01 00 00 00 00 00 00 00 00', 10],
  ['d8 01' + ' 00'.repeat(16), 18],
  ['c7 02 01 00 00', 5],
  ['c8 00 01 01 00', 5],
  ['c9 00 00 00 01 01 00', 7],
  ['c5 00 01 00', 4],
  ['da 00 01 61', 4],
  ['dc 00 01 c0', 4],
  ['de 00 01 c0 c0', 5],
])('skip() passes over %s', (bytes, length) => {
  const reader = new MsgpackReader(hex(bytes));
  reader.skip();
  expect(reader.pos).toBe(length);
});

test('skip() refuses what is nested deeper than 64 levels, and takes 64', () => {
  expect(() => new MsgpackReader(nested(64)).skip()).not.toThrow();
  expect(() => new MsgpackReader(nested(65)).skip()).toThrow(/deeper than 64/);
});

test('a value cut short is EOF, with the position of the value', () => {
  const error = caught(() => new MsgpackReader(hex('a3 61 62')).readText());
  expect(error.reason).toBe('EOF');
  expect(error.offset).toBe(0);
});

test('a count that the body cannot hold is EOF before anything is read', () => {
  expect(caught(() => new MsgpackReader(hex('dd ff ff ff ff')).readArrayHeader()).reason).toBe(
    'EOF',
  );
  expect(caught(() => new MsgpackReader(hex('df ff ff ff ff c0')).readMapHeader()).reason).toBe(
    'EOF',
  );
});

test('a value of another type says what was expected and found', () => {
  const reader = new MsgpackReader(hex('c0 a1 61'));
  reader.skip();
  const error = caught(() => reader.readArrayHeader());
  expect(error.message).toBe(
    'Cannot decode payload at byte 1: expected an array, found type byte 0xa1',
  );
  expect(error.reason).toBe('DecodingError');
});

function caught(run: () => void): DecodeError {
  try {
    run();
  } catch (error) {
    if (error instanceof DecodeError) return error;
    throw error;
  }
  throw new Error('nothing was thrown');
}
