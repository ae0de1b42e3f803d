import { expect, test } from 'vitest';
import { hasGrown } from './revision.ts';

const TIME = Date.parse('2026-11-20T12:00:00Z');

test.each([
  [1, 2, true],
  [2, 2, false],
  [3, 2, false],
  [TIME, TIME + 1, true],
  [TIME, TIME, false],
  [TIME + 1, TIME, false],
  [TIME, 2, true],
  [2, TIME, true],
])('hasGrown(%i, %i) is %s', (known, listed, grown) => {
  expect(hasGrown(known, listed)).toBe(grown);
});
