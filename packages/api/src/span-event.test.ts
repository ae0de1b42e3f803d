import { expect, test } from 'vitest';
import { isoNanos } from './span-event.ts';

test.each([
  [1_727_177_156_250_000_000n, '2024-09-24T11:25:56.250Z'],
  [1_727_177_156_250_123_400n, '2024-09-24T11:25:56.2501234Z'],
  [1_727_177_156_250_000_001n, '2024-09-24T11:25:56.250000001Z'],
  [0n, '1970-01-01T00:00:00.000Z'],
  [-1n, '1969-12-31T23:59:59.999999999Z'],
])('isoNanos(%s) is %s', (nanos, text) => {
  expect(isoNanos(nanos)).toBe(text);
});
