import { BadRequestError } from '@spanloom/base';
import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { decodeCursor, encodeCursor } from './search-cursor.ts';

const id = fc.bigInt({ min: 0n, max: (1n << 64n) - 1n });

test('a cursor gives back the position it was made from', () => {
  fc.assert(
    fc.property(
      fc.record({
        start: fc.bigInt({ min: 0n, max: (1n << 63n) - 1n }),
        spanId: id,
        joinKey: id,
        service: fc.string({ unit: 'grapheme' }),
        source: fc.nat(3),
      }),
      (position) => {
        expect(decodeCursor(encodeCursor(position))).toEqual(position);
      },
    ),
  );
});

test('decodeCursor() refuses any other text', () => {
  fc.assert(
    fc.property(fc.string(), (text) => {
      expect(() => decodeCursor(text)).toThrow(BadRequestError);
    }),
  );
  for (const value of [
    ['1', '2', '3', 'service', '0'],
    ['-1', '2', '3', 'service', 0],
    ['18446744073709551616', '2', '3', 'service', 0],
    ["1' OR 1", '2', '3', 'service', 0],
  ]) {
    expect(() => decodeCursor(forged(value))).toThrow(BadRequestError);
  }
});

function forged(value: unknown): string {
  return Buffer.from(JSON.stringify(value)).toString('base64url');
}
