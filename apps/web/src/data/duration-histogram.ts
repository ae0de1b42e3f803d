import type { SpansAggregateBucket, SpansGroupBy } from '@spanloom/contract';
import { keepPreviousData, useQuery, type UseQueryResult } from '@tanstack/react-query';
import type { TimeRange } from '../ui/time-range.ts';
import { aggregateSpans, useZoneName } from './aggregate.ts';
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
}

/** Where the steps of one decade begin: near enough even on a logarithmic scale, and multiples of a half. */
const STEPS = [1, 1.5, 2, 3, 4.5, 6.5] as const;
/** Shorter than a microsecond nothing is measured. */
const SHORTEST = 3;
const LONGEST = 13;

/** Powers of ten, ns, of the decades that hold everything from the shortest to the longest. */
export function decadesOf(minNs: number, maxNs: number): readonly number[] {
  const [first, last] = [power(minNs), power(maxNs)];
  return Array.from({ length: last - first + 1 }, (_, i) => 10 ** (first + i));
}

function power(ns: number): number {
  return Math.min(LONGEST, Math.max(SHORTEST, Math.floor(Math.log10(Math.max(1, ns)) + 1e-12)));
}

/** Where the steps of the decades begin, and where the last one ends. */
export function edgesOf(decades: readonly number[]): readonly number[] {
  return [
    ...decades.flatMap((decade) => STEPS.map((step) => step * decade)),
    decades.at(-1)! * 10,
  ];
}

/** The step a duration lies in; -1 outside of all. */
export function stepOf(edges: readonly number[], ns: number): number {
  if (ns < edges[0]! || ns >= edges.at(-1)!) return -1;
  let low = 0;
  let high = edges.length - 1;
  while (high - low > 1) {
    const middle = (low + high) >> 1;
    if (edges[middle]! <= ns) low = middle;
    else high = middle;
  }
  return low;
}

const OTHER = 'other';
/** Two names of one number: two histograms in one question, where a span is in one of them and `other` in the other. */
const NAMES = ['duration', '@duration'] as const;

/** Decades by twos, each pair as the groups of one question. A linear histogram per decade makes steps that grow. */
export function decadeGroups(decades: readonly number[]): readonly (readonly SpansGroupBy[])[] {
  const pairs: SpansGroupBy[][] = [];
  for (let i = 0; i < decades.length; i += NAMES.length) {
    pairs.push(
      decades.slice(i, i + NAMES.length).map((decade, j) => ({
        facet: NAMES[j]!,
        histogram: { min: decade, max: decade * 10, interval: decade / 2 },
        missing: OTHER,
      })),
    );
  }
  return pairs;
}

/** The duration a bucket stands for, a little above its lower end because sums of halves are not exact. */
export function bucketDuration({ attributes: { by } }: SpansAggregateBucket): number | undefined {
  const value = Object.values(by).find((each) => each !== OTHER);
  return typeof value === 'number' ? value * (1 + 1e-9) : undefined;
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
  if (total === 0) {
    return { edges: [], counts: [], times: [], cells: [], outside: 0, warnings: extent.warnings };
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
    warnings: extent.warnings,
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
