import { expect, test } from 'vitest';
import { timeTick } from './chart-ticks.ts';

const at = Date.UTC(new Date().getUTCFullYear(), 10, 17, 11, 42, 5);
const midnight = Date.UTC(new Date().getUTCFullYear(), 10, 17);

test.each([
  [at, 60_000, '11:42:05'],
  [at, 900_000, '11:42'],
  [at - 5_000, 2 * 86_400_000, '17 Nov 11:42'],
  [midnight, 2 * 86_400_000, '17 Nov'],
  [at, 7 * 86_400_000, '17 Nov'],
])('timeTick(%d, %d)', (ms, range, expected) => expect(timeTick(ms, range, 'utc')).toBe(expected));
