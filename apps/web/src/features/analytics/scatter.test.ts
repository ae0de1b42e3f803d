import type { SpanEvent } from '@spanloom/contract';
import { expect, test } from 'vitest';
import { extentOf, nearestDot, toDots } from './scatter.ts';
import { slicesOf } from './span-sample.ts';

function span(id: string, ms: number, ns: number, status: 'ok' | 'error' = 'ok'): SpanEvent {
  return {
    id,
    type: 'spans',
    attributes: {
      start_timestamp: new Date(ms).toISOString(),
      custom: { duration: ns, status },
    } as SpanEvent['attributes'],
  };
}

test('a span that came twice is one dot', () => {
  const dots = toDots([span('a', 5, 10), span('b', 6, 20, 'error'), span('a', 5, 10)]);
  expect(dots.map(({ ms, ns, failed }) => [ms, ns, failed])).toEqual([
    [5, 10, false],
    [6, 20, true],
  ]);
});

test('extentOf() ends at powers of ten', () => {
  expect(extentOf(toDots([span('a', 0, 2_500), span('b', 0, 1_000_000)]))).toEqual({
    minNs: 1_000,
    maxNs: 10_000_000,
  });
  expect(extentOf([])).toEqual({ minNs: 1e3, maxNs: 1e9 });
});

test('the nearest dot within reach, an error before anything else', () => {
  const dots = toDots([span('ok', 10, 10), span('bad', 13, 10, 'error'), span('far', 90, 90)]);
  const plane = { xOf: (ms: number) => ms, yOf: (ns: number) => ns };
  const at = (left: number, top: number): string | undefined =>
    nearestDot(dots, plane, { left, top }, 8)?.span.id;
  expect([at(10, 10), at(4, 10), at(50, 50), at(91, 90)]).toEqual(['bad', 'ok', undefined, 'far']);
});

test('slices follow on one another and end with the range', () => {
  expect(slicesOf(0, 1000, 3)).toEqual([
    { from: '0', to: '332' },
    { from: '333', to: '666' },
    { from: '667', to: '1000' },
  ]);
});
