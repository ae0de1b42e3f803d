import { expect, test } from 'vitest';
import { heldWindow } from './held-window.ts';

const before = { originNs: '1700000000000500000', totalNs: 1_000_000 };
const after = { originNs: '1700000000000200000', totalNs: 2_000_000 };

test('heldWindow() shows the same instants when an earlier span arrives', () => {
  expect(heldWindow({ startNs: 100_000, endNs: 400_000 }, before, after)).toEqual({
    startNs: 400_000,
    endNs: 700_000,
  });
});

test('heldWindow() goes on showing the whole trace', () => {
  expect(heldWindow({ startNs: 0, endNs: 1_000_000 }, before, after)).toEqual({
    startNs: 0,
    endNs: 2_000_000,
  });
});

test('heldWindow() stays within a trace that became shorter', () => {
  const window = heldWindow({ startNs: 1_200_000, endNs: 1_700_000 }, after, before);
  expect(window.endNs).toBeLessThanOrEqual(1_000_000);
  expect(window.endNs - window.startNs).toBe(500_000);
});
