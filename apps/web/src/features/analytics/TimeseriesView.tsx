import { type ReactNode, useMemo, useState } from 'react';
import { intervalFor, intervalText } from '../../data/time-buckets.ts';
import { formatInstant, formatPlural } from '../../ui/format.ts';
import { usePreferences } from '../../ui/preferences.ts';
import { rangeMillis } from '../../ui/time-range.ts';
import { type ChartHover, type ChartSeries, TimeChart } from '../../ui/TimeChart.tsx';
import type { AnalyticsContext } from './analytics-context.ts';
import styles from './analytics.module.css';
import { BasisPill } from './BasisPill.tsx';
import { Export } from './Export.tsx';
import { FigureState } from './FigureState.tsx';
import { formatFigure } from './format-figure.ts';
import { nearestAt, stacked, stackedAt } from './groups.ts';
import { computeText, displayOf, isAdditive } from './model.ts';
import type { GroupSeries } from './use-series.ts';
import { useSeries } from './use-series.ts';

const HEIGHT = 320;
const TIP_ROWS = 12;

/** One measure over time, by groups. A click on a point lists the spans behind it. */
export function TimeseriesView({ context }: { readonly context: AnalyticsContext }): ReactNode {
  const { model, range, onDrill } = context;
  const { timeZone } = usePreferences();
  const [hover, setHover] = useState<ChartHover & { readonly series?: number }>();
  const { from, to } = rangeMillis(range, 0);
  const intervalMs = model.intervalMs ?? intervalFor(to - from);
  const { data, isPending, error, refetch } = useSeries(context, intervalMs);
  const compute = model.computes[0]!;
  const display = displayOf(model);
  const stacks = display !== 'lines' && isAdditive(compute);
  const groups = data?.series;
  const heights = useMemo(
    () => (groups === undefined ? [] : heightsOf(groups, stacks)),
    [groups, stacks],
  );
  const drawn = useMemo(
    (): readonly ChartSeries[] =>
      (groups ?? [])
        .map((group, i): ChartSeries => ({
          label: group.name,
          values: heights[i]!,
          shape: display === 'lines' ? 'line' : display,
          colour: group.colour,
          width: 1.4,
        }))
        // The whole of a stack is painted first, and its lower parts over it.
        .toReversed(),
    [groups, heights, display],
  );
  if (data === undefined || data.series.length === 0 || data.answer.buckets.length === 0) {
    return <FigureState pending={isPending} error={error} onRetry={refetch} />;
  }
  const { times, series, answer } = data;
  const pick = (index: number, height: number): void => {
    const found = stacks
      ? stackedAt(heights as readonly (readonly number[])[], index, height)
      : nearestAt(heights, index, height);
    const fromMs = times[index]!;
    const at = { fromMs, toMs: fromMs + intervalMs };
    const group = found === undefined ? undefined : series[found];
    onDrill(group === undefined ? at : { ...partOf(group, series, model.by), ...at });
  };
  return (
    <div className={styles['view']} data-stale={data.stale} data-testid="timeseries">
      <div className={styles['bar']}>
        <span>
          {computeText(compute)} per {intervalText(intervalMs)}
        </span>
        <BasisPill warnings={answer.warnings} live={context.live} />
        <span className={styles['spacer']} />
        <Export
          what="timeseries"
          names={['time', ...model.by, computeText(compute)]}
          rows={() =>
            series.flatMap((group) =>
              times.map((ms, i) => [
                new Date(ms).toISOString(),
                ...(group.values ?? model.by.map(() => 'Other')),
                group.points[i] ?? null,
              ]),
            )
          }
        />
      </div>
      <div className={styles['chartBox']}>
        <TimeChart
          label={`${computeText(compute)} over time, ${formatPlural(series.length, 'series', 'series')}; the table below has the totals`}
          times={times}
          intervalMs={intervalMs}
          series={drawn}
          range={answer}
          height={HEIGHT}
          format={(value) => formatFigure(value, compute)}
          crosshair="timeseries"
          onHover={setHover}
          onBrush={context.onRange}
          onReset={context.onReset}
          onPick={pick}
          testId="timeseries-chart"
        />
        {hover === undefined || times[hover.index] === undefined ? null : (
          <div
            className={styles['tip']}
            style={
              hover.left > 500
                ? { right: `calc(100% - ${hover.left + 36}px)` }
                : { left: hover.left + 64 }
            }
          >
            <b>{formatInstant(times[hover.index]!, timeZone).slice(0, -4)}</b>
            {tipRows(series, hover.index).map((group) => (
              <div key={JSON.stringify(group.values ?? null)} className={styles['tipRow']}>
                <i className={styles['swatch']} style={{ background: `var(--${group.colour})` }} />
                <span className="ell">{group.name}</span>
                <span>{formatFigure(group.points[hover.index], compute)}</span>
              </div>
            ))}
          </div>
        )}
      </div>
      <div className={styles['scroller']}>
        <table className={styles['table']} data-testid="timeseries-legend">
          <thead>
            <tr>
              <th>{model.by.length === 0 ? 'Series' : model.by.join(', ')}</th>
              <th className="num">{computeText(compute)}, whole range</th>
              {compute.aggregation === 'count' ? null : <th className="num">spans</th>}
            </tr>
          </thead>
          <tbody>
            {series.map((group) => (
              <tr key={JSON.stringify(group.values ?? null)}>
                <td>
                  <button
                    type="button"
                    className={styles['name']}
                    onClick={() => onDrill(partOf(group, series, model.by))}
                  >
                    <i
                      className={styles['swatch']}
                      style={{ background: `var(--${group.colour})` }}
                    />
                    <span className="ell">{group.name}</span>
                  </button>
                </td>
                <td className="num">{formatFigure(group.total, compute)}</td>
                {compute.aggregation === 'count' ? null : (
                  <td className="num faint">{group.spans?.toLocaleString('en-GB') ?? '–'}</td>
                )}
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </div>
  );
}

function heightsOf(
  groups: readonly GroupSeries[],
  stacks: boolean,
): readonly (readonly (number | null)[])[] {
  const points = groups.map((group) => group.points);
  return stacks ? stacked(points) : points;
}

/** The largest values of one interval. */
function tipRows(series: readonly GroupSeries[], index: number): readonly GroupSeries[] {
  return series
    .filter(({ points }) => (points[index] ?? 0) !== 0)
    .toSorted((a, b) => (b.points[index] ?? 0) - (a.points[index] ?? 0))
    .slice(0, TIP_ROWS);
}

function partOf(
  group: GroupSeries,
  series: readonly GroupSeries[],
  keys: readonly string[],
): { keys: readonly string[]; values?: GroupSeries['values'] & {}; besides?: readonly string[] } {
  if (group.values !== undefined) return { keys, values: group.values };
  const besides = series.flatMap(({ values }) => values?.[0] ?? []);
  return { keys, besides };
}
