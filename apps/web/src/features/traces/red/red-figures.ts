import type { Aggregated } from '../../../data/aggregate.ts';
import { onGrid, pointsOf, timeGrid } from '../../../data/time-buckets.ts';

/** Requests and errors of a range, by interval. */
export interface Counts {
  readonly times: readonly number[];
  readonly requests: readonly number[];
  readonly errors: readonly number[];
  readonly total: number;
  readonly failed: number;
}

/** Reads counts by status: `c0` in total, `c1` over time. */
export function readCounts(answer: Aggregated, intervalMs: number): Counts {
  const series = answer.buckets.map(({ attributes: { by, computes } }) => ({
    failed: by['status'] === 'error',
    total: typeof computes['c0'] === 'number' ? computes['c0'] : 0,
    points: pointsOf(computes['c1']),
  }));
  const times = timeGrid(
    answer,
    intervalMs,
    series.map(({ points }) => points),
  );
  const requests = times.map(() => 0);
  const errors = times.map(() => 0);
  for (const { failed, points } of series) {
    onGrid(times, points, 0).forEach((value, i) => {
      requests[i]! += value ?? 0;
      if (failed) errors[i]! += value ?? 0;
    });
  }
  const sum = (wanted: (failed: boolean) => boolean): number =>
    series.reduce((all, each) => all + (wanted(each.failed) ? each.total : 0), 0);
  return { times, requests, errors, total: sum(() => true), failed: sum((failed) => failed) };
}

/** Percentiles of a range, ns, by interval: gaps where no span was. */
export interface Latencies {
  readonly times: readonly number[];
  readonly p50: readonly (number | null)[];
  readonly p95: readonly (number | null)[];
  readonly p99: readonly (number | null)[];
  readonly totals: readonly [p50: number | null, p95: number | null, p99: number | null];
}

/** Reads percentiles: `c0` to `c2` in total, `c3` to `c5` over time. */
export function readLatencies(answer: Aggregated, intervalMs: number): Latencies {
  const computes = answer.buckets[0]?.attributes.computes ?? {};
  const points = ['c3', 'c4', 'c5'].map((name) => pointsOf(computes[name]));
  const times = timeGrid(answer, intervalMs, points);
  const [p50, p95, p99] = points.map((each) => onGrid(times, each, null));
  const total = (name: string): number | null => {
    const value = computes[name];
    return typeof value === 'number' ? value : null;
  };
  return {
    times,
    p50: p50!,
    p95: p95!,
    p99: p99!,
    totals: [total('c0'), total('c1'), total('c2')],
  };
}
