import { expect, test } from 'vitest';
import { Warnings } from './warnings.ts';

const AT = Date.parse('2026-11-20T12:00:00.700Z');
const DAY = 86_400_000;

test('what has happened is counted and dated', () => {
  const warnings = new Warnings();
  expect(warnings.happened('cut', 'Trace a was the first that was cut', AT)).toBe(true);
  expect(warnings.list(AT)).toEqual([
    'Trace a was the first that was cut (once, at 2026-11-20T12:00:00Z)',
  ]);
  expect(warnings.happened('cut', 'Trace b was the first that was cut', AT + 60_000)).toBe(false);
  expect(warnings.list(AT + 60_000)).toEqual([
    'Trace a was the first that was cut (2 times, last at 2026-11-20T12:01:00Z)',
  ]);
});

test('what has happened is forgotten a day after the last time, and new after that', () => {
  const warnings = new Warnings();
  warnings.happened('cut', 'first', AT);
  warnings.happened('cut', 'second', AT + DAY - 1);
  expect(warnings.list(AT + 2 * DAY - 2)).toHaveLength(1);
  expect(warnings.list(AT + 2 * DAY - 1)).toEqual([]);
  expect(warnings.happened('cut', 'third', AT + 3 * DAY)).toBe(true);
  expect(warnings.happened('cut', 'fourth', AT + 5 * DAY)).toBe(true);
  expect(warnings.list(AT + 5 * DAY)).toEqual(['fourth (once, at 2026-11-25T12:00:00Z)']);
});

test('how a thing is stays until it is taken back', () => {
  const warnings = new Warnings();
  expect(warnings.set('mode', 'unknown')).toBe(true);
  expect(warnings.set('mode', 'still unknown')).toBe(false);
  expect(warnings.list(AT + 365 * DAY)).toEqual(['still unknown']);
  warnings.set('mode', undefined);
  expect(warnings.list(AT)).toEqual([]);
});
