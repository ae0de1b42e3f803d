import type { EpochMillis } from '@spanloom/base';
import { expect, test } from 'vitest';
import { parseTimeBound } from './time-range.ts';

const now = 1_727_177_156_250 as EpochMillis;

test.each([
  ['now', now],
  ['now-15m', now - 900_000],
  ['now - 1.5h', now - 5_400_000],
  ['now+10s', now + 10_000],
  ['1727177156250', now],
  ['1727177156', 1_727_177_156_000],
  ['2024-09-24T11:25:56.250Z', now],
  ['2024-09-24T13:25:56.250+02:00', now],
])('parseTimeBound() reads %s', (text, millis) => {
  expect(parseTimeBound(text, now)).toBe(millis);
});

test.each(['', 'yesterday-ish', 'now-15', '24.09.2024'])('parseTimeBound() refuses %j', (text) => {
  expect(() => parseTimeBound(text, now)).toThrow(
    /expected ISO 8601, epoch milliseconds, or now-15m/,
  );
});
