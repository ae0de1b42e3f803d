import { zstdCompressSync, zstdDecompressSync } from 'node:zlib';
import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { RequestRefused } from './request-refused.ts';
import { zstdFrames } from './zstd-frames.ts';

const parts = fc.array(
  fc.oneof(
    fc.uint8Array({ maxLength: 300 }),
    fc.nat(400_000).map((length) => new Uint8Array(length).fill(7)),
  ),
  { minLength: 1, maxLength: 5 },
);

describe('zstdFrames()', () => {
  test('finds every frame of a concatenation', () => {
    fc.assert(
      fc.property(parts, (bodies) => {
        const packed = Buffer.concat(bodies.map((body) => zstdCompressSync(body)));
        const found = zstdFrames(packed).map(({ start, end }) =>
          zstdDecompressSync(packed.subarray(start, end)),
        );
        expect(found.map((body) => body.length)).toEqual(bodies.map((body) => body.length));
        expect(Buffer.concat(found).equals(Buffer.concat(bodies))).toBe(true);
      }),
      { numRuns: 50 },
    );
  });

  test('refuses a body cut inside its last frame, wherever', () => {
    const packed = zstdCompressSync(Buffer.from('a body of some length, a body of some length'));
    for (let cut = 1; cut < packed.length; cut++) {
      expect(() => zstdFrames(packed.subarray(0, cut))).toThrow(RequestRefused);
    }
  });

  test('refuses or splits any bytes, and never loops', () => {
    const magic = [0x28, 0xb5, 0x2f, 0xfd];
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 64 }), fc.boolean(), (tail, withMagic) => {
        const bytes = Uint8Array.from(withMagic ? [...magic, ...tail] : tail);
        try {
          let at = 0;
          for (const { start, end } of zstdFrames(bytes)) {
            expect(start).toBeGreaterThanOrEqual(at);
            expect(end).toBeGreaterThan(start);
            at = end;
          }
        } catch (error) {
          expect(error).toBeInstanceOf(RequestRefused);
        }
      }),
    );
  });

  test('leaves out skippable frames of every number', () => {
    for (let number = 0; number < 16; number++) {
      expect(zstdFrames(Uint8Array.of(0x50 + number, 0x2a, 0x4d, 0x18, 1, 0, 0, 0, 9))).toEqual([]);
    }
  });
});
