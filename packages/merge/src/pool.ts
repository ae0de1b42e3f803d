import type { Span } from '@spanloom/model';
import { compareSpans } from './compare-spans.ts';
import { SpanIdTable } from './span-id-table.ts';
import { uniqueSpans } from './unique-spans.ts';

/**
 * The spans to put together, each once, in the order of `compareSpans`. Everything below speaks of a span by its position here:
 * plain numbers, because objects and bigints per span are what assembly would otherwise spend its time on.
 */
export interface Pool {
  readonly spans: readonly Span[];
  readonly ids: SpanIdTable;
  /** How many more final copies came, of spans of which any did. */
  readonly copies: ReadonlyMap<Span, number>;
  /** ns since the earliest start: exact for 104 days, and two spans further apart are not compared closely. */
  readonly start: Float64Array;
  readonly end: Float64Array;
  /** 1 for spans of X-Ray. */
  readonly isXRay: Uint8Array;
}

/** Spans beyond this with one id are nobody's parents, so that a sender of one id only does not take quadratic time. */
const MOST_OF_ONE_ID = 64;

/** Sorts out copies and puts the rest in order. */
export function poolOf(stored: readonly Span[]): Pool {
  const { spans: unsorted, copies } = uniqueSpans(stored);
  const starts = relativeStarts(unsorted);
  // By the number first: it tells almost all of them apart.
  const order = new Uint32Array(unsorted.keys()).toSorted(
    (a, b) => starts[a]! - starts[b]! || compareSpans(unsorted[a]!, unsorted[b]!),
  );
  const spans: Span[] = [];
  const start = new Float64Array(order.length);
  const end = new Float64Array(order.length);
  const isXRay = new Uint8Array(order.length);
  for (let position = 0; position < order.length; position++) {
    const from = order[position]!;
    const span = unsorted[from]!;
    spans.push(span);
    start[position] = starts[from]!;
    end[position] = starts[from]! + span.duration;
    if (span.source === 'xray') isXRay[position] = 1;
  }
  return { spans, ids: new SpanIdTable(spans, MOST_OF_ONE_ID), copies, start, end, isXRay };
}

/** ns since the earliest start, from the words of the bigints: subtracting those would make one more for each span. */
function relativeStarts(spans: readonly Span[]): Float64Array {
  const nanos = new BigInt64Array(spans.length);
  for (let i = 0; i < spans.length; i++) nanos[i] = spans[i]!.start;
  const low = new Uint32Array(nanos.buffer);
  const high = new Int32Array(nanos.buffer);
  let base = 0;
  for (let i = 1; i < spans.length; i++) {
    const isEarlier =
      high[i * 2 + 1] === high[base * 2 + 1]
        ? low[i * 2]! < low[base * 2]!
        : high[i * 2 + 1]! < high[base * 2 + 1]!;
    if (isEarlier) base = i;
  }
  const starts = new Float64Array(spans.length);
  for (let i = 0; i < spans.length; i++) {
    starts[i] =
      (high[i * 2 + 1]! - high[base * 2 + 1]!) * 4_294_967_296 + (low[i * 2]! - low[base * 2]!);
  }
  return starts;
}

/** For how long two spans run at the same time, in ns; below zero, how far apart they are. */
export function overlap(pool: Pool, a: number, b: number): number {
  return Math.min(pool.end[a]!, pool.end[b]!) - Math.max(pool.start[a]!, pool.start[b]!);
}
