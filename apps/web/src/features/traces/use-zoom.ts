import { useRef } from 'react';
import type { UrlChange, UrlParams } from '../../data/url.ts';

type Bounds = Pick<UrlParams, 'from' | 'to'>;

/** Narrowing the time range on a chart, and going back to what it was before the first time. */
export function useZoom(
  { from, to }: UrlParams,
  setUrl: (change: UrlChange, options: { readonly push: boolean }) => void,
): { readonly into: (fromMs: number, toMs: number) => void; readonly back: () => void } {
  const before = useRef<Bounds>(undefined);
  return {
    into: (fromMs, toMs) => {
      // A range of no length would be empty.
      const end = Math.max(toMs, fromMs + 1000);
      before.current ??= { ...(from !== undefined && { from }), ...(to !== undefined && { to }) };
      setUrl({ from: String(Math.round(fromMs)), to: String(Math.round(end)) }, { push: true });
    },
    back: () => {
      const bounds = before.current;
      if (bounds === undefined) return;
      before.current = undefined;
      setUrl({ from: bounds.from, to: bounds.to }, { push: true });
    },
  };
}
