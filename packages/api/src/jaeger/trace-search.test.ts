import type { EpochMillis } from '@spanloom/base';
import { expect, test } from 'vitest';
import { readTraceSearch } from './trace-search.ts';

const clock = { now: () => 1_727_177_160_000 as EpochMillis };

function read(query: string) {
  return readTraceSearch(new URLSearchParams(query), clock);
}

test('what the search form sends', () => {
  const search = read(
    'service=checkout&operation=web.request&limit=5&start=1727177100000000&end=1727177160000000' +
      '&minDuration=1.5s&maxDuration=1m30s&tags=%7B%22http.status_code%22%3A%22500%22%2C%22error%22%3A%22true%22%7D',
  );
  expect(search.range).toEqual({ from: 1_727_177_100_000, to: 1_727_177_160_000 });
  expect(search.limit).toBe(5);
  expect(search.query.predicate).toEqual({
    kind: 'and',
    operands: [
      { kind: 'text', field: 'service', test: { kind: 'equals', values: ['checkout'] } },
      { kind: 'text', field: 'name', test: { kind: 'equals', values: ['web.request'] } },
      {
        kind: 'attribute',
        key: 'http.status_code',
        test: { kind: 'equals', values: ['500'], number: 500 },
      },
      { kind: 'flag', flag: 'error' },
      { kind: 'integer', field: 'duration', min: 1_500_000_000n, max: 90_000_000_000n },
    ],
  });
});

test('without anything: the newest traces of the last hour', () => {
  expect(read('')).toMatchObject({
    query: { predicate: { kind: 'everything' } },
    range: { from: 1_727_173_560_000, to: 1_727_177_160_000 },
    limit: 20,
  });
});

test.each([
  [
    'minDuration=fast',
    'Parameter minDuration: expected a duration such as 1.5s or 100ms, found "fast"',
  ],
  ['tags=%5B1%5D', 'Parameter tags: expected JSON such as {"http.method":"GET"}, found "[1]"'],
  ['tag=x', 'Parameter tag: expected key:value, found "x"'],
  ['start=noon', 'Parameter start: expected a number, found "noon"'],
])('%s is refused with what would do', (query, message) => {
  expect(() => read(query)).toThrow(message);
});
