import { clampWindow, type TimeWindow, wholeWindow } from '@spanloom/flame';
import { useEffect, useRef, useState } from 'react';
import { heldWindow, type TimeBasis } from './held-window.ts';

export interface Zoom {
  readonly window: TimeWindow;
  /** Windows that were left by a jump, oldest first. */
  readonly history: readonly TimeWindow[];
  /** Follows a gesture: not remembered. */
  readonly setWindow: (window: TimeWindow) => void;
  /** One step to another window: the one left is remembered. */
  readonly jump: (window: TimeWindow) => void;
  /** Back to the window left last. */
  readonly back: () => boolean;
}

const WRITE_DELAY_MS = 250;

/** The window of time shown, kept in the URL once it rests. */
export function useZoom(
  { originNs, totalNs }: TimeBasis,
  initial: TimeWindow | undefined,
  onRest: (text: string | undefined) => void,
): Zoom {
  const [window, setWindow] = useState<TimeWindow>(() =>
    initial === undefined ? wholeWindow(totalNs) : clampWindow(initial, totalNs),
  );
  const [history, setHistory] = useState<readonly TimeWindow[]>([]);
  const [basis, setBasis] = useState<TimeBasis>({ originNs, totalNs });
  if (basis.originNs !== originNs || basis.totalNs !== totalNs) {
    const next = { originNs, totalNs };
    setBasis(next);
    setWindow(heldWindow(window, basis, next));
    setHistory(history.map((one) => heldWindow(one, basis, next)));
  }
  const rest = useRef(onRest);
  const written = useRef(window);
  useEffect(() => {
    rest.current = onRest;
  });
  useEffect(() => {
    if (written.current === window) return;
    const timer = setTimeout(() => {
      written.current = window;
      const whole = window.startNs <= 0 && window.endNs >= totalNs;
      rest.current(whole ? undefined : `${Math.floor(window.startNs)}~${Math.ceil(window.endNs)}`);
    }, WRITE_DELAY_MS);
    return () => clearTimeout(timer);
  }, [window, totalNs]);
  return {
    window,
    history,
    setWindow,
    jump: (next) => {
      const wider = next.endNs - next.startNs >= window.endNs - window.startNs;
      // Stepping out forgets the windows inside; stepping in remembers the one left.
      setHistory((earlier) =>
        wider
          ? earlier.filter((one) => one.endNs - one.startNs > next.endNs - next.startNs)
          : window.startNs <= 0 && window.endNs >= totalNs
            ? []
            : [...earlier.slice(-7), window],
      );
      setWindow(clampWindow(next, totalNs));
    },
    back: () => {
      if (window.startNs <= 0 && window.endNs >= totalNs) return false;
      setWindow(history.at(-1) ?? wholeWindow(totalNs));
      setHistory((earlier) => earlier.slice(0, -1));
      return true;
    },
  };
}
