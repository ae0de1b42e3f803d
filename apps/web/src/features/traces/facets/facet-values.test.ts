import type { SpansAggregateBucket } from '@spanloom/contract';
import { expect, test } from 'vitest';
import { facetValues, shownValues, toggled, toggledExclusion } from './facet-values.ts';

function bucket(value: string | number, count: number): SpansAggregateBucket {
  return {
    type: 'bucket',
    id: String(value),
    attributes: { by: { x: value }, computes: { c0: count } },
  };
}

const nothing = { included: [], excluded: [], other: false };

test('facetValues() keeps the order of the counts and adds chosen values that no span has', () => {
  const selection = { included: ['b', 'gone'], excluded: ['c'], other: false };
  expect(facetValues([bucket('a', 9), bucket('b', 4), bucket('c', 1)], selection)).toEqual([
    { value: 'a', count: 9, choice: 'none' },
    { value: 'b', count: 4, choice: 'included' },
    { value: 'c', count: 1, choice: 'excluded' },
    { value: 'gone', count: undefined, choice: 'included' },
  ]);
});

test('a box goes through included and back, an exclusion is lifted by either', () => {
  const one = toggled(nothing, 'a');
  expect(one).toEqual({ included: ['a'], excluded: [], other: false });
  expect(toggled(one, 'a')).toEqual(nothing);
  const out = toggledExclusion(one, 'a');
  expect(out).toEqual({ included: [], excluded: ['a'], other: false });
  expect(toggled(out, 'a')).toEqual(nothing);
  expect(toggledExclusion(out, 'a')).toEqual(nothing);
});

test('shownValues() shows the first, the chosen, or what is looked for', () => {
  const values = facetValues([bucket('GET', 9), bucket('POST', 4), bucket('PUT', 1)], {
    ...nothing,
    included: ['PUT'],
  });
  const names = (search: string): string[] =>
    shownValues(values, { limit: 1, search }).map(({ value }) => value);
  expect(names('')).toEqual(['GET', 'PUT']);
  expect(names(' p')).toEqual(['POST', 'PUT']);
});
