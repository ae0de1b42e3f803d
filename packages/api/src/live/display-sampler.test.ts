import { expect, test } from 'vitest';
import { DisplaySampler } from './display-sampler.ts';

const noErrors = (count: number) => ({ count, isError: () => false });

/** Numbers that look random and are the same every time. */
function seeded(): () => number {
  let state = 1;
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 2 ** 32;
  };
}

test('without a rate everything is shown', () => {
  const sampler = new DisplaySampler(Number.POSITIVE_INFINITY, 0, seeded());
  expect(sampler.choose(noErrors(4), 0, Infinity)).toEqual([0, 1, 2, 3]);
  expect(sampler.choose(noErrors(100_000), 0, Infinity).length).toBe(100_000);
});

test('a rate is kept over a second, and a pause saves up no more than that', () => {
  const sampler = new DisplaySampler(50, 0, seeded());
  const shown = [0, 100, 200, 300, 400, 500, 600, 700, 800, 900, 1000].map(
    (now) => sampler.choose(noErrors(1000), now, Infinity).length,
  );
  expect(shown).toEqual([50, 5, 5, 5, 5, 5, 5, 5, 5, 5, 5]);
  expect(sampler.choose(noErrors(1000), 60_000, Infinity).length).toBe(50);
});

test('errors come on top, ten in a second, in their place', () => {
  const sampler = new DisplaySampler(1, 0, () => 0.999_999);
  const candidates = { count: 40, isError: (index: number) => index % 2 === 1 };
  expect(sampler.choose(candidates, 0, Infinity)).toEqual([1, 3, 5, 7, 9, 11, 13, 15, 17, 19, 39]);
  expect(sampler.choose(candidates, 100, Infinity)).toEqual([1]);
});

test('a reader without room is shown nothing', () => {
  const sampler = new DisplaySampler(50, 0, seeded());
  expect(sampler.choose({ count: 9, isError: () => true }, 0, 0)).toEqual([]);
});

test('every candidate is as likely as any other', () => {
  const random = seeded();
  const counts = Array.from({ length: 20 }, () => 0);
  for (let round = 0; round < 4000; round++) {
    const sampler = new DisplaySampler(5, 0, random);
    for (const index of sampler.choose(noErrors(20), 0, Infinity)) counts[index]!++;
  }
  for (const count of counts) expect(Math.abs(count - 1000)).toBeLessThan(120);
});
