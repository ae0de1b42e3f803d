import { type ReactNode, useEffect, useRef } from 'react';
import uPlot from 'uplot';
import 'uplot/dist/uPlot.min.css'; // oxlint-disable-line import/no-unassigned-import -- a style sheet has no value
import { type ChartTheme, chartTheme } from './chart-theme.ts';
import styles from './chart.module.css';
import { timeTick } from './chart-ticks.ts';
import { type TimeZone, useLook, usePreferences } from './preferences.ts';

/** One line or row of bars. */
export interface ChartSeries {
  readonly label: string;
  /** On the grid of the chart; null is a gap. */
  readonly values: readonly (number | null)[];
  readonly shape: 'bars' | 'line' | 'area';
  /** Name of a colour token. */
  readonly colour: string;
  /** Of a line, px. */
  readonly width?: number;
}

/** Where the pointer is: an interval by index, and px from the left edge of the plot. */
export interface ChartHover {
  readonly index: number;
  readonly left: number;
  /** The pointer is over another chart that moves with this one. */
  readonly remote: boolean;
}

interface Props {
  /** What the chart shows, for those who do not see it. */
  readonly label: string;
  /** Beginnings of the intervals, ms. */
  readonly times: readonly number[];
  readonly intervalMs: number;
  /** Drawn in this order, later ones on top. */
  readonly series: readonly ChartSeries[];
  readonly range: { readonly fromMs: number; readonly toMs: number };
  readonly height: number;
  readonly format: (value: number) => string;
  readonly logarithmic?: boolean;
  /** Charts with one name share a crosshair. */
  readonly crosshair: string;
  readonly onHover?: (hover: ChartHover | undefined) => void;
  /** Dragged over: both ends, ms. */
  readonly onBrush?: (fromMs: number, toMs: number) => void;
  /** Double-clicked. */
  readonly onReset?: () => void;
  /** An interval was clicked, at a height of the value axis. */
  readonly onPick?: (index: number, value: number) => void;
  readonly testId?: string;
}

/** Values over time on a canvas. Redrawn when its data, size or look change, and then only. */
export function TimeChart(props: Props): ReactNode {
  const { timeZone } = usePreferences();
  const look = useLook();
  const host = useRef<HTMLDivElement>(null);
  const plot = useRef<uPlot>(null);
  const latest = useRef(props);
  useEffect(() => {
    latest.current = props;
  });
  const { times, series, range, height, logarithmic = false, crosshair, label } = props;
  const shown = useRef(range);
  const strokes = JSON.stringify(series.map(toStroke));

  // What a plot is made of cannot be changed afterwards, so a new one is made when it differs.
  useEffect(() => {
    const element = host.current!;
    const made = new uPlot(
      optionsOf(latest, shown, {
        theme: chartTheme(look),
        zone: timeZone,
        strokes: JSON.parse(strokes) as Stroke[],
        height,
        logarithmic,
        crosshair,
        width: element.clientWidth,
      }),
      dataOf(latest.current),
      element,
    );
    plot.current = made;
    const listeners = new AbortController();
    listen(made, latest, listeners.signal);
    const resized = new ResizeObserver(() => {
      if (element.clientWidth > 0 && element.clientWidth !== made.width) {
        made.setSize({ width: element.clientWidth, height });
      }
    });
    resized.observe(element);
    return () => {
      resized.disconnect();
      listeners.abort();
      made.destroy();
      plot.current = null;
    };
  }, [look, timeZone, height, logarithmic, crosshair, strokes]);

  useEffect(() => {
    shown.current = range;
    plot.current?.setData(dataOf({ times, series }), true);
  }, [times, series, range]);

  return (
    <div
      ref={host}
      className={styles['chart']}
      role="img"
      aria-label={label}
      style={{ height }}
      data-testid={props.testId}
    />
  );
}

/** What a plot is told of a series when it is made. */
type Stroke = Omit<ChartSeries, 'values'>;

function toStroke({ label, shape, colour, width }: ChartSeries): Stroke {
  return { label, shape, colour, ...(width !== undefined && { width }) };
}

function dataOf({ times, series }: Pick<Props, 'times' | 'series'>): uPlot.AlignedData {
  return [times.map((ms) => ms / 1000), ...series.map(({ values }) => [...values])];
}

interface Fixed {
  readonly theme: ChartTheme;
  readonly strokes: readonly Stroke[];
  readonly zone: TimeZone;
  readonly width: number;
  readonly height: number;
  readonly logarithmic: boolean;
  readonly crosshair: string;
}

type Latest = { readonly current: Props };

function optionsOf(
  latest: Latest,
  shown: { readonly current: Props['range'] },
  fixed: Fixed,
): uPlot.Options {
  const { theme, strokes, zone, width, height, logarithmic, crosshair } = fixed;
  const axis = {
    stroke: theme.colour('chart-axis'),
    font: theme.font,
    ticks: { show: false },
  };
  return {
    width,
    height,
    // Room for half a time at the right end.
    padding: [6, 16, 0, 0],
    legend: { show: false },
    tzDate: (seconds) =>
      zone === 'utc' ? uPlot.tzDate(new Date(seconds * 1000), 'Etc/UTC') : new Date(seconds * 1000),
    scales: {
      x: {
        time: true,
        range: () => {
          const { fromMs, toMs } = shown.current;
          return [fromMs / 1000, toMs / 1000];
        },
      },
      y: logarithmic
        ? { distr: 3, log: 10 }
        : { range: (_, __, max) => [0, max > 0 ? max * 1.08 : 1] },
    },
    axes: [
      {
        ...axis,
        size: 16,
        gap: 2,
        space: 70,
        grid: { show: false },
        values: (_, ticks) => {
          const { fromMs, toMs } = shown.current;
          return ticks.map((seconds) => timeTick(seconds * 1000, toMs - fromMs, zone));
        },
      },
      {
        ...axis,
        size: 44,
        gap: 4,
        space: 26,
        grid: { stroke: theme.colour('chart-grid'), width: 1 },
        values: (self, ticks) => {
          // Without data the scale is arbitrary, and numbers beside it would mean nothing.
          const bare = self.data.slice(1).every((values) => !values?.some((value) => value));
          return ticks.map((tick) =>
            tick === null || (bare && tick !== 0) ? '' : latest.current.format(tick),
          );
        },
      },
    ],
    cursor: {
      x: true,
      y: false,
      drag: { x: true, y: false, setScale: false, dist: 4 },
      sync: { key: crosshair, setSeries: false },
      bind: { dblclick: () => null },
      points: { show: false },
    },
    series: [
      {},
      ...strokes.map((each): uPlot.Series => {
        const colour = theme.colour(each.colour);
        const lines = { points: { show: false }, spanGaps: false } as const;
        if (each.shape === 'bars') {
          return {
            ...lines,
            label: each.label,
            fill: colour,
            width: 0,
            paths: uPlot.paths.bars!({ align: 1, size: [1, 60], gap: 1 }),
          };
        }
        return {
          ...lines,
          // A value alone between gaps would not show as a line.
          points: { show: true, size: 3, fill: colour, width: 0, filter: lonePoints },
          label: each.label,
          stroke: colour,
          width: each.width ?? 1.2,
          ...(each.shape === 'area' && { fill: colour }),
        };
      }),
    ],
    hooks: {
      setCursor: [
        (self) => {
          const { left } = self.cursor;
          const { onHover, times } = latest.current;
          if (onHover === undefined) return;
          const index = left === undefined || left < 0 ? -1 : intervalAt(self, left, latest);
          onHover(
            index < 0 || index >= times.length
              ? undefined
              : { index, left: left!, remote: self.cursor.event == null },
          );
        },
      ],
    },
  };
}

/** Indices of values with a gap on both sides. */
function lonePoints(self: uPlot, seriesIndex: number): number[] {
  const values = self.data[seriesIndex]!;
  const lone: number[] = [];
  for (let i = 0; i < values.length; i++) {
    if (values[i] == null) continue;
    if (values[i - 1] == null && values[i + 1] == null) lone.push(i);
  }
  return lone;
}

function intervalAt(self: uPlot, left: number, { current }: Latest): number {
  const ms = self.posToVal(left, 'x') * 1000;
  return Math.floor((ms - (current.times[0] ?? 0)) / current.intervalMs);
}

/** Dragging, clicking and double-clicking. A brush is drawn on every chart with the crosshair; the one under the pointer answers. */
function listen(self: uPlot, latest: Latest, signal: AbortSignal): void {
  const { over } = self;
  let downAt: number | undefined;
  over.addEventListener(
    'pointerdown',
    (event) => {
      downAt = event.button === 0 ? event.offsetX : undefined;
    },
    { signal },
  );
  window.addEventListener(
    'pointerup',
    (event) => {
      const from = downAt;
      downAt = undefined;
      if (from === undefined) return;
      const to = event.clientX - over.getBoundingClientRect().left;
      if (Math.abs(to - from) >= 4) {
        const { fromMs, toMs } = latest.current.range;
        const [a, b] = [from, to]
          .map((left) => Math.min(toMs, Math.max(fromMs, self.posToVal(left, 'x') * 1000)))
          .toSorted((x, y) => x - y);
        latest.current.onBrush?.(Math.floor(a!), Math.ceil(b!));
        // After the plot's own handler, which still draws the selection.
        setTimeout(() => {
          for (const each of uPlot.sync(latest.current.crosshair).plots) {
            each.setSelect({ left: 0, top: 0, width: 0, height: 0 }, false);
          }
        });
      } else if (event.target === over) {
        const index = intervalAt(self, to, latest);
        if (index >= 0 && index < latest.current.times.length) {
          latest.current.onPick?.(index, self.posToVal(event.offsetY, 'y'));
        }
      }
    },
    { signal },
  );
  over.addEventListener('dblclick', () => latest.current.onReset?.(), { signal });
}
