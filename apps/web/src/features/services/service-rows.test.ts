import type { ServiceJson } from '@spanloom/contract';
import { expect, test } from 'vitest';
import { nextSort, readSort, serviceRows } from './service-rows.ts';

function service(name: string, changes: Partial<ServiceJson> = {}): ServiceJson {
  return {
    id: `prod/${name}`,
    service: name,
    env: 'prod',
    type: 'service',
    inferred: false,
    requests: 10,
    errors: 0,
    p50_ns: 1,
    p95_ns: 2,
    p99_ns: 3,
    last_seen: '2026-11-17T11:42:07.000Z',
    callers: [],
    callees: [],
    ...changes,
  };
}

const all = [
  service('web', { requests: 30, errors: 3, p95_ns: 9 }),
  service('Cart', { requests: 20, errors: 4, p95_ns: 5 }),
  service('shop', { type: 'database', inferred: true }),
  service('cron', { requests: 0, p95_ns: null }),
];

function names(text: string, group: Parameters<typeof serviceRows>[1]['group'], sort: string) {
  return serviceRows(all, { text, group, sort: readSort(sort) }).map((one) => one.service);
}

test('serviceRows() sorts by a column, what has no value last either way', () => {
  expect(names('', 'all', '')).toEqual(['web', 'Cart', 'shop', 'cron']);
  expect(names('', 'all', 'name')).toEqual(['Cart', 'cron', 'shop', 'web']);
  expect(names('', 'all', '-errors')).toEqual(['Cart', 'web', 'shop', 'cron']);
  expect(names('', 'all', 'p95')).toEqual(['shop', 'Cart', 'web', 'cron']);
  expect(names('', 'all', '-p95')).toEqual(['web', 'Cart', 'shop', 'cron']);
});

test('serviceRows() keeps names that hold the text, and one group', () => {
  expect(names('C', 'all', 'name')).toEqual(['Cart', 'cron']);
  expect(names('', 'data', 'name')).toEqual(['shop']);
});

test('nextSort() begins with the largest figure or the first name, and turns round', () => {
  expect(nextSort(readSort(undefined), 'p95')).toBe('-p95');
  expect(nextSort(readSort('-p95'), 'p95')).toBe('p95');
  expect(nextSort(readSort('-p95'), 'name')).toBe('name');
  expect(readSort('made-up')).toEqual({ by: 'requests', descending: true });
});
