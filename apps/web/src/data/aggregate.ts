import type {
  SpansAggregateBucket,
  SpansAggregateRequest,
  SpansAggregateResponse,
  SpansCompute,
  SpansGroupBy,
} from '@spanloom/contract';
import { useQuery, type UseQueryResult } from '@tanstack/react-query';
import { usePreferences } from '../ui/preferences.ts';
import { rangeMillis, type TimeRange } from '../ui/time-range.ts';
import { request } from './api.ts';
import { AtMost } from './at-most.ts';
import { retryPolicy } from './queries.ts';

/** What to compute, over which spans. */
export interface Aggregation {
  readonly query: string;
  readonly range: TimeRange;
  readonly compute: readonly SpansCompute[];
  readonly groupBy?: readonly SpansGroupBy[];
}

/** What came out, and the range as it was at that moment. */
export interface Aggregated {
  readonly buckets: readonly SpansAggregateBucket[];
  readonly warnings: SpansAggregateResponse['meta']['warnings'];
  readonly elapsedMs: number;
  readonly fromMs: number;
  readonly toMs: number;
}

const gate = new AtMost(3);

/** Asks once, when few enough other questions are under way. */
export function aggregateSpans(
  { query, range, compute, groupBy = [] }: Aggregation,
  zone: string,
  signal: AbortSignal,
): Promise<Aggregated> {
  return gate.run(async () => {
    const now = Date.now();
    const body: SpansAggregateRequest = {
      data: {
        type: 'aggregate_request',
        attributes: {
          compute,
          filter: { query, from: range.from, to: range.to },
          group_by: groupBy,
          options: { timezone: zone },
        },
      },
    };
    const { data, meta } = await request<SpansAggregateResponse>(
      '/api/v2/spans/analytics/aggregate',
      {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify(body),
        signal,
      },
    );
    const { from: fromMs, to: toMs } = rangeMillis(range, now);
    return { buckets: data, warnings: meta.warnings, elapsedMs: meta.elapsed, fromMs, toMs };
  }, signal);
}

interface Options {
  readonly enabled?: boolean;
  /** Asks again this often; not at all while undefined. */
  readonly refreshMs?: number | undefined;
}

/** The name of the zone that whole hours and days begin in. */
export function useZoneName(): string {
  const { timeZone } = usePreferences();
  return timeZone === 'utc' ? 'UTC' : new Intl.DateTimeFormat().resolvedOptions().timeZone;
}

/** The answer, kept in view while the next one is awaited. A question that nobody waits for any more is cancelled. */
export function useAggregate(
  aggregation: Aggregation,
  { enabled = true, refreshMs }: Options = {},
): UseQueryResult<Aggregated> {
  const zone = useZoneName();
  return useQuery({
    queryKey: ['aggregate', aggregation, zone] as const,
    queryFn: ({ signal }) => aggregateSpans(aggregation, zone, signal),
    enabled,
    staleTime: refreshMs ?? 60_000,
    gcTime: 60_000,
    refetchInterval: refreshMs ?? false,
    // Figures of other groups would be read as those of these.
    placeholderData: (previous, before) =>
      before !== undefined && shapeOf(before.queryKey[1]) === shapeOf(aggregation)
        ? previous
        : undefined,
    retry: retryPolicy,
  });
}

function shapeOf({ compute, groupBy }: Aggregation): string {
  return JSON.stringify([compute, groupBy]);
}

/** How often figures of a range are worth asking for again: never of a fixed one, nor while paused. */
export function refreshOf(view: {
  readonly range: TimeRange;
  readonly live: boolean;
  readonly paused: boolean;
}): number | undefined {
  if (view.range.to !== 'now') return undefined;
  if (view.live) return view.paused ? undefined : 5_000;
  return 30_000;
}
