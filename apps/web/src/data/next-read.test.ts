import type { TraceResponse } from '@spanloom/contract';
import { expect, test } from 'vitest';
import { nextReadMs } from './next-read.ts';

const END_MS = 1_700_000_000_000;

function trace(spans: number, pending: TraceResponse['xray_pending']): TraceResponse {
  return {
    start_ns: `${END_MS - 1_000}000000`,
    duration_ns: 1e9,
    spans: Array.from({ length: spans }),
    xray_pending: pending,
  } as unknown as TraceResponse;
}

function pollIn(seconds: number, now: number): TraceResponse['xray_pending'] {
  return {
    next_poll: new Date(now + seconds * 1000).toISOString(),
    until: new Date(END_MS + 360_000).toISOString(),
  };
}

test.each([
  ['a young trace', 3, null, 29_999, 3_000],
  ['an old trace', 3, null, 30_000, undefined],
  ['a large young trace', 5_000, null, 1_000, undefined],
] as const)('nextReadMs() for %s', (_, spans, pending, age, expected) => {
  expect(nextReadMs(trace(spans, pending), END_MS + age)).toBe(expected);
});

test.each([
  [8, 3, 10_000],
  [0, 3, 3_000],
  [-40, 3, 3_000],
  [50, 3, 15_000],
  [0, 5_000, 20_000],
  [30, 5_000, 32_000],
])(
  'nextReadMs() reads again after the next poll: in %d s, %d spans',
  (seconds, spans, expected) => {
    const now = END_MS + 60_000;
    expect(nextReadMs(trace(spans, pollIn(seconds, now)), now)).toBe(expected);
  },
);

test('nextReadMs() goes on asking when nobody knows the next poll', () => {
  const pending = { next_poll: null, until: new Date(END_MS + 360_000).toISOString() };
  expect(nextReadMs(trace(3, pending), END_MS + 60_000)).toBe(15_000);
});
