import { useMemo } from 'react';
import { type Aggregated, useAggregate } from '../../data/aggregate.ts';
import { intervalText, onGrid, pointsOf, timeGrid } from '../../data/time-buckets.ts';
import type { AnalyticsContext } from './analytics-context.ts';
import { groupColours } from './colours.ts';
import { type GroupValues, readGroups, restOf } from './groups.ts';
import { COUNT, isAdditive, toCompute, toGroups } from './model.ts';

/** One group over time. */
export interface GroupSeries {
  readonly name: string;
  /** Undefined for the rest beside the groups shown. */
  readonly values: GroupValues | undefined;
  readonly total: number | null;
  /** Spans behind the figure. */
  readonly spans: number | null;
  readonly points: readonly (number | null)[];
  readonly colour: string;
}

export interface SeriesAnswer {
  readonly times: readonly number[];
  readonly series: readonly GroupSeries[];
  readonly answer: Aggregated;
  readonly stale: boolean;
}

/** More are not told apart. */
const MOST_SERIES = 100;

/** The first compute of the model over time, by its keys, with the rest where values add up. */
export function useSeries(
  { model, query, range, refreshMs }: AnalyticsContext,
  intervalMs: number,
): {
  readonly data: SeriesAnswer | undefined;
  readonly isPending: boolean;
  readonly error: Error | null;
  readonly refetch: () => void;
} {
  const compute = model.computes[0]!;
  const { by, top } = model;
  const interval = intervalText(intervalMs);
  const computes = [
    toCompute(compute),
    toCompute(COUNT),
    { ...toCompute(compute), type: 'timeseries' as const, interval },
  ];
  const groups = useAggregate(
    {
      query,
      range,
      compute: computes,
      groupBy: toGroups(by, { compute, descending: true, limit: top }),
    },
    { refreshMs },
  );
  const wantsRest = by.length > 0 && isAdditive(compute);
  const all = useAggregate({ query, range, compute: computes }, { refreshMs, enabled: wantsRest });
  const data = useMemo((): SeriesAnswer | undefined => {
    const answer = groups.data;
    if (answer === undefined) return undefined;
    const buckets = answer.buckets.slice(0, MOST_SERIES);
    const found = readGroups(buckets, by, 2);
    const whole = wantsRest ? all.data?.buckets[0]?.attributes.computes : undefined;
    const points = buckets.map(({ attributes: { computes: values } }) => pointsOf(values['c2']));
    const times = timeGrid(answer, intervalMs, [...points, pointsOf(whole?.['c2'])]);
    const absent = isAdditive(compute) ? 0 : null;
    const colours = groupColours(by, found);
    const series = found.map((group, i): GroupSeries => ({
      name: group.name,
      values: group.values,
      total: group.figures[0] ?? null,
      spans: group.figures[1] ?? null,
      points: onGrid(times, points[i]!, absent),
      colour: colours[i]!,
    }));
    if (whole === undefined) return { times, series, answer, stale: groups.isPlaceholderData };
    const rest = (index: 0 | 1): number => {
      const value = whole[`c${index}`];
      const shown = found.reduce((sum, { figures }) => sum + (figures[index] ?? 0), 0);
      return Math.max(0, (typeof value === 'number' ? value : 0) - shown);
    };
    const beside = restOf(
      onGrid(times, pointsOf(whole['c2']), 0),
      series.map((each) => each.points),
    );
    // Two questions asked a moment apart differ by what arrived meanwhile; that is no group.
    const isReal = found.length >= top && rest(1) > 0;
    return {
      times,
      series: isReal
        ? [
            ...series,
            {
              name: 'Other',
              values: undefined,
              total: rest(0),
              spans: rest(1),
              points: beside,
              colour: 'chart-soft',
            },
          ]
        : series,
      answer,
      stale: groups.isPlaceholderData,
    };
  }, [groups.data, groups.isPlaceholderData, all.data, wantsRest, by, top, compute, intervalMs]);
  return {
    data,
    isPending: groups.isPending,
    error: groups.error,
    refetch: () => void groups.refetch(),
  };
}
