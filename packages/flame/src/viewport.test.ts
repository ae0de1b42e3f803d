import fc from 'fast-check';
import { expect, test } from 'vitest';
import {
  clampWindow,
  isWhole,
  MIN_WINDOW_NS,
  panWindow,
  wholeWindow,
  windowAround,
  zoomWindow,
} from './viewport.ts';

test('zoomWindow() keeps the instant under the cursor where it is', () => {
  expect(zoomWindow({ startNs: 0, endNs: 1_000_000 }, 0.5, 250_000, 1_000_000)).toEqual({
    startNs: 125_000,
    endNs: 625_000,
  });
});

test('zoomWindow() stops at a microsecond and at the whole trace', () => {
  const closest = zoomWindow({ startNs: 0, endNs: 2_000 }, 0.01, 1_000, 1e9);
  expect(closest.endNs - closest.startNs).toBe(MIN_WINDOW_NS);
  expect(zoomWindow({ startNs: 100, endNs: 5_000 }, 1_000, 200, 1e6)).toEqual(wholeWindow(1e6));
});

test('panWindow() stops at both ends', () => {
  expect(panWindow({ startNs: 10, endNs: 2_010 }, -500, 10_000)).toEqual({
    startNs: 0,
    endNs: 2_000,
  });
  expect(panWindow({ startNs: 10, endNs: 2_010 }, 1e9, 10_000)).toEqual({
    startNs: 8_000,
    endNs: 10_000,
  });
});

test('windowAround() leaves air around a span', () => {
  expect(windowAround(100_000, 200_000, 1e6)).toEqual({ startNs: 95_000, endNs: 205_000 });
});

test('any window is clamped into the trace', () => {
  fc.assert(
    fc.property(
      fc.integer({ min: -1e6, max: 1e7 }),
      fc.nat(1e7),
      fc.nat(1e7),
      (startNs, length, total) => {
        const window = clampWindow({ startNs, endNs: startNs + length }, total);
        expect(window.startNs).toBeGreaterThanOrEqual(0);
        expect(window.endNs).toBeLessThanOrEqual(Math.max(total, MIN_WINDOW_NS));
        expect(window.endNs - window.startNs).toBeGreaterThanOrEqual(MIN_WINDOW_NS);
      },
    ),
  );
  expect(isWhole(wholeWindow(5e6), 5e6)).toBe(true);
});
