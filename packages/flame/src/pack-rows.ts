import type { TraceModel } from './trace-model.ts';

/** Where each span of a trace is drawn. */
export interface FlameRows {
  /** Line of each row of the model, 0 at the top. */
  readonly line: Int32Array;
  /** How many lines there are. */
  readonly lines: number;
  /** Rows by line and then by start: those of line `l` are `items[lineStart[l]]` to `items[lineStart[l + 1] - 1]`. */
  readonly items: Int32Array;
  readonly lineStart: Int32Array;
}

/** Above this many siblings their subtrees no longer interlock: each gets a lane by its extent in time alone. */
const INTERLOCK_LIMIT = 512;
/**
 * Outline comparisons a trace may cost per span. Real traces take fewer than ten; one in which everything overlaps
 * everything would take time cubed. Once they are used up the remaining siblings get lanes as well.
 */
const COMPARISONS_PER_SPAN = 100;

/**
 * Assigns lines. A subtree keeps its shape: it drops as a whole to the first line below its parent where
 * nothing to its left reaches into it, so that concurrent siblings stay one band and children stay under their parent.
 *
 * ```
 * |root                                  |
 *  |a          |    |c        |            c fits beside a
 *   |a1| |a2  |      |c1     |
 *      |b            |                     b overlaps a: below all of a
 *       |b1     |
 * ```
 *
 * Each subtree is known by its outline: the first start and the last end on each of its lines. Siblings arrive by start,
 * so only the right-hand outline of those already placed has to be compared.
 */
export function packRows(model: TraceModel): FlameRows {
  const { count, parent, size } = model;
  const offset = new Int32Array(count); // lines below the parent
  const outlines: (Outline | undefined)[] = Array.from({ length: count });
  const children: number[] = [];
  const budget: Budget = { comparisons: 10_000 + count * COMPARISONS_PER_SPAN };
  // Backwards through the tree order every subtree is complete before its parent needs it.
  for (let row = count - 1; row >= 0; row--) {
    children.length = 0;
    const stop = row + size[row]!;
    for (let child = row + 1; child < stop; child += size[child]!) children.push(child);
    const below = placeChildren({ model, outlines, offset, budget }, children);
    below.starts.push(model.start[row]!);
    below.ends.push(model.end[row]!);
    outlines[row] = below;
  }
  children.length = 0;
  for (let root = 0; root < count; root += size[root]!) children.push(root);
  const all = placeChildren({ model, outlines, offset, budget }, children);

  const line = new Int32Array(count);
  for (let row = 0; row < count; row++) {
    line[row] = parent[row] === -1 ? offset[row]! - 1 : line[parent[row]!]! + offset[row]!;
  }
  return byLine(model, line, all.starts.length);
}

/** Outline of a subtree, deepest line first, so that a parent goes on top with a push. */
interface Outline {
  readonly starts: number[];
  readonly ends: number[];
}

interface Budget {
  comparisons: number;
}

interface Packing {
  readonly model: TraceModel;
  /** Of each row whose parent has not been placed yet. */
  readonly outlines: (Outline | undefined)[];
  /** Lines below the parent of each row. */
  readonly offset: Int32Array;
  readonly budget: Budget;
}

function placeChildren(packing: Packing, children: readonly number[]): Outline {
  if (children.length === 0) return { starts: [], ends: [] };
  const { outlines, offset, budget } = packing;
  if (children.length > INTERLOCK_LIMIT || (children.length > 1 && budget.comparisons <= 0)) {
    return placeInLanes(packing, children);
  }
  let placed = take(outlines, children[0]!);
  offset[children[0]!] = 1;
  for (let i = 1; i < children.length; i++) {
    const outline = take(outlines, children[i]!);
    const drop = firstFit(placed, outline, budget);
    offset[children[i]!] = drop + 1;
    placed = join(placed, outline, drop);
  }
  return placed;
}

function take(outlines: (Outline | undefined)[], row: number): Outline {
  const outline = outlines[row]!;
  outlines[row] = undefined;
  return outline;
}

/** The fewest lines that `outline` has to drop so that each of its lines starts after what is placed there ends. */
function firstFit(placed: Outline, outline: Outline, budget: Budget): number {
  const height = placed.ends.length;
  const rows = outline.starts.length;
  // Out of budget in the middle of a family, the rest of it goes below what is placed.
  for (let drop = 0; drop < height && budget.comparisons > 0; drop++) {
    let fits = true;
    for (let line = 0; line < rows && drop + line < height; line++) {
      budget.comparisons--;
      if (outline.starts[rows - 1 - line]! < placed.ends[height - 1 - drop - line]!) {
        fits = false;
        break;
      }
    }
    if (fits) return drop;
  }
  return height;
}

/** `outline` lowered by `drop` lines, merged into `placed`. The deeper of the two is reused. */
function join(placed: Outline, outline: Outline, drop: number): Outline {
  const height = placed.ends.length;
  const rows = outline.ends.length;
  if (drop + rows <= height) {
    const shift = height - drop - rows;
    for (let i = 0; i < rows; i++) widen(placed, shift + i, outline.starts[i]!, outline.ends[i]!);
    return placed;
  }
  // `outline` reaches deeper: its arrays become the result, and the upper lines of `placed` go on top.
  const deeper = drop + rows - height;
  for (let i = 0; i < height; i++) {
    const at = deeper + i;
    if (at < rows) {
      widen(outline, at, placed.starts[i]!, placed.ends[i]!);
    } else {
      outline.starts.push(placed.starts[i]!);
      outline.ends.push(placed.ends[i]!);
    }
  }
  return outline;
}

function widen(outline: Outline, at: number, start: number, end: number): void {
  if (start < outline.starts[at]!) outline.starts[at] = start;
  if (end > outline.ends[at]!) outline.ends[at] = end;
}

/** Lanes as high as their highest subtree; a subtree takes the first lane that is free when it starts. */
function placeInLanes(packing: Packing, children: readonly number[]): Outline {
  const { model, outlines, offset } = packing;
  const lanes = new LaneTree(children.length);
  const laneOf = new Int32Array(children.length);
  const heights: number[] = [];
  for (let i = 0; i < children.length; i++) {
    const row = children[i]!;
    const outline = outlines[row]!;
    const lane = lanes.take(
      model.start[row]!,
      outline.ends.reduce((a, b) => Math.max(a, b)),
    );
    laneOf[i] = lane;
    heights[lane] = Math.max(heights[lane] ?? 0, outline.ends.length);
  }
  const tops: number[] = [];
  let total = 0;
  for (const height of heights) {
    tops.push(total);
    total += height;
  }
  const result: Outline = {
    starts: Array.from({ length: total }, () => Number.POSITIVE_INFINITY),
    ends: Array.from({ length: total }, () => Number.NEGATIVE_INFINITY),
  };
  for (let i = 0; i < children.length; i++) {
    const outline = take(outlines, children[i]!);
    const top = tops[laneOf[i]!]!;
    offset[children[i]!] = top + 1;
    const shift = total - top - outline.ends.length;
    for (let line = 0; line < outline.ends.length; line++) {
      widen(result, shift + line, outline.starts[line]!, outline.ends[line]!);
    }
  }
  return result;
}

/** The time each lane is free from, as a tree of minima: finds the first free lane in O(log n). */
class LaneTree {
  readonly #leaves: number;
  readonly #freeFrom: Float64Array;

  constructor(lanes: number) {
    this.#leaves = 2 ** Math.ceil(Math.log2(lanes));
    this.#freeFrom = new Float64Array(this.#leaves * 2).fill(Number.NEGATIVE_INFINITY);
  }

  /** The first lane that is free at `start`, now taken until `end`. */
  take(start: number, end: number): number {
    let node = 1;
    while (node < this.#leaves) {
      node *= 2;
      if (this.#freeFrom[node]! > start) node++;
    }
    const lane = node - this.#leaves;
    this.#freeFrom[node] = end;
    for (node >>= 1; node >= 1; node >>= 1) {
      this.#freeFrom[node] = Math.min(this.#freeFrom[node * 2]!, this.#freeFrom[node * 2 + 1]!);
    }
    return lane;
  }
}

/** Groups the rows by line. */
function byLine(model: TraceModel, line: Int32Array, lines: number): FlameRows {
  const { count, start } = model;
  const lineStart = new Int32Array(lines + 1);
  for (let row = 0; row < count; row++) lineStart[line[row]! + 1]!++;
  for (let l = 0; l < lines; l++) lineStart[l + 1]! += lineStart[l]!;
  const items = new Int32Array(count);
  const fill = lineStart.slice(0, lines);
  for (let row = 0; row < count; row++) items[fill[line[row]!]!++] = row;
  for (let l = 0; l < lines; l++) {
    const from = lineStart[l]!;
    const to = lineStart[l + 1]!;
    let sorted = true;
    for (let i = from + 1; i < to && sorted; i++)
      sorted = start[items[i - 1]!]! <= start[items[i]!]!;
    if (!sorted) items.subarray(from, to).sort((a, b) => start[a]! - start[b]! || a - b);
  }
  return { line, lines, items, lineStart };
}
