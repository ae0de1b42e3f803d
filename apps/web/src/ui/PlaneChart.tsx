import { formatDuration } from '@spanloom/flame';
import {
  type PointerEvent,
  type ReactNode,
  useEffect,
  useLayoutEffect,
  useRef,
  useState,
} from 'react';
import { type ChartTheme, chartTheme } from './chart-theme.ts';
import { timeTick } from './chart-ticks.ts';
import styles from './chart.module.css';
import { type Plane, planeOf, powersWithin, timesWithin } from './plane.ts';
import { type TimeZone, useLook, usePreferences } from './preferences.ts';

/** A place on the plane. */
export interface PlanePoint {
  readonly ms: number;
  readonly ns: number;
  readonly left: number;
  readonly top: number;
}

interface PlaneBox {
  readonly fromMs: number;
  readonly toMs: number;
  readonly minNs: number;
  readonly maxNs: number;
}

interface Props {
  readonly label: string;
  readonly range: { readonly fromMs: number; readonly toMs: number };
  readonly minNs: number;
  readonly maxNs: number;
  /** Paints the data. Called again when this function, the size or the look changes. */
  readonly paint: (context: CanvasRenderingContext2D, plane: Plane, theme: ChartTheme) => void;
  readonly onHover: (point: PlanePoint | undefined, plane: Plane) => void;
  readonly onPick: (point: PlanePoint, plane: Plane) => void;
  /** A box was drawn over. */
  readonly onBox: (box: PlaneBox) => void;
  readonly children?: ReactNode;
  readonly testId?: string;
}

/** Time across, duration upwards on a logarithmic scale, on a canvas. */
export function PlaneChart(props: Props): ReactNode {
  const { range, minNs, maxNs, paint } = props;
  const { timeZone } = usePreferences();
  const look = useLook();
  const host = useRef<HTMLDivElement>(null);
  const canvas = useRef<HTMLCanvasElement>(null);
  const [size, setSize] = useState({ width: 0, height: 0 });
  const [box, setBox] = useState<{ x0: number; y0: number; x1: number; y1: number }>();
  const plane = planeOf({ ...size, ...range, minNs, maxNs });

  useLayoutEffect(() => {
    const element = host.current!;
    const measure = (): void =>
      setSize({ width: element.clientWidth, height: element.clientHeight });
    const resized = new ResizeObserver(measure);
    resized.observe(element);
    measure();
    return () => resized.disconnect();
  }, []);

  const { width, height } = size;
  const { fromMs, toMs } = range;
  useEffect(() => {
    const element = canvas.current;
    const context = element?.getContext('2d');
    if (element === null || !context || width === 0) return;
    const ratio = window.devicePixelRatio || 1;
    element.width = Math.round(width * ratio);
    element.height = Math.round(height * ratio);
    context.setTransform(ratio, 0, 0, ratio, 0, 0);
    context.clearRect(0, 0, width, height);
    const theme = chartTheme(look);
    const drawn = planeOf({ width, height, fromMs, toMs, minNs, maxNs });
    paintAxes(context, drawn, theme, timeZone);
    context.save();
    context.beginPath();
    context.rect(drawn.left, drawn.top, drawn.right - drawn.left, drawn.bottom - drawn.top);
    context.clip();
    paint(context, drawn, theme);
    context.restore();
  }, [paint, width, height, fromMs, toMs, minNs, maxNs, look, timeZone]);

  const at = (event: PointerEvent): PlanePoint => {
    const bounds = host.current!.getBoundingClientRect();
    const left = event.clientX - bounds.left;
    const top = event.clientY - bounds.top;
    return { left, top, ms: plane.msAt(left), ns: plane.nsAt(top) };
  };
  const inside = ({ left, top }: PlanePoint): boolean =>
    left >= plane.left && left <= plane.right && top >= plane.top && top <= plane.bottom;
  return (
    <div
      ref={host}
      className={styles['plane']}
      role="img"
      aria-label={props.label}
      data-testid={props.testId}
      onPointerMove={(event) => {
        const point = at(event);
        if (box !== undefined) setBox({ ...box, x1: point.left, y1: point.top });
        else props.onHover(inside(point) ? point : undefined, plane);
      }}
      onPointerLeave={() => props.onHover(undefined, plane)}
      onPointerDown={(event) => {
        const point = at(event);
        if (event.button !== 0 || !inside(point)) return;
        event.currentTarget.setPointerCapture(event.pointerId);
        setBox({ x0: point.left, y0: point.top, x1: point.left, y1: point.top });
      }}
      onPointerUp={(event) => {
        if (box === undefined) return;
        setBox(undefined);
        const point = at(event);
        if (Math.abs(point.left - box.x0) < 4 && Math.abs(point.top - box.y0) < 4) {
          props.onPick(point, plane);
          return;
        }
        const [x0, x1] = [box.x0, point.left].toSorted((a, b) => a - b);
        const [y0, y1] = [box.y0, point.top].toSorted((a, b) => a - b);
        props.onBox({
          fromMs: Math.floor(plane.msAt(Math.max(plane.left, x0!))),
          toMs: Math.ceil(plane.msAt(Math.min(plane.right, x1!))),
          minNs: Math.floor(plane.nsAt(Math.min(plane.bottom, y1!))),
          maxNs: Math.ceil(plane.nsAt(Math.max(plane.top, y0!))),
        });
      }}
      onPointerCancel={() => setBox(undefined)}
    >
      <canvas ref={canvas} className={styles['canvas']} aria-hidden="true" />
      {box === undefined ? null : (
        <div
          className={styles['box']}
          style={{
            left: Math.min(box.x0, box.x1),
            top: Math.min(box.y0, box.y1),
            width: Math.abs(box.x1 - box.x0),
            height: Math.abs(box.y1 - box.y0),
          }}
        />
      )}
      {props.children}
    </div>
  );
}

function paintAxes(
  context: CanvasRenderingContext2D,
  plane: Plane,
  theme: ChartTheme,
  zone: TimeZone,
): void {
  context.font = theme.font;
  context.fillStyle = theme.colour('chart-axis');
  context.strokeStyle = theme.colour('chart-grid');
  context.lineWidth = 1;
  context.textAlign = 'right';
  context.textBaseline = 'middle';
  for (const ns of powersWithin(plane.minNs, plane.maxNs)) {
    const y = Math.round(plane.yOf(ns)) + 0.5;
    context.beginPath();
    context.moveTo(plane.left, y);
    context.lineTo(plane.right, y);
    context.stroke();
    context.fillText(formatDuration(ns), plane.left - 6, y);
  }
  context.textAlign = 'center';
  context.textBaseline = 'bottom';
  const { fromMs, toMs } = plane;
  for (const ms of timesWithin(fromMs, toMs, Math.max(2, (plane.right - plane.left) / 110))) {
    context.fillText(timeTick(ms, toMs - fromMs, zone), plane.xOf(ms), plane.bottom + 16);
  }
}
