import { expect, test } from 'vitest';
import { edgeIndices, limitsOf, trimmed } from './duration-slider.ts';

const edges = [1e6, 2e6, 5e6, 1e7, 2e7];

test('trimmed() drops empty steps at the ends and keeps those between', () => {
  expect(trimmed({ edges, counts: [0, 3, 0, 1] })).toEqual({
    edges: [2e6, 5e6, 1e7, 2e7],
    counts: [3, 0, 1],
  });
  expect(trimmed({ edges, counts: [0, 0, 0, 0] })).toEqual({ edges: [], counts: [] });
});

test.each([
  [undefined, undefined, [0, 4]],
  [2e6, undefined, [1, 4]],
  [2.1e6, 9.9e6, [1, 3]],
  [1, 1e12, [0, 4]],
  [1e12, undefined, [3, 4]],
  [undefined, 1, [0, 1]],
])('edgeIndices(%d, %d)', (minNs, maxNs, expected) => {
  expect(edgeIndices(edges, { minNs, maxNs })).toEqual(expected);
});

test('limitsOf() sets no limit at the ends', () => {
  expect(limitsOf(edges, [0, 4])).toEqual({ minNs: undefined, maxNs: undefined });
  expect(limitsOf(edges, [1, 3])).toEqual({ minNs: 2e6, maxNs: 1e7 });
});
