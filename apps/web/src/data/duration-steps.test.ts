import { expect, test } from 'vitest';
import { bucketDuration, decadeGroups, decadesOf, edgesOf, stepOf } from './duration-steps.ts';

test.each([
  [0, 0, [1e3]],
  [5_000, 5_000, [1e3]],
  [1e6, 9.9e6, [1e6]],
  [1e6, 1e7, [1e6, 1e7]],
  [200, 3e9, [1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9]],
])('decadesOf(%d, %d)', (min, max, expected) => expect(decadesOf(min, max)).toEqual(expected));

test('steps of a decade follow on those of the one before', () => {
  expect(edgesOf([1e3, 1e4])).toEqual([
    1e3, 1.5e3, 2e3, 3e3, 4.5e3, 6.5e3, 1e4, 1.5e4, 2e4, 3e4, 4.5e4, 6.5e4, 1e5,
  ]);
});

test('stepOf() includes the lower edge and leaves out the upper', () => {
  const edges = edgesOf([1e3]);
  expect([999, 1_000, 1_499, 1_500, 9_999, 10_000].map((ns) => stepOf(edges, ns))).toEqual([
    -1, 0, 0, 1, 5, -1,
  ]);
});

test('two decades share a question, and a bucket tells which of them it is in', () => {
  expect(decadeGroups([1e3, 1e4, 1e5])).toEqual([
    [
      { facet: 'duration', histogram: { min: 1e3, max: 1e4, interval: 500 }, missing: 'other' },
      { facet: '@duration', histogram: { min: 1e4, max: 1e5, interval: 5e3 }, missing: 'other' },
    ],
    [{ facet: 'duration', histogram: { min: 1e5, max: 1e6, interval: 5e4 }, missing: 'other' }],
  ]);
  const edges = edgesOf([1e3, 1e4]);
  expect(stepOf(edges, bucket({ duration: 'other', '@duration': 1.5e4 })!)).toBe(7);
  expect(stepOf(edges, bucket({ duration: 9.5e3, '@duration': 'other' })!)).toBe(5);
  expect(bucket({ duration: 'other', '@duration': 'other' })).toBeUndefined();
});

function bucket(by: Record<string, string | number>): number | undefined {
  return bucketDuration({ type: 'bucket', id: '', attributes: { by, computes: {} } });
}
