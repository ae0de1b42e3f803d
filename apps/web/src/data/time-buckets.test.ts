import { expect, test } from 'vitest';
import {
  coarseInterval,
  intervalFor,
  intervalText,
  onGrid,
  parseInterval,
  possibleIntervals,
  timeGrid,
} from './time-buckets.ts';

const MINUTE = 60_000;

test.each([
  [15 * MINUTE, 5_000],
  [15 * MINUTE + 1, 20_000],
  [60 * MINUTE, 20_000],
  [24 * 60 * MINUTE, 5 * MINUTE],
  [15 * 24 * 60 * MINUTE, 60 * MINUTE],
  [MINUTE, 1_000],
  [90 * 24 * 60 * MINUTE, 6 * 60 * MINUTE],
])('intervalFor(%d) is %d', (range, interval) => expect(intervalFor(range)).toBe(interval));

test('coarseInterval() keeps to the number of points', () => {
  expect(coarseInterval(15 * MINUTE, 90)).toBe(10_000);
  expect(coarseInterval(15 * MINUTE, 89)).toBe(20_000);
});

test('possibleIntervals() makes 3 to 1,500 points', () => {
  const intervals = possibleIntervals(60 * MINUTE);
  expect([intervals[0], intervals.at(-1)]).toEqual([5_000, 15 * MINUTE]);
});

test('intervals are spelled and read', () => {
  for (const [ms, text] of [
    [20_000, '20s'],
    [300_000, '5m'],
    [7_200_000, '2h'],
    [86_400_000, '1d'],
  ] as const) {
    expect(intervalText(ms)).toBe(text);
    expect(parseInterval(text)).toBe(ms);
  }
  expect(['', '0s', '5 m', 'x', undefined].map(parseInterval)).toEqual(Array(5).fill(undefined));
});

test('a grid covers the range and agrees with the intervals that came', () => {
  const points = [
    { time: '2026-01-01T00:00:30.000Z', value: 4 },
    { time: '2026-01-01T00:01:10.000Z', value: null },
  ];
  const range = {
    fromMs: Date.parse('2026-01-01T00:00:05Z'),
    toMs: Date.parse('2026-01-01T00:01:25Z'),
  };
  const grid = timeGrid(range, 20_000, [[], points]);
  expect(grid.map((ms) => new Date(ms).toISOString().slice(14, 19))).toEqual([
    '59:50',
    '00:10',
    '00:30',
    '00:50',
    '01:10',
  ]);
  expect(onGrid(grid, points, 0)).toEqual([0, 0, 4, 0, 0]);
  expect(onGrid(grid, points, null)).toEqual([null, null, 4, null, null]);
});
