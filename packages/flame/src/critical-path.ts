import { UNBLOCKING } from './span-flags.ts';
import type { TraceModel } from './trace-model.ts';

/** The critical path as sections in columns, latest first. */
export interface CriticalPath {
  readonly length: number;
  /** Row that owns the section. */
  readonly row: Int32Array;
  readonly start: Float64Array;
  readonly end: Float64Array;
  /** Time of each row on the path, ns. */
  readonly onPath: Float64Array;
}

/**
 * What the duration of `root` is made of: from its end, follow the blocking child that finished last backwards, and so on
 * within it; where no child had finished, the span itself owns the time. Children that overflow their parent are clipped.
 */
export function criticalPath(model: TraceModel, root = 0): CriticalPath {
  const rows: number[] = [];
  const starts: number[] = [];
  const ends: number[] = [];
  const onPath = new Float64Array(model.count);
  const emit = (row: number, from: number, to: number): void => {
    if (to <= from) return;
    rows.push(row);
    starts.push(from);
    ends.push(to);
    onPath[row]! += to - from;
  };
  if (model.count > 0) walk(model, root, emit);
  return {
    length: rows.length,
    row: Int32Array.from(rows),
    start: Float64Array.from(starts),
    end: Float64Array.from(ends),
    onPath,
  };
}

interface Frame {
  readonly row: number;
  /** Blocking children, last end first. */
  readonly children: readonly number[];
  next: number;
  /** Everything of this span after this instant is accounted for. */
  at: number;
  /** Sections of this span may not start before this. */
  readonly from: number;
}

function walk(
  model: TraceModel,
  root: number,
  emit: (row: number, from: number, to: number) => void,
): void {
  const { start, end } = model;
  const frame = (row: number, from: number, at: number): Frame => ({
    row,
    children: blockingChildren(model, row),
    next: 0,
    at,
    from,
  });
  // A stack of our own: traces nest deeper than the call stack.
  const stack: Frame[] = [frame(root, start[root]!, end[root]!)];
  while (stack.length > 0) {
    const top = stack[stack.length - 1]!;
    if (top.next === top.children.length) {
      emit(top.row, top.from, top.at);
      stack.pop();
      continue;
    }
    const child = top.children[top.next++]!;
    const childEnd = Math.min(end[child]!, end[top.row]!);
    const childStart = Math.max(start[child]!, top.from);
    if (childEnd > top.at || childEnd <= childStart) continue;
    emit(top.row, childEnd, top.at);
    top.at = childStart;
    stack.push(frame(child, childStart, childEnd));
  }
}

function blockingChildren(model: TraceModel, row: number): readonly number[] {
  const children: number[] = [];
  const stop = row + model.size[row]!;
  for (let child = row + 1; child < stop; child += model.size[child]!) {
    if ((model.flags[child]! & UNBLOCKING) === 0) children.push(child);
  }
  const limit = model.end[row]!;
  const clipped = (child: number): number => Math.min(model.end[child]!, limit);
  return children.toSorted((a, b) => clipped(b) - clipped(a) || model.start[a]! - model.start[b]!);
}
