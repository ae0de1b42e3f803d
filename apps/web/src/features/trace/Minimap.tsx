import {
  clampWindow,
  type FlameTheme,
  type Grouping,
  isWhole,
  paintMinimap,
  panWindow,
  type TimeWindow,
  wholeWindow,
} from '@spanloom/flame';
import { type PointerEvent, type ReactNode, useEffect, useRef } from 'react';
import styles from './FlameView.module.css';
import type { Scene } from './scene.ts';
import { useSize } from './use-size.ts';

interface Props {
  readonly scene: Scene;
  readonly grouping: Grouping;
  readonly emphasis: Uint8Array | undefined;
  readonly theme: FlameTheme;
  readonly window: TimeWindow;
  readonly onWindow: (window: TimeWindow) => void;
}

type Drag =
  | { readonly kind: 'start' }
  | { readonly kind: 'end' }
  | { readonly kind: 'move'; lastX: number }
  | { readonly kind: 'brush'; readonly from: number };

/** The whole trace, with the window on it: drag its edges, drag it, or draw a new one. */
export function Minimap({ scene, grouping, emphasis, theme, window, onWindow }: Props): ReactNode {
  const box = useRef<HTMLDivElement>(null);
  const canvas = useRef<HTMLCanvasElement>(null);
  const drag = useRef<Drag>(undefined);
  const { width } = useSize(box);
  const total = scene.model.durationNs;
  useEffect(() => {
    const element = canvas.current;
    const ctx = element?.getContext('2d');
    if (element === null || ctx === null || ctx === undefined || width === 0) return;
    const ratio = devicePixelRatio;
    element.width = width * ratio;
    element.height = 40 * ratio;
    ctx.setTransform(ratio, 0, 0, ratio, 0, 0);
    paintMinimap(
      ctx,
      { model: scene.model, rows: scene.rows, grouping, emphasis },
      theme,
      width,
      40,
    );
  }, [scene, grouping, emphasis, theme, width]);

  const percent = (ns: number): number => (100 * ns) / Math.max(1, total);
  const nsAt = (event: PointerEvent): number => {
    const rect = box.current!.getBoundingClientRect();
    return Math.min(1, Math.max(0, (event.clientX - rect.left) / rect.width)) * total;
  };
  const begin = (event: PointerEvent, next: Drag): void => {
    event.stopPropagation();
    event.currentTarget.setPointerCapture(event.pointerId);
    drag.current = next;
  };
  const move = (event: PointerEvent): void => {
    const current = drag.current;
    if (current === undefined) return;
    const at = nsAt(event);
    if (current.kind === 'start')
      onWindow(
        clampWindow({ startNs: Math.min(at, window.endNs - 1000), endNs: window.endNs }, total),
      );
    else if (current.kind === 'end')
      onWindow(
        clampWindow({ startNs: window.startNs, endNs: Math.max(at, window.startNs + 1000) }, total),
      );
    else if (current.kind === 'brush') {
      if (Math.abs(at - current.from) > total / 500)
        onWindow(
          clampWindow(
            { startNs: Math.min(at, current.from), endNs: Math.max(at, current.from) },
            total,
          ),
        );
    } else {
      onWindow(panWindow(window, at - current.lastX, total));
      current.lastX = at;
    }
  };
  const end = (): void => {
    drag.current = undefined;
  };
  const whole = isWhole(window, total);
  return (
    <div
      ref={box}
      className={styles['minimap']}
      data-testid="minimap"
      onPointerDown={(event) => {
        const at = nsAt(event);
        const inside = !whole && at > window.startNs && at < window.endNs;
        begin(event, inside ? { kind: 'move', lastX: at } : { kind: 'brush', from: at });
      }}
      onPointerMove={move}
      onPointerUp={end}
      onPointerCancel={end}
      onDoubleClick={() => onWindow(wholeWindow(total))}
    >
      <canvas ref={canvas} aria-hidden="true" />
      <div
        className={styles['outside']}
        style={{ left: 0, width: `${percent(window.startNs)}%` }}
      />
      <div
        className={styles['outside']}
        style={{ right: 0, width: `${100 - percent(window.endNs)}%` }}
      />
      {(['start', 'end'] as const).map((kind) => (
        <div
          key={kind}
          className={styles['handle']}
          style={{
            left: `clamp(4px, ${percent(kind === 'start' ? window.startNs : window.endNs)}%, calc(100% - 5px))`,
          }}
          onPointerDown={(event) => begin(event, { kind })}
        />
      ))}
    </div>
  );
}
