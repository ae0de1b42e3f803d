import { expect, test } from 'vitest';
import { formatFigure } from './format-figure.ts';
import { COUNT, parseCompute } from './model.ts';

test.each([
  [12_345, 'count', '12.3k'],
  [146_000_000, 'pc95:@duration', '146\u00a0ms'],
  [0.254321, 'avg:@cart.value', '0.254'],
  [42, 'max:@cart.value', '42'],
  [null, 'count', '–'],
])('formatFigure(%j, %s)', (value, compute, expected) => {
  expect(formatFigure(value, parseCompute(compute) ?? COUNT)).toBe(expected);
});
