import fc from 'fast-check';
import { expect, test } from 'vitest';
import { drillInto } from './drill.ts';
import { nearestAt, readGroups, restOf, stacked, stackedAt } from './groups.ts';
import { MISSING } from './model.ts';

test('readGroups() names groups and tells a missing key from a value', () => {
  const groups = readGroups(
    [
      {
        type: 'bucket',
        id: '',
        attributes: { by: { service: 'a', '@x': MISSING }, computes: { c0: 2, c1: null } },
      },
      {
        type: 'bucket',
        id: '',
        attributes: { by: { service: 'b', '@x': 7 }, computes: { c0: 1 } },
      },
    ],
    ['service', '@x'],
    2,
  );
  expect(groups).toEqual([
    { values: ['a', undefined], name: 'a, N/A', figures: [2, null] },
    { values: ['b', '7'], name: 'b, 7', figures: [1, null] },
  ]);
});

test('the rest is what the groups do not hold, never less than nothing', () => {
  expect(
    restOf(
      [10, null, 3],
      [
        [4, null, 2],
        [5, 0, 2],
      ],
    ),
  ).toEqual([1, 0, 0]);
});

test('a stack is found by height', () => {
  const stack = stacked([
    [1, 0],
    [2, 3],
  ]);
  expect(stack).toEqual([
    [1, 0],
    [3, 3],
  ]);
  expect([0.5, 1.5, 3.5].map((height) => stackedAt(stack, 0, height))).toEqual([0, 1, undefined]);
  expect(stackedAt(stack, 1, 0)).toBe(1);
});

test('the top of a stack is the sum of its parts', () => {
  const column = fc.array(fc.nat(1000), { minLength: 3, maxLength: 3 });
  fc.assert(
    fc.property(fc.array(column, { minLength: 1, maxLength: 6 }), (series) => {
      const top = stacked(series).at(-1)!;
      expect(top).toEqual([0, 1, 2].map((i) => series.reduce((sum, each) => sum + each[i]!, 0)));
    }),
  );
});

test('nearestAt() passes over gaps', () => {
  expect(nearestAt([[null], [9], [4]], 0, 6)).toBe(2);
  expect(nearestAt([[null]], 0, 6)).toBeUndefined();
});

test('drillInto() narrows by group, time and duration, and shows the list', () => {
  expect(
    drillInto('service:(a OR b) x', {
      keys: ['service', '@peer.service'],
      values: ['a', undefined],
      fromMs: 1000,
      toMs: 2000,
      minNs: 1e6,
    }),
  ).toEqual({
    q: 'service:a x _missing_:@peer.service @duration:>=1ms',
    view: undefined,
    sort: undefined,
    from: '1000',
    to: '2000',
  });
  expect(drillInto('x', { keys: ['service'], besides: ['a', 'b'] })).toEqual({
    q: 'x -service:(a OR b)',
    view: undefined,
    sort: undefined,
  });
  expect(drillInto('x:(', { keys: ['service'], values: ['a'] })).toBeUndefined();
});
