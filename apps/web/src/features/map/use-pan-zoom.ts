import { type PointerEvent, type RefObject, useCallback, useEffect, useRef, useState } from 'react';
import type { MapLayout, Point } from './map-layout.ts';

/** Where the drawing's corner is on the screen, in px, and how large it is drawn. */
interface Transform {
  readonly x: number;
  readonly y: number;
  readonly scale: number;
}

const LEAST = 0.2;
const MOST = 2.5;
const MARGIN = 24;
const NARROW_PX = 700;
/** A click that moved less is a click. */
const DRAG_PX = 4;

export interface PanZoom {
  readonly transform: Transform;
  readonly zoom: (factor: number) => void;
  readonly fit: () => void;
  /** Moves a point of the drawing into sight, if it is outside. */
  readonly reveal: (point: Point) => void;
  readonly onPointerDown: (event: PointerEvent) => void;
  readonly onPointerMove: (event: PointerEvent) => void;
  readonly onPointerUp: (event: PointerEvent) => void;
  /** Whether the click that follows ends a drag. */
  readonly wasDragged: () => boolean;
}

/**
 * Dragging and the wheel over a drawing; it fits the region until somebody moves it.
 *
 * @param target What is to be in sight, whenever it or the region changes.
 */
export function usePanZoom(
  region: RefObject<HTMLElement | null>,
  layout: MapLayout,
  target: Point | undefined,
): PanZoom {
  const [moved, setMoved] = useState<Transform>();
  const [size, setSize] = useState({ width: 0, height: 0 });
  const drag = useRef<{ x: number; y: number; from: Transform; far: boolean }>(undefined);
  const dragged = useRef(false);
  const transform = moved ?? fitted(layout, size);
  const latest = useRef(transform);
  useEffect(() => {
    latest.current = transform;
  });

  const zoomAt = useCallback((factor: number, x: number, y: number) => {
    const now = latest.current;
    const scale = Math.min(MOST, Math.max(LEAST, now.scale * factor));
    const ratio = scale / now.scale;
    const next = { scale, x: x - (x - now.x) * ratio, y: y - (y - now.y) * ratio };
    latest.current = next;
    setMoved(next);
  }, []);

  useEffect(() => {
    const element = region.current;
    if (element === null) return;
    const observer = new ResizeObserver(() =>
      setSize({ width: element.clientWidth, height: element.clientHeight }),
    );
    observer.observe(element);
    // React listens to wheels passively, and the page would scroll or zoom as well.
    const onWheel = (event: WheelEvent): void => {
      event.preventDefault();
      const box = element.getBoundingClientRect();
      zoomAt(Math.exp(-event.deltaY * 0.0015), event.clientX - box.left, event.clientY - box.top);
    };
    element.addEventListener('wheel', onWheel, { passive: false });
    return () => {
      observer.disconnect();
      element.removeEventListener('wheel', onWheel);
    };
  }, [region, zoomAt]);

  const { width, height } = size;
  const reveal = useCallback(
    ({ x, y }: Point) => {
      const { scale, ...corner } = latest.current;
      const [left, top] = [corner.x + x * scale, corner.y + y * scale];
      const [aside, above] = [Math.min(90, width / 4), Math.min(40, height / 4)];
      const isSeen = left > aside && top > above && left < width - aside && top < height - above;
      if (isSeen || width === 0) return;
      setMoved({ scale, x: width / 2 - x * scale, y: height / 2 - y * scale });
    },
    [width, height],
  );
  const wasDragged = useCallback(() => dragged.current, []);
  const [targetX, targetY] = [target?.x, target?.y];
  useEffect(() => {
    if (targetX !== undefined && targetY !== undefined) reveal({ x: targetX, y: targetY });
  }, [reveal, targetX, targetY]);

  return {
    transform,
    zoom: (factor) => zoomAt(factor, size.width / 2, size.height / 2),
    fit: () => setMoved(undefined),
    reveal,
    onPointerDown: (event) => {
      if (event.button !== 0) return;
      dragged.current = false;
      drag.current = { x: event.clientX, y: event.clientY, from: latest.current, far: false };
    },
    onPointerMove: (event) => {
      const start = drag.current;
      if (start === undefined) return;
      const [dx, dy] = [event.clientX - start.x, event.clientY - start.y];
      if (!start.far && Math.hypot(dx, dy) < DRAG_PX) return;
      if (!start.far) event.currentTarget.setPointerCapture(event.pointerId);
      start.far = true;
      dragged.current = true;
      setMoved({ ...start.from, x: start.from.x + dx, y: start.from.y + dy });
    },
    onPointerUp: () => {
      drag.current = undefined;
    },
    wasDragged,
  };
}

/** Everything in sight in the middle, never much larger than it is; on a phone as much of it as can be read. */
function fitted(
  layout: MapLayout,
  size: { readonly width: number; readonly height: number },
): Transform {
  if (layout.width === 0 || size.width === 0) return { x: 0, y: 0, scale: 1 };
  const scale = Math.max(
    size.width < NARROW_PX ? 0.6 : LEAST,
    Math.min(1.15, size.width / layout.width, (size.height - MARGIN) / layout.height),
  );
  return {
    scale,
    x: Math.max(0, (size.width - layout.width * scale) / 2),
    y: Math.max(0, (size.height - MARGIN - layout.height * scale) / 2),
  };
}
