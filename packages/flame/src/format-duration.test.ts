import { expect, test } from 'vitest';
import { formatDuration } from './format-duration.ts';

test.each([
  [0, '0 ms'],
  [1, '1 ns'],
  [850, '850 ns'],
  [5_200, '5.20 µs'],
  [999_700, '1.00 ms'],
  [6e6, '6.00 ms'],
  [56_490_000, '56.5 ms'],
  [99_960_000, '100 ms'],
  [846e6, '846 ms'],
  [999.6e6, '1.00 s'],
  [2.048e9, '2.05 s'],
  [59.94e9, '59.9 s'],
  [59.97e9, '1m 00s'],
  [125e9, '2m 05s'],
  [3_840e9, '1h 04m'],
  [3_599.6e9, '1h 00m'],
  [284_400e9, '3d 07h'],
  [-4.2e6, '−4.20 ms'],
])('formatDuration(%d) reads %j', (ns, text) => {
  expect(formatDuration(ns).replaceAll('\u00a0', ' ')).toBe(text);
});
