import { expect, test } from 'vitest';
import { selfTime } from './exec-time.ts';
import { largeTrace, testSpan } from './test-spans.ts';
import { buildTraceModel } from './trace-model.ts';
import { ancestors, branchRows, initiallyCollapsed, waterfallRows } from './waterfall-rows.ts';

const model = buildTraceModel([
  testSpan('root', null, 0, 100),
  testSpan('a', 'root', 0, 40),
  testSpan('a1', 'a', 1, 10),
  testSpan('a2', 'a', 20, 30),
  testSpan('b', 'root', 50, 90),
]);

test('waterfallRows() skips what is inside a collapsed row', () => {
  expect(Array.from(waterfallRows(model, new Set()))).toEqual([0, 1, 2, 3, 4]);
  expect(Array.from(waterfallRows(model, new Set([1])))).toEqual([0, 1, 4]);
  expect(Array.from(waterfallRows(model, new Set([0, 1])))).toEqual([0]);
});

test('branchRows() and ancestors() describe the tree', () => {
  expect([...branchRows(model)]).toEqual([0, 1]);
  expect(ancestors(model, 3)).toEqual([1, 0]);
});

test('initiallyCollapsed() opens a small trace in full and a large one on the way to its errors', () => {
  expect(initiallyCollapsed(model, selfTime(model)).size).toBe(0);
  const large = buildTraceModel(largeTrace(5_000));
  const collapsed = initiallyCollapsed(large, selfTime(large));
  const shown = waterfallRows(large, collapsed);
  expect(shown.length).toBeGreaterThan(100);
  expect(shown.length).toBeLessThan(5_000);
  expect(shown).toContain(Array.from(large.flags).findIndex((flags) => (flags & 1) !== 0));
});
