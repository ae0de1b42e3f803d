import type { TraceResponse } from '@spanloom/contract';
import { useEffect, useMemo, useState } from 'react';
import type { Scene } from './scene.ts';

/** Longer than any fade takes. */
const FRESH_MS = 600;

/** Rows that were not in the trace when it was read before, for as long as they fade in; undefined where none are. */
export function useFreshRows(scene: Scene): Uint8Array | undefined {
  const { trace } = scene;
  const [seen, setSeen] = useState<{
    readonly trace: TraceResponse;
    readonly before: TraceResponse | undefined;
  }>({ trace, before: undefined });
  // Reading again without news keeps the spans as they are, whatever else the answer says.
  if (seen.trace !== trace)
    setSeen({ trace, before: seen.trace.spans === trace.spans ? undefined : seen.trace });
  const { before } = seen;
  useEffect(() => {
    if (before === undefined) return;
    const timer = setTimeout(() => setSeen({ trace, before: undefined }), FRESH_MS);
    return () => clearTimeout(timer);
  }, [trace, before]);
  return useMemo(
    () => (before === undefined ? undefined : freshRows(scene, before)),
    [scene, before],
  );
}

/** The rows of spans that `before` had not, 1 each; undefined where there are none. */
export function freshRows(scene: Scene, before: TraceResponse): Uint8Array | undefined {
  const known = new Set(before.spans.map((span) => span.span_id));
  const rows = new Uint8Array(scene.model.count);
  let any = false;
  for (let row = 0; row < rows.length; row++) {
    const span = scene.span(row);
    if (span === undefined || known.has(span.span_id)) continue;
    rows[row] = 1;
    any = true;
  }
  return any ? rows : undefined;
}
