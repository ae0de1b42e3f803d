import { formatDuration, paletteSlot } from '@spanloom/flame';
import { type ReactNode, useCallback, useMemo, useState } from 'react';
import type { ChartTheme } from '../../ui/chart-theme.ts';
import { Segmented } from '../../ui/controls.tsx';
import { formatInstant, formatPlural } from '../../ui/format.ts';
import type { Plane } from '../../ui/plane.ts';
import { PlaneChart, type PlanePoint } from '../../ui/PlaneChart.tsx';
import { usePreferences } from '../../ui/preferences.ts';
import type { AnalyticsContext } from './analytics-context.ts';
import styles from './analytics.module.css';
import { Export } from './Export.tsx';
import { FigureState } from './FigureState.tsx';
import { extentOf, nearestDot, type ScatterDot, toDots } from './scatter.ts';
import { useSpanSample } from './span-sample.ts';

/** Several requests stand behind it. */
const LEAST_REFRESH_MS = 30_000;
const REACH_PX = 8;

/** Single spans by start and duration: every one that failed, and a sample of the others. */
export function ScatterView({ context }: { readonly context: AnalyticsContext }): ReactNode {
  const { query, range, refreshMs, onDrill, onOpenSpan } = context;
  const { timeZone } = usePreferences();
  const [colouring, setColouring] = useState<'status' | 'service'>('status');
  const [here, setHere] = useState<{ readonly dot: ScatterDot; readonly at: PlanePoint }>();
  const found = useSpanSample(
    query,
    range,
    refreshMs === undefined ? undefined : Math.max(LEAST_REFRESH_MS, refreshMs),
  );
  const sample = found.data;
  const dots = useMemo(() => toDots(sample?.spans ?? []), [sample]);
  const extent = useMemo(() => extentOf(dots), [dots]);
  const paint = useCallback(
    (canvas: CanvasRenderingContext2D, plane: Plane, theme: ChartTheme): void =>
      paintDots(canvas, plane, theme, dots, colouring),
    [dots, colouring],
  );
  if (sample === undefined || dots.length === 0) {
    return (
      <FigureState
        pending={found.isPending}
        error={found.error}
        onRetry={() => void found.refetch()}
      />
    );
  }
  const errors = dots.filter(({ failed }) => failed).length;
  return (
    <div className={styles['view']} data-stale={found.isPlaceholderData} data-testid="scatter">
      <div className={styles['bar']}>
        <span data-testid="scatter-basis">
          {sample.errorsCut ? 'the newest ' : 'all '}
          {formatPlural(errors, 'error')}
          {sample.othersCut ? ', and a sample of ' : ', and all '}
          {formatPlural(dots.length - errors, 'other span')}
          {sample.othersCut ? ', the newest of each twentieth of the range' : ''}
        </span>
        <span className={styles['spacer']} />
        <Segmented
          label="Colour by"
          value={colouring}
          options={[
            { value: 'status', text: 'Status' },
            { value: 'service', text: 'Service' },
          ]}
          onChange={setColouring}
        />
        <Export
          what="scatter"
          names={['start', 'duration_ns', 'service', 'resource', 'status', 'trace_id', 'span_id']}
          rows={() =>
            dots.map(({ span: { attributes: span }, ns }) => [
              span.start_timestamp,
              ns,
              span.service,
              span.resource_name,
              span.custom.status,
              span.trace_id,
              span.span_id,
            ])
          }
        />
      </div>
      <PlaneChart
        label={`Scatter of ${formatPlural(dots.length, 'span')} by start and duration, ${errors} of them failed. The list view has the same spans as rows.`}
        range={sample}
        minNs={extent.minNs}
        maxNs={extent.maxNs}
        paint={paint}
        testId="scatter-plane"
        onHover={(at, plane) => {
          const dot = at && nearestDot(dots, plane, at, REACH_PX);
          setHere(dot && at ? { dot, at } : undefined);
        }}
        onPick={(at, plane) => {
          const dot = nearestDot(dots, plane, at, REACH_PX);
          if (dot !== undefined) onOpenSpan(dot.span, false);
        }}
        onBox={onDrill}
      >
        {here === undefined ? null : (
          <div
            className={styles['tip']}
            style={{
              top: Math.max(0, here.at.top - 60),
              ...(here.at.left > 600
                ? { right: `calc(100% - ${here.at.left - 12}px)` }
                : { left: here.at.left + 12 }),
            }}
          >
            <b>
              {here.dot.span.attributes.service} ·{' '}
              {here.dot.span.attributes.resource_name ||
                here.dot.span.attributes.custom.operation_name}
            </b>
            {formatDuration(here.dot.ns)}, {here.dot.failed ? 'error' : 'ok'},{' '}
            {formatInstant(here.dot.ms, timeZone)}
          </div>
        )}
      </PlaneChart>
    </div>
  );
}

function paintDots(
  canvas: CanvasRenderingContext2D,
  plane: Plane,
  theme: ChartTheme,
  dots: readonly ScatterDot[],
  colouring: 'status' | 'service',
): void {
  // What failed is painted last, on top of everything.
  for (const failed of [false, true]) {
    canvas.globalAlpha = failed ? 0.95 : 0.6;
    for (const dot of dots) {
      if (dot.failed !== failed) continue;
      const x = plane.xOf(dot.ms);
      const y = plane.yOf(dot.ns);
      canvas.fillStyle = theme.colour(
        failed
          ? 'error'
          : colouring === 'status'
            ? 'chart-base'
            : `span-${paletteSlot(dot.span.attributes.service) + 1}-edge`,
      );
      if (failed) {
        // A diamond, so that an error is told without its colour.
        canvas.beginPath();
        canvas.moveTo(x, y - 4);
        canvas.lineTo(x + 4, y);
        canvas.lineTo(x, y + 4);
        canvas.lineTo(x - 4, y);
        canvas.fill();
      } else {
        canvas.fillRect(x - 1.5, y - 1.5, 3, 3);
      }
    }
  }
  canvas.globalAlpha = 1;
}
