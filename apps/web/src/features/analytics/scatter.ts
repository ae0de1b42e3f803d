import type { SpanEvent } from '@spanloom/contract';
import type { Plane } from '../../ui/plane.ts';

/** A span on the plane. */
export interface ScatterDot {
  readonly span: SpanEvent;
  readonly ms: number;
  readonly ns: number;
  readonly failed: boolean;
}

/** Each span once. */
export function toDots(spans: readonly SpanEvent[]): readonly ScatterDot[] {
  const dots = new Map<string, ScatterDot>();
  for (const span of spans) {
    const { start_timestamp: start, custom } = span.attributes;
    const ms = Date.parse(start);
    dots.set(span.id, { span, ms, ns: custom.duration, failed: custom.status === 'error' });
  }
  return [...dots.values()];
}

/** Clocks tell no less apart; what took no time stands on the lower edge. */
const SHORTEST_NS = 1_000;

/** From the shortest to the longest duration, with whole powers of ten at both ends. */
export function extentOf(dots: readonly ScatterDot[]): {
  readonly minNs: number;
  readonly maxNs: number;
} {
  let [min, max] = [Number.POSITIVE_INFINITY, 1];
  for (const { ns } of dots) {
    min = Math.min(min, Math.max(SHORTEST_NS, ns));
    max = Math.max(max, ns);
  }
  if (min === Number.POSITIVE_INFINITY) return { minNs: 1e3, maxNs: 1e9 };
  return {
    minNs: 10 ** Math.floor(Math.log10(min)),
    maxNs: 10 ** Math.ceil(Math.log10(Math.max(max, SHORTEST_NS) + 1)),
  };
}

/** The dot nearest to a place, errors first, within reach. */
export function nearestDot(
  dots: readonly ScatterDot[],
  plane: Pick<Plane, 'xOf' | 'yOf'>,
  { left, top }: { readonly left: number; readonly top: number },
  reachPx: number,
): ScatterDot | undefined {
  let best: ScatterDot | undefined;
  let bestDistance = reachPx;
  for (const dot of dots) {
    const distance = Math.hypot(plane.xOf(dot.ms) - left, plane.yOf(dot.ns) - top);
    if (distance > reachPx) continue;
    const better =
      best === undefined || dot.failed !== best.failed
        ? dot.failed || best === undefined
        : distance < bestDistance;
    if (!better) continue;
    best = dot;
    bestDistance = distance;
  }
  return best;
}
