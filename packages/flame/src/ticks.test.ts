import { expect, test } from 'vitest';
import { formatTick, rulerTicks } from './ticks.ts';

function labels(startNs: number, endNs: number, width: number): string[] {
  const ticks = rulerTicks(startNs, endNs, width);
  return Array.from({ length: ticks.count }, (_, i) =>
    formatTick(ticks.firstNs + i * ticks.stepNs, ticks.stepNs).replaceAll('\u00a0', ' '),
  );
}

test('rulerTicks() picks round steps that leave room for labels', () => {
  expect(labels(0, 2.048e9, 1100)).toEqual([
    '0',
    '200 ms',
    '400 ms',
    '600 ms',
    '800 ms',
    '1.0 s',
    '1.2 s',
    '1.4 s',
    '1.6 s',
    '1.8 s',
    '2.0 s',
  ]);
});

test('rulerTicks() keeps neighbours apart deep in a trace', () => {
  expect(labels(1.0501e9, 1.0509e9, 500)).toEqual(['1.0502 s', '1.0504 s', '1.0506 s', '1.0508 s']);
});

test('rulerTicks() counts long traces in minutes and hours', () => {
  expect(labels(0, 600e9, 500)).toEqual(['0', '2m 00s', '4m 00s', '6m 00s', '8m 00s', '10m 00s']);
  expect(labels(0, 20_000e9, 300)).toEqual(['0', '2h 00m', '4h 00m']);
});
