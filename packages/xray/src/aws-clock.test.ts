import { expect, test } from 'vitest';
import { AwsClock, clockWarning } from './aws-clock.ts';

const AT = Date.parse('2026-11-20T12:00:00Z');

function learned(...answers: [date: string | undefined, sent: number, received: number][]): number {
  const clock = new AwsClock();
  for (const [date, sent, received] of answers) clock.answered(date, AT + sent, AT + received);
  return clock.offsetMs;
}

const NOON = 'Fri, 20 Nov 2026 12:00:00 GMT';

test.each([
  ['answers of the same time', 0, [[NOON, 100, 200]]],
  ['an answer that took long', 0, [[NOON, -30_000, 30_000]]],
  ['our clock 150 s ahead', -149_100, [[NOON, 150_100, 150_200]]],
  ['our clock 20 s behind', 19_900, [[NOON, -20_000, -19_900]]],
  [
    'an exact answer after a slow one',
    -149_100,
    [
      [NOON, 120_000, 150_000],
      [NOON, 150_100, 150_200],
    ],
  ],
  [
    'a clock that was set',
    -100,
    [
      [NOON, 150_100, 150_200],
      [NOON, 0, 100],
    ],
  ],
  ['no date', 0, [[undefined, 9e6, 9e6]]],
  ['a date that is none', 0, [['yesterday', 9e6, 9e6]]],
  ['a clock set back during the call', 0, [[NOON, 9e6, 0]]],
] as const)('offsetMs after %s is %i', (_, offset, answers) => {
  expect(learned(...answers.map((one) => [...one] as [string | undefined, number, number]))).toBe(
    offset,
  );
});

test('clockWarning() names the difference above 5 s', () => {
  expect(clockWarning(5400)).toBeUndefined();
  expect(clockWarning(-5400)).toBeUndefined();
  expect(clockWarning(-150_000)).toContain("clock is 150 s ahead of AWS's");
  expect(clockWarning(6000)).toContain("clock is 6 s behind AWS's");
});
