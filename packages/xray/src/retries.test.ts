import type { XRayTrace } from '@spanloom/metadata';
import { expect, test } from 'vitest';
import { Retries } from './retries.ts';

const due = ['a', 'b', 'c', 'd', 'e'].map((xrayId) => ({ xrayId }) as XRayTrace);
const ids = (traces: readonly XRayTrace[]): string => traces.map(({ xrayId }) => xrayId).join('');

test('what has not failed is tried in full batches, the first that are due before others', () => {
  expect(ids(new Retries().pick(due, 3))).toBe('abc');
  expect(ids(new Retries().pick([], 3))).toBe('');
});

test('what has failed is tried apart, in batches no larger than said', () => {
  const retries = new Retries();
  for (const id of ['b', 'c', 'd']) retries.failed(id, 'refused', 2);
  expect(ids(retries.pick(due, 5))).toBe('ae');
  expect(ids(retries.pick(due.slice(1), 5))).toBe('bc');
  retries.failed('b', 'unexpected', 0);
  expect(ids(retries.pick(due.slice(1), 5))).toBe('b');
  expect([retries.count('refused'), retries.count('unexpected')]).toEqual([2, 1]);
  for (const id of ['b', 'c', 'd']) retries.forget(id);
  expect(ids(retries.pick(due, 5))).toBe('abcde');
});

test('waits double up to a bound', () => {
  const retries = new Retries();
  const waits = (reason: 'refused' | 'unexpected', id: string): number[] =>
    Array.from({ length: 8 }, () => {
      retries.failed(id, reason, 1);
      return retries.waitMs(id) / 1000;
    });
  expect(waits('refused', 'a')).toEqual([15, 30, 60, 120, 120, 120, 120, 120]);
  expect(waits('unexpected', 'b')).toEqual([60, 120, 240, 480, 960, 1920, 3600, 3600]);
});
