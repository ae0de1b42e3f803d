import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { visitsPerSecond } from './visits.ts';

test('visitsPerSecond() stays gentle at any time', () => {
  fc.assert(
    fc.property(fc.integer({ min: 0, max: 4_102_444_800_000 }), (epochMs) => {
      expect(visitsPerSecond(epochMs)).toBeGreaterThan(0.2);
      expect(visitsPerSecond(epochMs)).toBeLessThan(1.5);
    }),
  );
});

test('visitsPerSecond() repeats after ten minutes and is higher at noon than at midnight', () => {
  expect(visitsPerSecond(600_000 * 7 + 1234)).toBeCloseTo(visitsPerSecond(1234), 9);
  expect(visitsPerSecond(300_000)).toBeGreaterThan(2 * visitsPerSecond(0));
});
