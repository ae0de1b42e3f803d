import { expect, test } from 'vitest';
import { displayRoot } from './display-root.ts';
import { testSpan } from './test-spans.ts';
import { buildTraceModel } from './trace-model.ts';

test('displayRoot() prefers the longest real root', () => {
  expect(
    displayRoot(buildTraceModel([testSpan('a', null, 0, 5), testSpan('b', null, 1, 50)])),
  ).toBe(1);
});

test('displayRoot() falls back to the longest orphan', () => {
  const model = buildTraceModel([testSpan('a', 'gone', 0, 5), testSpan('b', 'gone', 1, 50)]);
  expect(model.input[displayRoot(model)]).toBe(1);
  expect(displayRoot(buildTraceModel([]))).toBe(-1);
});
