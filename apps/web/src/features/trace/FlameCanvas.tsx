import {
  type FlameFrame,
  type FlameHit,
  FlamePainter,
  type FlameScene,
  type FlameTheme,
  graphHeight,
  hitTest,
  nsAt,
  panWindow,
  type TimeWindow,
  zoomWindow,
} from '@spanloom/flame';
import { type PointerEvent, type ReactNode, useEffect, useMemo, useRef, useState } from 'react';
import styles from './FlameView.module.css';
import { useSize } from './use-size.ts';

const TOP = 5;
const FADE_MS = 240;
const still = matchMedia('(prefers-reduced-motion: reduce)');

interface Props {
  readonly scene: Omit<FlameScene, 'hover' | 'arriving'>;
  /** Rows to fade in, 1 each. */
  readonly fresh: Uint8Array | undefined;
  readonly theme: FlameTheme;
  readonly sizes: { readonly bar: number; readonly line: number };
  readonly window: TimeWindow;
  /** Of the selected span: rows move when spans arrive, and that is no new selection. */
  readonly selectedId: string;
  /** Time under the pointer, for keys that zoom at it. */
  readonly onCursor: (ns: number | undefined) => void;
  readonly onWindow: (window: TimeWindow) => void;
  readonly onSelect: (row: number) => void;
  readonly onFit: (row: number) => void;
  readonly renderTooltip: (hit: FlameHit) => ReactNode;
  readonly label: string;
}

/** The flame graph itself: wheel zooms at the cursor, drag pans, double click fits, a click selects. */
export function FlameCanvas(props: Props): ReactNode {
  const { scene, fresh, theme, sizes, window, onCursor } = props;
  const box = useRef<HTMLDivElement>(null);
  const canvas = useRef<HTMLCanvasElement>(null);
  const [scrollTop, setScrollTop] = useState(0);
  const [hover, setHover] = useState<{
    readonly hit: FlameHit;
    readonly x: number;
    readonly y: number;
  }>();
  const [panning, setPanning] = useState(false);
  const fade = useRef<{ rows: Uint8Array | undefined; since: number }>({
    rows: undefined,
    since: 0,
  });
  const drag = useRef<{ x: number; y: number; moved: boolean }>(undefined);
  const { width, height } = useSize(box);
  const painter = useMemo(() => new FlamePainter(theme), [theme]);
  const maxScroll = Math.max(0, graphHeight(scene.rows, sizes.line, TOP) - height);
  const frame: FlameFrame = {
    width: Math.max(1, width),
    height,
    scrollTop: Math.min(scrollTop, maxScroll),
    window,
    lineHeight: sizes.line,
    barHeight: sizes.bar,
    top: TOP,
  };
  const hoverRow = hover?.hit.row ?? -1;

  useEffect(() => {
    const element = canvas.current;
    const ctx = element?.getContext('2d');
    if (element === null || ctx === null || ctx === undefined || width === 0 || height === 0)
      return;
    const draw = (now: number): void => {
      const ratio = devicePixelRatio;
      if (
        element.width !== Math.round(width * ratio) ||
        element.height !== Math.round(height * ratio)
      ) {
        element.width = Math.round(width * ratio);
        element.height = Math.round(height * ratio);
      }
      ctx.setTransform(ratio, 0, 0, ratio, 0, 0);
      if (fade.current.rows !== fresh) fade.current = { rows: fresh, since: now };
      const share = still.matches ? 1 : Math.min(1, (now - fade.current.since) / FADE_MS);
      const arriving = fresh === undefined || share === 1 ? undefined : { rows: fresh, share };
      painter.paint(ctx, { ...scene, arriving, hover: hoverRow }, frame);
      if (arriving !== undefined) request = requestAnimationFrame(draw);
    };
    let request = requestAnimationFrame(draw);
    return () => cancelAnimationFrame(request);
  });

  // A selection made elsewhere (keys, search, list) is brought into view, once.
  const [seen, setSeen] = useState<string>();
  if (seen !== props.selectedId && height > 0) {
    setSeen(props.selectedId);
    if (scene.selected !== -1) {
      const y = TOP + scene.rows.line[scene.selected]! * sizes.line;
      if (y < frame.scrollTop) setScrollTop(Math.max(0, y - TOP));
      else if (y + sizes.line > frame.scrollTop + height)
        setScrollTop(y + sizes.line + TOP - height);
    }
  }

  // Wheel listeners of React are passive, and this one must keep the page from scrolling.
  const onWheel = useRef<(event: WheelEvent) => void>(undefined);
  useEffect(() => {
    onWheel.current = (event) => {
      event.preventDefault();
      const rect = box.current!.getBoundingClientRect();
      const total = scene.model.durationNs;
      if (event.shiftKey && event.deltaX === 0) {
        setScrollTop(Math.min(maxScroll, Math.max(0, frame.scrollTop + event.deltaY)));
      } else if (Math.abs(event.deltaX) > Math.abs(event.deltaY)) {
        props.onWindow(
          panWindow(window, (event.deltaX / frame.width) * (window.endNs - window.startNs), total),
        );
      } else {
        const lines = event.deltaMode === 1 ? 16 : 1;
        const factor = Math.exp(Math.min(60, Math.max(-60, event.deltaY * lines)) * 0.004);
        props.onWindow(zoomWindow(window, factor, nsAt(frame, event.clientX - rect.left), total));
      }
    };
  });
  useEffect(() => {
    const element = box.current!;
    const listener = (event: WheelEvent): void => onWheel.current?.(event);
    element.addEventListener('wheel', listener, { passive: false });
    return () => element.removeEventListener('wheel', listener);
  }, []);

  const place = (event: PointerEvent): { readonly x: number; readonly y: number } => {
    const rect = box.current!.getBoundingClientRect();
    return { x: event.clientX - rect.left, y: event.clientY - rect.top };
  };
  const hitAt = (x: number, y: number): FlameHit | undefined =>
    hitTest(scene.model, scene.rows, frame, x, y);
  const move = (event: PointerEvent): void => {
    const { x, y } = place(event);
    onCursor(nsAt(frame, x));
    const from = drag.current;
    if (from === undefined) {
      const hit = hitAt(x, y);
      setHover(hit === undefined ? undefined : { hit, x, y });
      return;
    }
    const [dx, dy] = [x - from.x, y - from.y];
    if (!from.moved && Math.abs(dx) + Math.abs(dy) < 4) return;
    drag.current = { x, y, moved: true };
    setPanning(true);
    setHover(undefined);
    props.onWindow(
      panWindow(
        window,
        (-dx / frame.width) * (window.endNs - window.startNs),
        scene.model.durationNs,
      ),
    );
    setScrollTop(Math.min(maxScroll, Math.max(0, frame.scrollTop - dy)));
  };
  const release = (event: PointerEvent): void => {
    const moved = drag.current?.moved === true;
    drag.current = undefined;
    setPanning(false);
    if (moved) return;
    const { x, y } = place(event);
    const hit = hitAt(x, y);
    if (hit === undefined) return;
    props.onSelect(hit.row);
    // A pixel that holds many spans opens by zooming in on it.
    if (hit.merged > 1)
      props.onWindow(zoomWindow(window, 0.2, nsAt(frame, x), scene.model.durationNs));
  };
  return (
    <div
      ref={box}
      className={styles['canvasBox']}
      onPointerDown={(event) => {
        if (event.button !== 0) return;
        event.currentTarget.setPointerCapture(event.pointerId);
        drag.current = { ...place(event), moved: false };
      }}
      onPointerMove={move}
      onPointerUp={release}
      onPointerCancel={() => {
        drag.current = undefined;
        setPanning(false);
      }}
      onPointerLeave={() => {
        onCursor(undefined);
        setHover(undefined);
      }}
      onDoubleClick={(event) => {
        const rect = box.current!.getBoundingClientRect();
        const hit = hitAt(event.clientX - rect.left, event.clientY - rect.top);
        if (hit !== undefined) props.onFit(hit.row);
      }}
    >
      <canvas
        ref={canvas}
        className={styles['canvas']}
        role="img"
        aria-label={props.label}
        data-testid="flame-canvas"
        data-over={hover !== undefined}
        data-panning={panning}
      />
      {hover === undefined || panning ? null : (
        <Tip x={hover.x} y={hover.y} width={width} height={height}>
          {props.renderTooltip(hover.hit)}
        </Tip>
      )}
    </div>
  );
}

function Tip({
  x,
  y,
  width,
  height,
  children,
}: {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
  readonly children: ReactNode;
}): ReactNode {
  // On the side with more room, so that it never leaves the canvas or covers the bar.
  const side = x > width / 2 ? { right: width - x + 12 } : { left: x + 12 };
  const end = y > height - 90 ? { bottom: height - y + 14 } : { top: y + 20 };
  return (
    <div className={styles['tip']} role="tooltip" style={{ ...side, ...end }}>
      {children}
    </div>
  );
}
