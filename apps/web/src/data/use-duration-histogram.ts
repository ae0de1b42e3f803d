import { keepPreviousData, useQuery, type UseQueryResult } from '@tanstack/react-query';
import type { TimeRange } from '../ui/time-range.ts';
import { aggregateSpans, useZoneName } from './aggregate.ts';
import { bucketDuration, decadeGroups, decadesOf, edgesOf, stepOf } from './duration-steps.ts';
import { retryPolicy } from './queries.ts';
import { intervalText, onGrid, pointsOf, timeGrid } from './time-buckets.ts';

/** Spans by duration, in steps that grow with it. */
export interface DurationHistogram {
  /** Where steps begin, ns, and after them where the last one ends. */
  readonly edges: readonly number[];
  /** Spans in each step. */
  readonly counts: readonly number[];
  /** Beginnings of the intervals, ms; empty without an interval. */
  readonly times: readonly number[];
  /** For each step the spans of each interval. */
  readonly cells: readonly (readonly number[])[];
  /** Spans shorter or longer than any step. */
  readonly outside: number;
  readonly warnings: readonly { readonly code: string; readonly detail: string }[];
  readonly fromMs: number;
  readonly toMs: number;
}

/** Counts spans by duration, and by interval where one is given. */
async function readHistogram(
  wanted: {
    readonly query: string;
    readonly range: TimeRange;
    readonly intervalMs: number | undefined;
  },
  zone: string,
  signal: AbortSignal,
): Promise<DurationHistogram> {
  const { query, range, intervalMs } = wanted;
  const extent = await aggregateSpans(
    {
      query,
      range,
      compute: [
        { aggregation: 'count' },
        { aggregation: 'min', metric: '@duration' },
        { aggregation: 'max', metric: '@duration' },
      ],
    },
    zone,
    signal,
  );
  const values = extent.buckets[0]?.attributes.computes ?? {};
  const [total, min, max] = ['c0', 'c1', 'c2'].map((name) => Number(values[name] ?? 0));
  const { warnings, fromMs, toMs } = extent;
  const facts = { warnings, fromMs, toMs };
  if (total === 0) {
    return { edges: [], counts: [], times: [], cells: [], outside: 0, ...facts };
  }
  const decades = decadesOf(min!, max!);
  const answers = await Promise.all(
    decadeGroups(decades).map((groupBy) =>
      aggregateSpans(
        {
          query,
          range,
          groupBy,
          compute: [
            { aggregation: 'count' },
            ...(intervalMs === undefined
              ? []
              : [
                  {
                    aggregation: 'count' as const,
                    type: 'timeseries' as const,
                    interval: intervalText(intervalMs),
                  },
                ]),
          ],
        },
        zone,
        signal,
      ),
    ),
  );
  const buckets = answers.flatMap((answer) => answer.buckets);
  const edges = edgesOf(decades);
  const counts = edges.slice(1).map(() => 0);
  const times =
    intervalMs === undefined
      ? []
      : timeGrid(
          extent,
          intervalMs,
          buckets.map(({ attributes: { computes } }) => pointsOf(computes['c1'])),
        );
  const cells = counts.map(() => times.map(() => 0));
  for (const bucket of buckets) {
    const ns = bucketDuration(bucket);
    const step = ns === undefined ? -1 : stepOf(edges, ns);
    if (step === -1) continue;
    const { c0, c1 } = bucket.attributes.computes;
    counts[step]! += typeof c0 === 'number' ? c0 : 0;
    const row = cells[step]!;
    if (times.length > 1) {
      onGrid(times, pointsOf(c1), 0).forEach((value, i) => (row[i]! += value ?? 0));
    }
  }
  const counted = counts.reduce((sum, count) => sum + count, 0);
  return {
    edges,
    counts,
    times,
    cells,
    // Spans that arrived between the questions make this negative.
    outside: Math.max(0, total! - counted),
    ...facts,
  };
}

interface Options {
  readonly enabled: boolean;
  readonly refreshMs: number | undefined;
  readonly intervalMs?: number;
}

/** Spans by duration, kept in view while the next answer is awaited. */
export function useDurationHistogram(
  query: string,
  range: TimeRange,
  { enabled, refreshMs, intervalMs }: Options,
): UseQueryResult<DurationHistogram> {
  const zone = useZoneName();
  return useQuery({
    queryKey: ['durations', query, range.from, range.to, intervalMs ?? null, zone],
    queryFn: ({ signal }) => readHistogram({ query, range, intervalMs }, zone, signal),
    enabled,
    staleTime: refreshMs ?? 60_000,
    gcTime: 60_000,
    refetchInterval: refreshMs ?? false,
    placeholderData: keepPreviousData,
    retry: retryPolicy,
  });
}
