import { expect, test } from 'vitest';
import { planeOf, powersWithin, timesWithin } from './plane.ts';

const plane = planeOf({
  width: 164,
  height: 128,
  fromMs: 1000,
  toMs: 2000,
  minNs: 1e3,
  maxNs: 1e5,
});

test('a plane has room for its axes, and durations grow by factors', () => {
  expect([plane.left, plane.right, plane.top, plane.bottom]).toEqual([56, 156, 8, 108]);
  expect([1000, 1500, 2000].map(plane.xOf)).toEqual([56, 106, 156]);
  expect([1e3, 1e4, 1e5].map((ns) => Math.round(plane.yOf(ns)))).toEqual([108, 58, 8]);
});

test('a place leads back to its time and duration', () => {
  expect(plane.msAt(plane.xOf(1234))).toBeCloseTo(1234);
  expect(plane.nsAt(plane.yOf(77_777))).toBeCloseTo(77_777);
});

test('powersWithin() includes both ends', () => {
  expect(powersWithin(1e3, 1e6)).toEqual([1e3, 1e4, 1e5, 1e6]);
  expect(powersWithin(1.5e3, 9e3)).toEqual([]);
});

test('timesWithin() are round and few', () => {
  expect(timesWithin(61_000, 300_000, 4)).toEqual([120_000, 180_000, 240_000, 300_000]);
  expect(timesWithin(0, 900_000, 8).length).toBe(8);
});
