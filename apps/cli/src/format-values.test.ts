import { expect, test } from 'vitest';
import {
  countOf,
  formatBytes,
  formatDuration,
  formatSeconds,
  formatTime,
} from './format-values.ts';

test.each([
  [0, '0 ns'],
  [999, '999 ns'],
  [1_000, '1 µs'],
  [12_345, '12.3 µs'],
  [999_400, '999 µs'],
  [1_250_000, '1.25 ms'],
  [812_000_000, '812 ms'],
  [1_000_000_000, '1 s'],
  [119_900_000_000, '120 s'],
  [120_000_000_000, '2 min'],
  [3_661_000_000_000, '1 h 1 min'],
])('formatDuration(%i) is %s', (ns, text) => {
  expect(formatDuration(ns)).toBe(text);
});

test.each([
  [0, '0 s'],
  [119, '119 s'],
  [120, '2 min'],
  [3_600, '1 h'],
  [90_000, '1 d 1 h'],
])('formatSeconds(%i) is %s', (seconds, text) => {
  expect(formatSeconds(seconds)).toBe(text);
});

test.each([
  [0, '0 B'],
  [1_023, '1023 B'],
  [1_024, '1 KiB'],
  [1_572_864, '1.5 MiB'],
])('formatBytes(%i) is %s', (bytes, text) => {
  expect(formatBytes(bytes)).toBe(text);
});

test('countOf() knows one from many', () => {
  expect([countOf(1, 'span'), countOf(0, 'span'), countOf(12_345, 'span')]).toEqual([
    '1 span',
    '0 spans',
    '12,345 spans',
  ]);
});

test('formatTime() is in UTC, and leaves alone what is no time', () => {
  expect(formatTime('2026-11-20T12:00:00.250Z')).toBe('2026-11-20 12:00:00.250');
  expect(formatTime('soon')).toBe('soon');
});
