import { expect, test } from 'vitest';
import { BATCH_END, comparePositions, formatCursor, parseCursor } from './cursor.ts';

test('a cursor reads back as the place it was made of', () => {
  expect(formatCursor({ seq: 1_795_000_000_000_123, row: 7 })).toBe('1795000000000123.7');
  expect(parseCursor('1795000000000123.7')).toEqual({ seq: 1_795_000_000_000_123, row: 7 });
  expect(parseCursor(`12.${BATCH_END}`)).toEqual({ seq: 12, row: BATCH_END });
});

test.each([
  '',
  'now',
  'now-1.5m',
  '1795000000000',
  '12.',
  '.3',
  '9999999999999999.0',
  '1.2.3',
  '-1.2',
])('%s is none', (text) => {
  expect(parseCursor(text)).toBeUndefined();
});

test('places are in the order of batches, then of rows', () => {
  const places = [
    { seq: 2, row: 0 },
    { seq: 1, row: 9 },
    { seq: 1, row: BATCH_END },
    { seq: 1, row: 2 },
  ];
  expect(places.toSorted(comparePositions).map(formatCursor)).toEqual([
    '1.2',
    '1.9',
    '1.4294967295',
    '2.0',
  ]);
});
