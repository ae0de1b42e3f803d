import { expect, test } from 'vitest';
import { ceilOf, floorOf, parseNumber, parseQuantity, toNumber } from './quantity.ts';

test.each([
  ['5', 'number', 5],
  ['-0.5', 'number', -0.5],
  ['1e3', 'number', 1000],
  ['.5', 'number', 0.5],
  ['1.5s', 'duration', 1.5e9],
  ['1m30s', 'duration', 9e10],
  ['1h0.5m', 'duration', 3.63e12],
  ['2µs', 'duration', 2000],
  ['2μs', 'duration', 2000],
  ['3MIN', 'duration', 1.8e11],
  ['1d', 'duration', 8.64e13],
  ['-5ms', 'duration', -5e6],
  ['4kb', 'size', 4000],
  ['4KiB', 'size', 4096],
  ['1.5mib', 'size', 1_572_864],
  ['50%', 'percent', 50],
] as const)('parseQuantity() reads %s', (text, dimension, value) => {
  const quantity = parseQuantity(text);
  expect(quantity?.dimension).toBe(dimension);
  expect(quantity && toNumber(quantity)).toBe(value);
});

test.each([
  '',
  '5x',
  's',
  '1s2',
  '1kb2kb',
  '1s2kb',
  '--5',
  '1.2.3',
  '5 s',
  'NaN',
  'Infinity',
  '0x10',
  '%',
  '1e999',
])('parseQuantity() does not read %j', (text) => {
  expect(parseQuantity(text)).toBeUndefined();
});

test('a quantity is rounded from its exact value', () => {
  const tiny = parseQuantity('1.1000000001ns');
  expect(tiny && floorOf(tiny)).toBe(1n);
  expect(tiny && ceilOf(tiny)).toBe(2n);
  const exact = parseQuantity('4.35s');
  expect(exact && ceilOf(exact)).toBe(4_350_000_000n);
  const negative = parseQuantity('-1.5');
  expect(negative && floorOf(negative)).toBe(-2n);
  expect(negative && ceilOf(negative)).toBe(-1n);
});

test('parseNumber() takes plain decimal numbers only', () => {
  expect(parseNumber('1e3')).toBe(1000);
  for (const text of ['', ' 5', '5 ', '0x10', 'inf', '1_0', '.', '1e', '1e400']) {
    expect(parseNumber(text)).toBeUndefined();
  }
});
