import type { FlameRows } from './pack-rows.ts';
import type { TraceModel } from './trace-model.ts';
import type { TimeWindow } from './viewport.ts';

/** What of a flame graph is on screen, in CSS pixels. */
export interface FlameFrame {
  readonly width: number;
  readonly height: number;
  readonly scrollTop: number;
  readonly window: TimeWindow;
  /** Height of a line, gap included. */
  readonly lineHeight: number;
  readonly barHeight: number;
  /** Empty space above the first line. */
  readonly top: number;
}

/** Horizontal pixel of an instant. */
export function xOf(frame: FlameFrame, ns: number): number {
  const { startNs, endNs } = frame.window;
  return ((ns - startNs) / (endNs - startNs)) * frame.width;
}

/** The instant at a horizontal pixel. */
export function nsAt(frame: FlameFrame, x: number): number {
  const { startNs, endNs } = frame.window;
  return startNs + (x / frame.width) * (endNs - startNs);
}

/** Height of the whole graph. */
export function graphHeight(rows: FlameRows, lineHeight: number, top: number): number {
  return rows.lines * lineHeight + top * 2;
}

/** Position in `items` of the first row of a line that ends after `ns`. */
export function firstEndingAfter(
  model: TraceModel,
  rows: FlameRows,
  line: number,
  ns: number,
): number {
  let low = rows.lineStart[line]!;
  let high = rows.lineStart[line + 1]!;
  // Rows of a line do not overlap, so they are by end as well as by start.
  while (low < high) {
    const middle = (low + high) >> 1;
    if (model.end[rows.items[middle]!]! > ns) high = middle;
    else low = middle + 1;
  }
  return low;
}

/** What is under a pixel. */
export interface FlameHit {
  /** The span; of several within the same pixel the longest. */
  readonly row: number;
  /** Longest first, at most ten, when several share the pixel; else just `row`. */
  readonly rows: readonly number[];
  /** How many share the pixel. */
  readonly merged: number;
}

/** The span under a point, with two pixels of grace for bars too thin to aim at. */
export function hitTest(
  model: TraceModel,
  rows: FlameRows,
  frame: FlameFrame,
  x: number,
  y: number,
): FlameHit | undefined {
  const from = y + frame.scrollTop - frame.top;
  const line = Math.floor(from / frame.lineHeight);
  if (line < 0 || line >= rows.lines || from - line * frame.lineHeight > frame.barHeight)
    return undefined;
  const left = nsAt(frame, x - 2);
  const right = nsAt(frame, x + 2);
  const at = nsAt(frame, x);
  const pixel = nsAt(frame, x + 1) - at;
  let wide = -1;
  const thin: number[] = [];
  let merged = 0;
  for (
    let i = firstEndingAfter(model, rows, line, left - pixel);
    i < rows.lineStart[line + 1]!;
    i++
  ) {
    const row = rows.items[i]!;
    if (model.start[row]! > right) break;
    const length = model.end[row]! - model.start[row]!;
    if (length >= pixel && model.start[row]! <= at && model.end[row]! >= at) wide = row;
    if (length < pixel * 2) {
      merged++;
      thin.push(row);
    }
  }
  if (wide !== -1) return { row: wide, rows: [wide], merged: 1 };
  if (thin.length === 0) return undefined;
  thin.sort((a, b) => model.end[b]! - model.start[b]! - (model.end[a]! - model.start[a]!));
  return { row: thin[0]!, rows: thin.slice(0, 10), merged };
}
