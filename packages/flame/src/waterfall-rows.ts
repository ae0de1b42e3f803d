import type { Repeats } from './repeats.ts';
import { Flag } from './span-flags.ts';
import type { TraceModel } from './trace-model.ts';

/**
 * Rows to show, in tree order, without those inside a collapsed one. A repeat takes one row, `~first`, and its members
 * follow when it is open. Costs the rows shown, not the rows there are.
 */
export function waterfallRows(
  model: TraceModel,
  collapsed: ReadonlySet<number>,
  repeats?: Repeats,
  openRepeats?: ReadonlySet<number>,
): Int32Array {
  const rows = new Int32Array(model.count + (repeats?.byFirst.size ?? 0));
  let length = 0;
  for (let row = 0; row < model.count;) {
    const repeat =
      repeats !== undefined && repeats.firstOf[row] === row ? repeats.byFirst.get(row) : undefined;
    if (repeat !== undefined) {
      rows[length++] = ~row;
      if (openRepeats?.has(row) !== true) {
        row = repeat.stop;
        continue;
      }
    }
    rows[length++] = row;
    row += collapsed.has(row) ? model.size[row]! : 1;
  }
  return rows.subarray(0, length);
}

/** Rows that have children. */
export function branchRows(model: TraceModel): Set<number> {
  const branches = new Set<number>();
  for (let row = 0; row < model.count; row++) if (model.size[row]! > 1) branches.add(row);
  return branches;
}

/** The rows above `row`, nearest first. */
export function ancestors(model: TraceModel, row: number): number[] {
  const above: number[] = [];
  for (let up = model.parent[row]!; up !== -1; up = model.parent[up]!) above.push(up);
  return above;
}

/** How many rows fit a waterfall that opens in full; a larger one opens folded. */
const OPEN_LIMIT = 300;
const OPEN_DEPTH = 3;
const TOP_SELF = 5;

/**
 * What is folded when a trace opens: nothing up to 300 rows. Above, all but the first three levels, the ways to errors
 * and the ways to the five rows with the most self time.
 */
export function initiallyCollapsed(model: TraceModel, self: Float64Array): Set<number> {
  if (model.count <= OPEN_LIMIT) return new Set();
  const collapsed = branchRows(model);
  for (const row of collapsed) if (model.depth[row]! < OPEN_DEPTH) collapsed.delete(row);
  const open = (row: number): void => {
    for (const up of ancestors(model, row)) collapsed.delete(up);
  };
  // A trace that fails everywhere would unfold everywhere: the first hundred ways are enough to start from.
  let errors = 0;
  for (let row = 0; row < model.count && errors < 100; row++) {
    if ((model.flags[row]! & Flag.error) === 0) continue;
    open(row);
    errors++;
  }
  const top: number[] = [];
  for (let row = 0; row < model.count; row++) {
    if (top.length === TOP_SELF && self[row]! <= self[top[TOP_SELF - 1]!]!) continue;
    top.push(row);
    top.sort((a, b) => self[b]! - self[a]!);
    top.length = Math.min(top.length, TOP_SELF);
  }
  for (const row of top) open(row);
  return collapsed;
}
