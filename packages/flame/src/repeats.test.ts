import { expect, test } from 'vitest';
import { findRepeats } from './repeats.ts';
import { testSpan } from './test-spans.ts';
import { buildTraceModel } from './trace-model.ts';
import { waterfallRows } from './waterfall-rows.ts';

function loop(errorAt = -1): ReturnType<typeof buildTraceModel> {
  const spans = [testSpan('root', null, 0, 1000), testSpan('before', 'root', 0, 5)];
  for (let i = 0; i < 6; i++)
    spans.push(
      testSpan(`q${i}`, 'root', 10 + i * 20, 20 + i * 21, { error: i === errorAt ? 1 : 0 }),
    );
  return buildTraceModel([...spans, testSpan('after', 'root', 500, 600)]);
}
const key = (row: number): string => (row >= 2 && row <= 7 ? 'SELECT' : `other ${row}`);

test('findRepeats() sums up five or more of the same in a row', () => {
  const repeats = findRepeats(loop(), key);
  expect([...repeats.byFirst.values()]).toEqual([{ first: 2, stop: 8, sumNs: 75, p95Ns: 15 }]);
  expect(Array.from(repeats.firstOf)).toEqual([-1, -1, 2, 2, 2, 2, 2, 2, -1]);
});

test('findRepeats() leaves a failed span out, and with it a run that is then too short', () => {
  expect(findRepeats(loop(3), key).byFirst.size).toBe(0);
  expect(
    [...findRepeats(loop(5), key).byFirst.values()].map(({ first, stop }) => [first, stop]),
  ).toEqual([[2, 7]]);
  expect(
    [...findRepeats(loop(0), key).byFirst.values()].map(({ first, stop }) => [first, stop]),
  ).toEqual([[3, 8]]);
});

test('waterfallRows() shows a repeat as one row until it is opened', () => {
  const model = loop();
  const repeats = findRepeats(model, key);
  expect(Array.from(waterfallRows(model, new Set(), repeats, new Set()))).toEqual([0, 1, ~2, 8]);
  expect(Array.from(waterfallRows(model, new Set(), repeats, new Set([2])))).toEqual([
    0,
    1,
    ~2,
    2,
    3,
    4,
    5,
    6,
    7,
    8,
  ]);
});
