import { type ReactNode, useRef } from 'react';
import styles from './detail.module.css';

interface Props {
  readonly axis: 'x' | 'y';
  readonly label: string;
  /** The size of the panel after the grip, px. */
  readonly size: number;
  readonly onSize: (size: number) => void;
}

/** The edge of a panel, to drag; with the arrow keys when focused. */
export function Grip({ axis, label, size, onSize }: Props): ReactNode {
  const from = useRef<{ readonly at: number; readonly size: number }>(undefined);
  const set = (next: number): void => onSize(Math.round(Math.min(1400, Math.max(140, next))));
  const at = (event: { readonly clientX: number; readonly clientY: number }): number =>
    axis === 'x' ? event.clientX : event.clientY;
  return (
    <div
      className={styles['grip']}
      data-axis={axis}
      role="separator"
      aria-label={label}
      aria-orientation={axis === 'x' ? 'vertical' : 'horizontal'}
      aria-valuenow={size}
      tabIndex={0}
      onPointerDown={(event) => {
        event.currentTarget.setPointerCapture(event.pointerId);
        from.current = { at: at(event), size };
      }}
      onPointerMove={(event) => {
        if (from.current !== undefined) set(from.current.size + from.current.at - at(event));
      }}
      onPointerUp={() => {
        from.current = undefined;
      }}
      onKeyDown={(event) => {
        const step =
          event.key === (axis === 'x' ? 'ArrowLeft' : 'ArrowUp')
            ? 16
            : event.key === (axis === 'x' ? 'ArrowRight' : 'ArrowDown')
              ? -16
              : 0;
        if (step === 0) return;
        event.preventDefault();
        set(size + step);
      }}
    />
  );
}
