import { formatTick, rulerTicks, type TimeWindow } from '@spanloom/flame';
import { type ReactNode, useRef, useState } from 'react';
import styles from './FlameView.module.css';

interface Props {
  readonly window: TimeWindow;
  readonly width: number;
  /** Room for each label, px. */
  readonly spacing?: number;
  readonly onSelect?: (window: TimeWindow) => void;
}

/** Round times over the window. Dragging along it selects a new one. */
export function Ruler({ window, width, spacing, onSelect }: Props): ReactNode {
  const box = useRef<HTMLDivElement>(null);
  const [brush, setBrush] = useState<{ readonly from: number; readonly to: number }>();
  const ticks = width === 0 ? undefined : rulerTicks(window.startNs, window.endNs, width, spacing);
  const length = window.endNs - window.startNs;
  const left = (ns: number): string => `${(100 * (ns - window.startNs)) / length}%`;
  const at = (clientX: number): number => {
    const rect = box.current!.getBoundingClientRect();
    return window.startNs + Math.min(1, Math.max(0, (clientX - rect.left) / rect.width)) * length;
  };
  return (
    <div
      ref={box}
      className={styles['ruler']}
      aria-hidden="true"
      onPointerDown={(event) => {
        if (onSelect === undefined) return;
        event.currentTarget.setPointerCapture(event.pointerId);
        setBrush({ from: at(event.clientX), to: at(event.clientX) });
      }}
      onPointerMove={(event) => {
        if (brush !== undefined) setBrush({ from: brush.from, to: at(event.clientX) });
      }}
      onPointerUp={() => {
        if (brush !== undefined && Math.abs(brush.to - brush.from) > length / 200) {
          onSelect?.({
            startNs: Math.min(brush.from, brush.to),
            endNs: Math.max(brush.from, brush.to),
          });
        }
        setBrush(undefined);
      }}
    >
      {ticks === undefined
        ? null
        : Array.from({ length: ticks.count }, (_, i) => {
            const ns = ticks.firstNs + i * ticks.stepNs;
            return (
              <span key={ns} style={{ left: left(ns) }}>
                {formatTick(ns, ticks.stepNs)}
              </span>
            );
          })}
      {brush === undefined ? null : (
        <div
          className={styles['brush']}
          style={{
            left: left(Math.min(brush.from, brush.to)),
            width: `${(100 * Math.abs(brush.to - brush.from)) / length}%`,
          }}
        />
      )}
    </div>
  );
}
