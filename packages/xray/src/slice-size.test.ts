import fc from 'fast-check';
import { expect, test } from 'vitest';
import { fullJitterMs } from './backoff.ts';
import { SliceSize } from './slice-size.ts';

test('SliceSize halves where a slice has more than ten pages, down to five seconds', () => {
  const size = new SliceSize();
  size.read({ pages: 10, traces: 1000 });
  expect(size.ms).toBe(60_000);
  const sizes = Array.from({ length: 5 }, () => {
    size.read({ pages: 11, traces: 1000 });
    return size.ms;
  });
  expect(sizes).toEqual([30_000, 15_000, 7500, 5000, 5000]);
  expect(size.shrink()).toBe(false);
});

test('SliceSize doubles after ten empty slices in a row, up to five minutes', () => {
  const size = new SliceSize();
  const quiet = (times: number): void => {
    for (let time = 0; time < times; time++) size.read({ pages: 1, traces: 0 });
  };
  quiet(9);
  size.read({ pages: 1, traces: 1 });
  quiet(9);
  expect(size.ms).toBe(60_000);
  quiet(1);
  expect(size.ms).toBe(120_000);
  quiet(30);
  expect(size.ms).toBe(300_000);
});

test('SliceSize stays between five seconds and five minutes whatever happens', () => {
  fc.assert(
    fc.property(fc.array(fc.tuple(fc.nat(30), fc.nat(3), fc.boolean())), (events) => {
      const size = new SliceSize();
      for (const [pages, traces, refused] of events) {
        if (refused) size.shrink();
        else size.read({ pages, traces });
        expect(size.ms).toBeGreaterThanOrEqual(5000);
        expect(size.ms).toBeLessThanOrEqual(300_000);
      }
    }),
  );
});

test('fullJitterMs() waits anything up to a bound that doubles from half a second to a minute', () => {
  expect(
    [1, 2, 3, 8, 9, 1000].map((attempt) => fullJitterMs(attempt, () => 1 - Number.EPSILON)),
  ).toEqual([500, 1000, 2000, 60_000, 60_000, 60_000]);
  expect(fullJitterMs(5, () => 0)).toBe(0);
});
