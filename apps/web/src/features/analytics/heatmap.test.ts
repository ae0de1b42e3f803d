import { expect, test } from 'vitest';
import { cellAt, shade } from './heatmap.ts';

test('one span among many still shows, and nothing does not', () => {
  expect(shade(0, 1000)).toBe(0);
  expect(shade(1, 1000)).toBeGreaterThan(0.15);
  expect(shade(1000, 1000)).toBe(1);
});

test('cellAt() finds the cell under a place', () => {
  const map = { edges: [1e3, 2e3, 5e3], times: [1000, 2000] };
  expect(cellAt(map, 1000, { ms: 2999, ns: 2e3 })).toEqual({ column: 1, row: 1 });
  expect(cellAt(map, 1000, { ms: 3000, ns: 2e3 })).toBeUndefined();
  expect(cellAt(map, 1000, { ms: 999, ns: 2e3 })).toBeUndefined();
  expect(cellAt(map, 1000, { ms: 1500, ns: 5e3 })).toBeUndefined();
});
