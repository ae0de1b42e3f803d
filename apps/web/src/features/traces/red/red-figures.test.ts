import type { SpansAggregateBucket, SpansAggregateValue } from '@spanloom/contract';
import { expect, test } from 'vitest';
import type { Aggregated } from '../../../data/aggregate.ts';
import { readCounts, readLatencies } from './red-figures.ts';

const at = (seconds: number): string => new Date(seconds * 1000).toISOString();

function answer(
  groups: readonly [by: Record<string, string>, computes: Record<string, SpansAggregateValue>][],
): Aggregated {
  const buckets = groups.map(([by, computes]): SpansAggregateBucket => ({
    type: 'bucket',
    id: '',
    attributes: { by, computes },
  }));
  return { buckets, warnings: [], elapsedMs: 1, fromMs: 0, toMs: 40_000 };
}

test('requests are all spans and errors those that failed, interval by interval', () => {
  const counts = readCounts(
    answer([
      [
        { status: 'ok' },
        {
          c0: 7,
          c1: [
            { time: at(10), value: 3 },
            { time: at(30), value: 4 },
          ],
        },
      ],
      [{ status: 'error' }, { c0: 1, c1: [{ time: at(10), value: 1 }] }],
    ]),
    10_000,
  );
  expect(counts).toEqual({
    times: [0, 10_000, 20_000, 30_000],
    requests: [0, 4, 0, 4],
    errors: [0, 1, 0, 0],
    total: 8,
    failed: 1,
  });
});

test('latency has gaps where nothing ran', () => {
  const points = [{ time: at(20), value: 5e6 }];
  const found = readLatencies(
    answer([[{}, { c0: 5e6, c1: 5e6, c2: null, c3: points, c4: points, c5: [] }]]),
    20_000,
  );
  expect(found).toEqual({
    times: [0, 20_000],
    p50: [null, 5e6],
    p95: [null, 5e6],
    p99: [null, null],
    totals: [5e6, 5e6, null],
  });
});

test('nothing at all is no requests, not an error', () => {
  expect(readCounts(answer([]), 20_000)).toMatchObject({ requests: [0, 0], total: 0 });
});
