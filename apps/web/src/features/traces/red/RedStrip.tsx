import { formatDuration } from '@spanloom/flame';
import { memo, type ReactNode, useMemo, useState } from 'react';
import { useAggregate } from '../../../data/aggregate.ts';
import { coarseInterval, intervalText } from '../../../data/time-buckets.ts';
import { formatClock, formatCount, formatShare } from '../../../ui/format.ts';
import { usePreferences } from '../../../ui/preferences.ts';
import { type ChartHover, type ChartSeries, TimeChart } from '../../../ui/TimeChart.tsx';
import { rangeMillis, type TimeRange } from '../../../ui/time-range.ts';
import { readCounts, readLatencies } from './red-figures.ts';
import styles from './red.module.css';

const HEIGHT = 76;
const POINTS = 90;

interface Props {
  /** As sent, scope and environment included. */
  readonly query: string;
  readonly range: TimeRange;
  readonly refreshMs: number | undefined;
  readonly enabled: boolean;
  readonly onRange: (fromMs: number, toMs: number) => void;
  readonly onReset: () => void;
}

/**
 * Requests, errors and latency of the matching spans over the range. Dragging over a chart makes that the range.
 * Drawn again when what it shows may differ, not with each row that a live list takes in.
 */
export const RedStrip = memo(Strip, isSame);

function isSame(before: Props, after: Props): boolean {
  return (
    before.query === after.query &&
    before.range === after.range &&
    before.refreshMs === after.refreshMs &&
    before.enabled === after.enabled
  );
}

function Strip({ query, range, refreshMs, enabled, onRange, onReset }: Props): ReactNode {
  const { timeZone } = usePreferences();
  const [hover, setHover] = useState<ChartHover>();
  // Relative ranges have the same length whenever one looks.
  const { from, to } = rangeMillis(range, 0);
  const intervalMs = coarseInterval(to - from, POINTS);
  const interval = intervalText(intervalMs);
  const counted = useAggregate(
    {
      query,
      range,
      compute: [{ aggregation: 'count' }, { aggregation: 'count', type: 'timeseries', interval }],
      groupBy: [{ facet: 'status' }],
    },
    { refreshMs, enabled },
  );
  const timed = useAggregate(
    {
      query,
      range,
      compute: [
        ...PERCENTILES.map((aggregation) => ({ aggregation, metric: '@duration' })),
        ...PERCENTILES.map((aggregation) => ({
          aggregation,
          metric: '@duration',
          type: 'timeseries' as const,
          interval,
        })),
      ],
    },
    { refreshMs, enabled },
  );
  const counts = useMemo(
    () => counted.data && readCounts(counted.data, intervalMs),
    [counted.data, intervalMs],
  );
  const latencies = useMemo(
    () => timed.data && readLatencies(timed.data, intervalMs),
    [timed.data, intervalMs],
  );
  const requestSeries = useMemo(
    (): ChartSeries[] => [
      { label: 'requests', shape: 'bars', colour: 'chart-base', values: counts?.requests ?? [] },
    ],
    [counts],
  );
  const errorSeries = useMemo(
    (): ChartSeries[] => [
      { label: 'errors', shape: 'bars', colour: 'error', values: counts?.errors ?? [] },
    ],
    [counts],
  );
  const latencySeries = useMemo(
    (): ChartSeries[] => [
      { label: 'p99', shape: 'line', colour: 'chart-soft', values: latencies?.p99 ?? [] },
      { label: 'p50', shape: 'line', colour: 'chart-base', values: latencies?.p50 ?? [] },
      { label: 'p95', shape: 'line', colour: 'text', width: 1.6, values: latencies?.p95 ?? [] },
    ],
    [latencies],
  );

  const seconds = intervalMs / 1000;
  const at = hover?.index;
  const clock =
    at === undefined || counts?.times[at] === undefined
      ? undefined
      : formatClock(counts.times[at], timeZone).slice(0, 8);
  const lengthSeconds = counted.data ? (counted.data.toMs - counted.data.fromMs) / 1000 : 1;
  const charts = {
    intervalMs,
    height: HEIGHT,
    crosshair: 'red-strip',
    onHover: setHover,
    onBrush: onRange,
    onReset,
  } as const;
  const failed = (at === undefined ? counts?.failed : counts?.errors[at]) ?? 0;
  const [p50, p95, p99] =
    at === undefined
      ? (latencies?.totals ?? [null, null, null])
      : [latencies?.p50[at], latencies?.p95[at], latencies?.p99[at]];

  return (
    <div className={styles['strip']} data-testid="red-strip" data-stale={counted.isPlaceholderData}>
      <section aria-label="Requests">
        <h2>
          Requests <span className={styles['what']}>{clock ?? 'per second'}</span>
          <span className={styles['value']} data-testid="red-requests">
            {counts === undefined
              ? '–'
              : at === undefined
                ? `${rateText(counts.total / lengthSeconds)} /s`
                : `${formatCount(counts.requests[at] ?? 0)} in ${interval}`}
          </span>
        </h2>
        {counts === undefined || counted.data === undefined ? (
          <Waiting error={counted.error} onRetry={() => void counted.refetch()} />
        ) : (
          <TimeChart
            {...charts}
            label={`Requests over time: ${formatCount(counts.total)} in the range. Drag to zoom in.`}
            times={counts.times}
            series={requestSeries}
            range={counted.data}
            format={(value) => rateText(value / seconds)}
            testId="red-requests-chart"
          />
        )}
      </section>
      <section aria-label="Errors">
        <h2>
          Errors <span className={styles['what']}>{clock ?? 'per second'}</span>
          <span
            className={`${styles['value']} ${failed > 0 ? 'err' : ''}`}
            data-testid="red-errors"
          >
            {counts === undefined
              ? '–'
              : at === undefined
                ? formatShare(counts.failed, counts.total)
                : `${formatCount(counts.errors[at] ?? 0)}, ${formatShare(counts.errors[at] ?? 0, counts.requests[at] ?? 0)}`}
          </span>
        </h2>
        {counts === undefined || counted.data === undefined ? (
          <Waiting error={counted.error} onRetry={() => void counted.refetch()} />
        ) : (
          <TimeChart
            {...charts}
            label={`Errors over time: ${formatCount(counts.failed)} in the range, ${formatShare(counts.failed, counts.total)} of requests.`}
            times={counts.times}
            series={errorSeries}
            range={counted.data}
            format={(value) => rateText(value / seconds)}
          />
        )}
      </section>
      <section aria-label="Latency">
        <h2>
          Latency{' '}
          <span className={styles['what']}>
            {at === undefined ? 'p50, p95, p99' : `${latencyText(p50)}, p95, ${latencyText(p99)}`}
          </span>
          <span className={styles['value']} data-testid="red-latency">
            p95 {latencyText(p95)}
          </span>
        </h2>
        {latencies === undefined || timed.data === undefined ? (
          <Waiting error={timed.error} onRetry={() => void timed.refetch()} />
        ) : (
          <TimeChart
            {...charts}
            label={`Latency over time: p50 ${latencyText(latencies.totals[0])}, p95 ${latencyText(latencies.totals[1])}, p99 ${latencyText(latencies.totals[2])}.`}
            times={latencies.times}
            series={latencySeries}
            range={timed.data}
            format={formatDuration}
          />
        )}
      </section>
    </div>
  );
}

const PERCENTILES = ['median', 'pc95', 'pc99'] as const;

function Waiting({
  error,
  onRetry,
}: {
  readonly error: Error | null;
  readonly onRetry: () => void;
}): ReactNode {
  return (
    <div className={styles['message']} style={{ height: HEIGHT }} role="status">
      {error === null ? (
        <span className="visually-hidden">Loading</span>
      ) : (
        <>
          {error.message}
          <button type="button" className="link" onClick={onRetry}>
            Retry
          </button>
        </>
      )}
    </div>
  );
}

function latencyText(ns: number | null | undefined): string {
  return ns === null || ns === undefined ? '–' : formatDuration(ns);
}

/** `0.03`, `4.2`, `119`, `1.84k`. */
function rateText(value: number): string {
  if (value === 0) return '0';
  if (value < 10) return String(Number(value.toPrecision(2)));
  return formatCount(value);
}
