import { type PointerEvent, type ReactNode, useRef } from 'react';
import styles from './explorer.module.css';

interface Props {
  readonly title: string;
  /** The width asked for, px; who listens keeps it within limits. */
  readonly onWidth: (px: number) => void;
}

const STEP_PX = 16;

/** The right edge of a column's head, to drag, or to move with the arrow keys. */
export function ColumnGrip({ title, onWidth }: Props): ReactNode {
  const start = useRef<{ readonly x: number; readonly width: number }>(undefined);
  const onPointerMove = (event: PointerEvent): void => {
    if (start.current === undefined) return;
    onWidth(start.current.width + event.clientX - start.current.x);
  };
  return (
    <button
      type="button"
      className={styles['grip']}
      aria-label={`Width of ${title}: drag, or left and right arrow`}
      // Every column would be a stop on the way to the rows; it is reached by pointer, or from the heads.
      tabIndex={-1}
      onPointerDown={(event) => {
        event.currentTarget.setPointerCapture(event.pointerId);
        start.current = { x: event.clientX, width: widthOf(event.currentTarget) };
      }}
      onPointerMove={onPointerMove}
      onPointerUp={() => {
        start.current = undefined;
      }}
      onPointerCancel={() => {
        start.current = undefined;
      }}
      onKeyDown={(event) => {
        if (event.key !== 'ArrowLeft' && event.key !== 'ArrowRight') return;
        event.preventDefault();
        const by = event.key === 'ArrowRight' ? STEP_PX : -STEP_PX;
        onWidth(widthOf(event.currentTarget) + by);
      }}
    />
  );
}

function widthOf(grip: Element): number {
  return grip.parentElement!.getBoundingClientRect().width;
}
