import { expect, test } from 'vitest';
import {
  formatAge,
  formatBytes,
  formatClock,
  formatCount,
  formatInstant,
  formatMinute,
  formatSeconds,
  formatShare,
  formatUntil,
  formatUsd,
} from './format.ts';

test.each([
  [0, '0'],
  [999, '999'],
  [1_000, '1.00k'],
  [12_345, '12.3k'],
  [999_999, '1.00M'],
  [1_600_000, '1.60M'],
  [4.2e9, '4.20G'],
])('formatCount(%d) reads %s', (value, text) => expect(formatCount(value)).toBe(text));

test.each([
  [0, 10, '0%'],
  [1, 100_000, '<0.1%'],
  [207, 1000, '20.7%'],
  [9_999, 10_000, '>99.9%'],
  [10, 10, '100%'],
  [1, 0, '0%'],
])('formatShare(%d of %d) reads %s', (part, whole, text) =>
  expect(formatShare(part, whole)).toBe(text),
);

test.each([
  [512, '512 B'],
  [2_048, '2.00 KiB'],
  [1_048_000, '1.00 MiB'],
  [5 * 2 ** 40, '5.00 TiB'],
])('formatBytes(%d) reads %s', (bytes, text) =>
  expect(formatBytes(bytes).replace('\u00a0', ' ')).toBe(text),
);

const at = Date.UTC(2026, 10, 17, 10, 42, 7, 250);

test('times are written in the zone asked for', () => {
  expect(formatClock(at, 'utc')).toBe('10:42:07.250');
  expect(formatInstant(at, 'utc', at)).toBe('17 Nov 10:42:07.250');
  expect(formatInstant(at, 'utc', Date.UTC(2027, 0, 2))).toBe('17 Nov 2026 10:42:07.250');
  expect(formatMinute(Date.UTC(2026, 10, 17, 10, 42), 'utc', at)).toBe('17 Nov 10:42');
});

test('formatAge() counts back in one unit', () => {
  expect(formatAge(at - 12_000, at)).toBe('12 s ago');
  expect(formatAge(at - 180_000, at)).toBe('3 min ago');
  expect(formatAge(at - 7_200_000, at)).toBe('2 h ago');
});

test('formatUntil() counts down in one unit', () => {
  expect(formatUntil(at + 20_000, at)).toBe('in 20 s');
  expect(formatUntil(at + 19_001, at)).toBe('in 20 s');
  expect(formatUntil(at + 180_000, at)).toBe('in 3 min');
  expect(formatUntil(at + 7_200_000, at)).toBe('in 2 h');
  expect(formatUntil(at, at)).toBe('now');
});

test.each([
  [48, '48 s'],
  [100, '2 min'],
  [5_210, '87 min'],
  [7_200, '2 h'],
  [432_000, '5 d'],
])('formatSeconds(%d) reads %s', (seconds, text) => expect(formatSeconds(seconds)).toBe(text));

test.each([
  [0, '$0'],
  [0.00001, '<$0.0001'],
  [0.0421, '$0.042'],
  [17.339, '$17.34'],
])('formatUsd(%d) reads %s', (usd, text) => expect(formatUsd(usd)).toBe(text));
