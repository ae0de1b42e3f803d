import { expect, test } from 'vitest';
import { csvCell, fileName, toCsv } from './csv.ts';

test.each([
  ['plain', 'plain'],
  ['a,b', '"a,b"'],
  ['say "hi"', '"say ""hi"""'],
  ['two\nlines', '"two\nlines"'],
  ['=SUM(A1)', "'=SUM(A1)"],
  ['-1+2', "'-1+2"],
  ['@cmd', "'@cmd"],
  [-1.5, '-1.5'],
  [0, '0'],
  [true, 'true'],
  [null, ''],
  [undefined, ''],
  ['', ''],
])('csvCell(%j)', (cell, expected) => expect(csvCell(cell)).toBe(expected));

test('toCsv() has a row of names and ends each row', () => {
  expect(
    toCsv(
      ['service', 'count'],
      [
        ['a', 1],
        ['b, c', null],
      ],
    ),
  ).toBe('service,count\r\na,1\r\n"b, c",\r\n');
});

test('fileName() sorts by time', () => {
  expect(fileName('table', 'csv', Date.UTC(2026, 10, 17, 10, 42, 7))).toBe(
    'spanloom-table-2026-11-17T10-42-07.csv',
  );
});
