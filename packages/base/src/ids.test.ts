import fc from 'fast-check';
import { expect, test } from 'vitest';
import {
  formatDatadogTraceId,
  formatTraceId,
  formatXRayTraceId,
  joinKey,
  parseSpanId,
  parseTraceId,
} from './ids.ts';

const full = { hi: 0x66f2a1c48f3b0c5en, lo: 0x9a7d4b21e6c8f013n };

test.each([
  ['66f2a1c48f3b0c5e9a7d4b21e6c8f013', full],
  ['66F2A1C48F3B0C5E9A7D4B21E6C8F013', full],
  ['1-66f2a1c4-8f3b0c5e9a7d4b21e6c8f013', full],
  ['Root=1-66f2a1c4-8f3b0c5e9a7d4b21e6c8f013;Parent=2b3c4d5e6f708192;Sampled=1', full],
  ['00-66f2a1c48f3b0c5e9a7d4b21e6c8f013-2b3c4d5e6f708192-01', full],
  [' "66f2a1c48f3b0c5e9a7d4b21e6c8f013" ', full],
  ['1908764426052890643', { hi: 0n, lo: 1908764426052890643n }],
  ['18446744073709551615', { hi: 0n, lo: 0xffff_ffff_ffff_ffffn }],
  [
    '136841072327264725528930523878219496396',
    { hi: 0x66f2a1c300000000n, lo: 6153737369425722316n },
  ],
  ['9a7d4b21e6c8f013', { hi: 0n, lo: 0x9a7d4b21e6c8f013n }],
  ['0000000000000042', { hi: 0n, lo: 0x42n }],
])('parseTraceId() reads %s', (text, id) => {
  expect(parseTraceId(text)).toEqual(id);
});

test.each([
  '',
  '0',
  'hello',
  '340282366920938463463374607431768211456',
  '66f2a1c4',
  '0'.repeat(32),
  '1-66f2a1c4',
])('parseTraceId() refuses %j and says what it would read', (text) => {
  expect(() => parseTraceId(text)).toThrow(/expected 16 or 32 hex digits/);
});

test('every printed form of a 128-bit id reads back', () => {
  const half = fc.bigInt({ min: 1n, max: 0xffff_ffff_ffff_ffffn });
  fc.assert(
    fc.property(half, half, (hi, lo) => {
      const id = { hi, lo };
      expect(parseTraceId(formatTraceId(id))).toEqual(id);
      expect(parseTraceId(formatXRayTraceId(id)!)).toEqual(id);
      expect(parseTraceId(formatTraceId(id).toUpperCase())).toEqual(id);
    }),
  );
});

test('the join key is the low 63 bits and survives every form', () => {
  expect(joinKey(full)).toBe(0x1a7d4b21e6c8f013n);
  expect(joinKey(parseTraceId(formatDatadogTraceId(full)))).toBe(joinKey(full));
});

test('parseSpanId() reads hex and decimal and refuses the rest', () => {
  expect(parseSpanId('2b3c4d5e6f708192')).toBe(0x2b3c4d5e6f708192n);
  expect(parseSpanId('42')).toBe(42n);
  expect(() => parseSpanId('-1')).toThrow(/span id/);
});
