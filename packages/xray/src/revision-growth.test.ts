import { expect, test } from 'vitest';
import { revisionGrowth } from './revision-growth.ts';

const TIME = 1_795_176_000_000;

test('revisionGrowth() is how far a revision has risen, and without bound between counts and times', () => {
  expect(revisionGrowth(3, 5)).toBe(2);
  expect(revisionGrowth(5, 3)).toBe(-2);
  expect(revisionGrowth(TIME, TIME + 10)).toBe(10);
  expect(revisionGrowth(TIME, 3)).toBe(Number.POSITIVE_INFINITY);
  expect(revisionGrowth(3, TIME)).toBe(Number.POSITIVE_INFINITY);
});
