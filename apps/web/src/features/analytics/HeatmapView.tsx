import { formatDuration } from '@spanloom/flame';
import { type ReactNode, useCallback, useState } from 'react';
import { coarseInterval } from '../../data/time-buckets.ts';
import { useDurationHistogram } from '../../data/use-duration-histogram.ts';
import type { DurationHistogram } from '../../data/use-duration-histogram.ts';
import type { ChartTheme } from '../../ui/chart-theme.ts';
import { formatInstant, formatPlural } from '../../ui/format.ts';
import type { Plane } from '../../ui/plane.ts';
import { PlaneChart } from '../../ui/PlaneChart.tsx';
import { usePreferences } from '../../ui/preferences.ts';
import { rangeMillis } from '../../ui/time-range.ts';
import type { AnalyticsContext } from './analytics-context.ts';
import styles from './analytics.module.css';
import { BasisPill } from './BasisPill.tsx';
import { Export } from './Export.tsx';
import { FigureState } from './FigureState.tsx';
import { cellAt, shade } from './heatmap.ts';

const POINTS = 80;
/** Several questions stand behind it. */
const LEAST_REFRESH_MS = 10_000;

interface Here {
  readonly left: number;
  readonly top: number;
  readonly column: number;
  readonly row: number;
}

/** How many spans took how long, when. */
export function HeatmapView({ context }: { readonly context: AnalyticsContext }): ReactNode {
  const { query, range, refreshMs, onDrill } = context;
  const { timeZone } = usePreferences();
  const [here, setHere] = useState<Here>();
  const { from, to } = rangeMillis(range, 0);
  const intervalMs = context.model.intervalMs ?? coarseInterval(to - from, POINTS);
  const found = useDurationHistogram(query, range, {
    enabled: true,
    intervalMs,
    refreshMs: refreshMs === undefined ? undefined : Math.max(LEAST_REFRESH_MS, refreshMs),
  });
  const { data } = found;
  const paint = useCallback(
    (canvas: CanvasRenderingContext2D, plane: Plane, theme: ChartTheme): void => {
      if (data !== undefined) paintCells(canvas, plane, theme, data, intervalMs);
    },
    [data, intervalMs],
  );
  if (data === undefined || data.counts.every((count) => count === 0)) {
    return (
      <FigureState
        pending={found.isPending}
        error={found.error}
        onRetry={() => void found.refetch()}
      />
    );
  }
  const { edges, times, cells } = data;
  const most = Math.max(1, ...cells.map((row) => Math.max(0, ...row)));
  // Steps at both ends that nobody is in would only take room.
  const first = data.counts.findIndex((count) => count > 0);
  const last = data.counts.findLastIndex((count) => count > 0);
  const spans = here === undefined ? undefined : cells[here.row]?.[here.column];
  return (
    <div className={styles['view']} data-stale={found.isPlaceholderData} data-testid="heatmap">
      <div className={styles['bar']}>
        <span>spans by start and duration</span>
        <BasisPill warnings={data.warnings} live={context.live} />
        {data.outside > 0 ? (
          <span>{formatPlural(data.outside, 'span')} shorter than 1 µs not drawn</span>
        ) : null}
        <span className={styles['spacer']} />
        <span className={styles['legend']}>
          1
          <i
            className={styles['ramp']}
            style={{
              background: `linear-gradient(90deg, color-mix(in oklab, var(--chart-base) ${100 * shade(1, most)}%, transparent), var(--chart-base) 70%, var(--text))`,
            }}
          />
          {most.toLocaleString('en-GB')}
        </span>
        <Export
          what="heatmap"
          names={['time', 'from_ns', 'to_ns', 'spans']}
          rows={() =>
            cells.flatMap((row, i) =>
              row.flatMap((count, j) =>
                count === 0
                  ? []
                  : [[new Date(times[j]!).toISOString(), edges[i]!, edges[i + 1]!, count]],
              ),
            )
          }
        />
      </div>
      <PlaneChart
        label={`Heatmap of ${formatPlural(
          data.counts.reduce((sum, count) => sum + count, 0),
          'span',
        )} by start and duration. The table view and the duration facet have the same numbers.`}
        range={data}
        minNs={edges[first]!}
        maxNs={edges[last + 1]!}
        paint={paint}
        testId="heatmap-plane"
        onHover={(point) => {
          const cell = point && cellAt(data, intervalMs, point);
          setHere(cell && point ? { left: point.left, top: point.top, ...cell } : undefined);
        }}
        onPick={(point) => {
          const cell = cellAt(data, intervalMs, point);
          if (cell === undefined) return;
          const fromMs = times[cell.column]!;
          onDrill({
            fromMs,
            toMs: fromMs + intervalMs,
            minNs: edges[cell.row]!,
            maxNs: edges[cell.row + 1]! - 1,
          });
        }}
        onBox={(box) => onDrill(box)}
      >
        {here === undefined ? null : (
          <div
            className={styles['tip']}
            style={{
              top: Math.max(0, here.top - 46),
              ...(here.left > 600
                ? { right: `calc(100% - ${here.left - 12}px)` }
                : { left: here.left + 12 }),
            }}
          >
            <b>
              {formatDuration(edges[here.row]!)} to {formatDuration(edges[here.row + 1]!)}
            </b>
            {formatPlural(spans ?? 0, 'span')} from{' '}
            {formatInstant(times[here.column]!, timeZone).slice(0, -4)}
          </div>
        )}
      </PlaneChart>
    </div>
  );
}

function paintCells(
  canvas: CanvasRenderingContext2D,
  plane: Plane,
  theme: ChartTheme,
  { edges, times, cells }: DurationHistogram,
  intervalMs: number,
): void {
  const most = Math.max(1, ...cells.map((row) => Math.max(0, ...row)));
  const [base, ink] = [theme.colour('chart-base'), theme.colour('text')];
  cells.forEach((row, i) => {
    const top = plane.yOf(edges[i + 1]!);
    const height = plane.yOf(edges[i]!) - top;
    row.forEach((count, j) => {
      if (count === 0) return;
      const left = plane.xOf(times[j]!);
      const width = plane.xOf(times[j]! + intervalMs) - left;
      const part = shade(count, most);
      canvas.globalAlpha = part;
      canvas.fillStyle = base;
      canvas.fillRect(left, top, Math.max(1, width - 0.8), Math.max(1, height - 0.8));
      // The fullest cells go on from the middle tone to ink, or they would not stand out.
      if (part > 0.6) {
        canvas.globalAlpha = (part - 0.6) / 0.4;
        canvas.fillStyle = ink;
        canvas.fillRect(left, top, Math.max(1, width - 0.8), Math.max(1, height - 0.8));
      }
    });
  });
  canvas.globalAlpha = 1;
}
