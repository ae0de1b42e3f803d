import { Flag, ownFlags } from './span-flags.ts';

/**
 * A trace as columns: one row per visible span, in tree order, so that the descendants of row `i` are exactly the rows
 * `i + 1` to `i + size[i] - 1`. Everything that draws or measures a trace reads these arrays and makes no object per span.
 *
 * Times are nanoseconds from the start of the trace. Doubles hold them exactly up to 104 days.
 */
export interface TraceModel {
  /** Rows, placeholders included. */
  readonly count: number;
  /** Start of the trace, decimal nanoseconds since the epoch. */
  readonly originNs: string;
  /** From the first start to the last end. */
  readonly durationNs: number;
  readonly start: Float64Array;
  readonly end: Float64Array;
  /** Row of the parent, or -1. */
  readonly parent: Int32Array;
  /** 0 for a root. */
  readonly depth: Int32Array;
  /** Rows of the subtree, itself included. */
  readonly size: Int32Array;
  /** A set of `Flag`s. */
  readonly flags: Uint16Array;
  /** Index of the span in the list the model was built from, or -1 for a placeholder. */
  readonly input: Int32Array;
  /** The id a placeholder stands for; empty elsewhere. */
  readonly missingIds: ReadonlyMap<number, string>;
  /** Row by span id. Of spans that share an id, the first that is not hidden. */
  readonly rowById: ReadonlyMap<string, number>;
  /** Cycles that were cut to make a tree. */
  readonly cycles: number;
  /** How far each row was moved by aligning clocks, ns; undefined where none was. */
  readonly shift: Float64Array | undefined;
}

/** What the model needs to know of a span. Spans of the trace API have this shape. */
export interface SpanFacts {
  readonly span_id: string;
  readonly parent_id: string | null;
  /** Decimal nanoseconds since the epoch. */
  readonly start_ns: string;
  readonly duration_ns: number;
  readonly error: 0 | 1;
  readonly source: string;
  readonly kind: string;
  readonly hidden: boolean;
  readonly meta: Readonly<Record<string, string>>;
  readonly name?: string;
  /** Ids of hidden spans that this one shows too. */
  readonly folded?: readonly string[];
  /** No end was received. */
  readonly unfinished?: boolean;
  /** What its clock seems to be off by, ns: added to its times when clocks are aligned. */
  readonly skew_ns?: number;
}

export interface TraceModelOptions {
  /** Keep spans that assembly folded into others. Default false. */
  readonly includeHidden?: boolean;
  /** Move spans by what their clocks seem to be off. Default false: times as they were reported. */
  readonly alignClocks?: boolean;
}

/**
 * Builds the columns. O(n log n); nothing is read from `spans` afterwards.
 *
 * A span whose parent is not in the list hangs below a placeholder, one per missing id, that covers its orphans.
 * The children of a left-out hidden span move up to its nearest ancestor that is shown.
 */
export function buildTraceModel(
  spans: readonly SpanFacts[],
  options: TraceModelOptions = {},
): TraceModel {
  const shown: number[] = [];
  for (let i = 0; i < spans.length; i++) {
    if (options.includeHidden === true || !spans[i]!.hidden) shown.push(i);
  }
  if (shown.length === 0) return emptyModel();

  const earliest = earliestStart(spans, shown);
  const parents = resolveParents(spans, shown);
  const count = shown.length + parents.missing.length;
  const start = new Float64Array(count);
  const end = new Float64Array(count);
  for (let node = 0; node < shown.length; node++) {
    const span = spans[shown[node]!]!;
    start[node] = sinceOrigin(span.start_ns, earliest);
    end[node] = start[node]! + Math.max(0, span.duration_ns);
  }
  const parentNode = new Int32Array(count).fill(-1);
  parentNode.set(parents.of);
  const cycles = cutCycles(parentNode, start);
  const shifts = options.alignClocks === true ? clockShifts(spans, shown, count) : undefined;
  const origin =
    shifts === undefined
      ? earliest
      : moveAll(start.subarray(0, shown.length), end, shifts, earliest);
  for (let m = 0; m < parents.missing.length; m++) {
    start[shown.length + m] = Number.POSITIVE_INFINITY;
    end[shown.length + m] = Number.NEGATIVE_INFINITY;
  }
  for (let node = 0; node < shown.length; node++) {
    const parent = parentNode[node]!;
    if (parent < shown.length) continue;
    start[parent] = Math.min(start[parent]!, start[node]!);
    end[parent] = Math.max(end[parent]!, end[node]!);
  }
  const tree = treeOrder(parentNode, start);
  return layOut({
    spans,
    shown,
    missing: parents.missing,
    origin,
    start,
    end,
    parentNode,
    tree,
    cycles,
    shifts,
  });
}

function emptyModel(): TraceModel {
  return {
    count: 0,
    originNs: '0',
    durationNs: 0,
    start: new Float64Array(0),
    end: new Float64Array(0),
    parent: new Int32Array(0),
    depth: new Int32Array(0),
    size: new Int32Array(0),
    flags: new Uint16Array(0),
    input: new Int32Array(0),
    missingIds: new Map(),
    rowById: new Map(),
    cycles: 0,
    shift: undefined,
  };
}

interface Origin {
  readonly text: string;
  readonly seconds: number;
  readonly nanos: number;
}

// The two halves of a 19-digit time are exact as numbers, and so is the difference of two of them: no BigInt per span.
function seconds(ns: string): number {
  return ns.length > 9 ? Number(ns.slice(0, -9)) : 0;
}
function nanos(ns: string): number {
  return Number(ns.slice(-9));
}

function sinceOrigin(ns: string, origin: Origin): number {
  return (seconds(ns) - origin.seconds) * 1e9 + (nanos(ns) - origin.nanos);
}

/** How far each node is moved when clocks are aligned, ns; undefined when none is. */
function clockShifts(
  spans: readonly SpanFacts[],
  shown: readonly number[],
  count: number,
): Float64Array | undefined {
  const shifts = new Float64Array(count);
  let any = false;
  for (let node = 0; node < shown.length; node++) {
    const skew = spans[shown[node]!]!.skew_ns ?? 0;
    shifts[node] = skew;
    any ||= skew !== 0;
  }
  return any ? shifts : undefined;
}

/** Moves the nodes that `start` has and makes the first of them the origin again, which is returned. */
function moveAll(
  start: Float64Array,
  end: Float64Array,
  shifts: Float64Array,
  origin: Origin,
): Origin {
  let first = Number.POSITIVE_INFINITY;
  for (let node = 0; node < start.length; node++)
    first = Math.min(first, start[node]! + shifts[node]!);
  for (let node = 0; node < start.length; node++) {
    start[node]! += shifts[node]! - first;
    end[node]! += shifts[node]! - first;
  }
  const text = (BigInt(origin.text) + BigInt(Math.round(first))).toString();
  return { text, seconds: seconds(text), nanos: nanos(text) };
}

function earliestStart(spans: readonly SpanFacts[], shown: readonly number[]): Origin {
  let first = spans[shown[0]!]!.start_ns;
  for (const index of shown) {
    const text = spans[index]!.start_ns;
    if (text.length < first.length || (text.length === first.length && text < first)) first = text;
  }
  return { text: first, seconds: seconds(first), nanos: nanos(first) };
}

/** Parent node of each shown span: another shown span, a placeholder (after all of them), or -1. */
function resolveParents(
  spans: readonly SpanFacts[],
  shown: readonly number[],
): { readonly of: Int32Array; readonly missing: readonly string[] } {
  const nodeById = new Map<string, number>();
  for (let node = 0; node < shown.length; node++) {
    const id = spans[shown[node]!]!.span_id;
    if (!nodeById.has(id)) nodeById.set(id, node);
  }
  const hiddenParent = new Map<string, string | null>();
  if (shown.length !== spans.length) {
    for (const span of spans) {
      if (span.hidden && !hiddenParent.has(span.span_id))
        hiddenParent.set(span.span_id, span.parent_id);
    }
  }
  const missing: string[] = [];
  const missingNode = new Map<string, number>();
  const of = new Int32Array(shown.length).fill(-1);
  for (let node = 0; node < shown.length; node++) {
    let id = spans[shown[node]!]!.parent_id;
    for (let hops = 0; id !== null && !nodeById.has(id) && hops <= hiddenParent.size; hops++) {
      const up = hiddenParent.get(id);
      if (up === undefined) break;
      id = up;
    }
    if (id === null) continue;
    const found = nodeById.get(id) ?? missingNode.get(id);
    if (found !== undefined) {
      of[node] = found === node ? -1 : found;
      continue;
    }
    missingNode.set(id, shown.length + missing.length);
    of[node] = shown.length + missing.length;
    missing.push(id);
  }
  return { of, missing };
}

/** Cuts each cycle above its earliest span, which becomes a root. Returns how many there were. */
function cutCycles(parent: Int32Array, start: Float64Array): number {
  const state = new Uint8Array(parent.length); // 0 unseen, 1 on the current walk, 2 known to reach a root
  let cycles = 0;
  for (let from = 0; from < parent.length; from++) {
    let node = from;
    while (node !== -1 && state[node] === 0) {
      state[node] = 1;
      node = parent[node]!;
    }
    if (node !== -1 && state[node] === 1) {
      let earliest = node;
      for (let other = parent[node]!; other !== node; other = parent[other]!) {
        state[other] = 2;
        if (start[other]! < start[earliest]!) earliest = other;
      }
      parent[earliest] = -1;
      cycles++;
    }
    node = from;
    while (node !== -1 && state[node] === 1) {
      state[node] = 2;
      node = parent[node]!;
    }
  }
  return cycles;
}

/** Nodes so that parents precede children and siblings are by start; equal starts keep the order they came in. */
function treeOrder(parent: Int32Array, start: Float64Array): Int32Array {
  const count = parent.length;
  const byStart = new Uint32Array(count);
  for (let i = 0; i < count; i++) byStart[i] = i;
  byStart.sort((a, b) => start[a]! - start[b]! || a - b);
  const firstChild = new Int32Array(count + 1).fill(-1);
  const nextSibling = new Int32Array(count).fill(-1);
  // Backwards, so that each insertion at the head leaves the list by start.
  for (let i = count - 1; i >= 0; i--) {
    const node = byStart[i]!;
    const head = parent[node] === -1 ? count : parent[node]!;
    nextSibling[node] = firstChild[head]!;
    firstChild[head] = node;
  }
  const order = new Int32Array(count);
  let length = 0;
  let node = firstChild[count]!;
  while (node !== -1) {
    order[length++] = node;
    if (firstChild[node] !== -1) {
      node = firstChild[node]!;
      continue;
    }
    while (node !== -1 && nextSibling[node] === -1) node = parent[node]!;
    if (node !== -1) node = nextSibling[node]!;
  }
  return order;
}

interface Parts {
  readonly spans: readonly SpanFacts[];
  readonly shown: readonly number[];
  readonly missing: readonly string[];
  readonly origin: Origin;
  readonly start: Float64Array;
  readonly end: Float64Array;
  readonly parentNode: Int32Array;
  readonly tree: Int32Array;
  readonly cycles: number;
  readonly shifts: Float64Array | undefined;
}

function layOut(parts: Parts): TraceModel {
  const { spans, shown, tree, shifts } = parts;
  const count = tree.length;
  const sourceOf = sourceIndex(spans);
  const shift = shifts === undefined ? undefined : new Float64Array(count);
  const rowOfNode = new Int32Array(count);
  for (let row = 0; row < count; row++) rowOfNode[tree[row]!] = row;
  const start = new Float64Array(count);
  const end = new Float64Array(count);
  const parent = new Int32Array(count);
  const depth = new Int32Array(count);
  const size = new Int32Array(count).fill(1);
  const flags = new Uint16Array(count);
  const input = new Int32Array(count);
  const missingIds = new Map<number, string>();
  const rowById = new Map<string, number>();
  let last = 0;
  for (let row = 0; row < count; row++) {
    const node = tree[row]!;
    start[row] = parts.start[node]!;
    end[row] = parts.end[node]!;
    if (end[row]! > last) last = end[row]!;
    const up = parts.parentNode[node]!;
    parent[row] = up === -1 ? -1 : rowOfNode[up]!;
    if (shift !== undefined) shift[row] = shifts![node]!;
    depth[row] = up === -1 ? 0 : depth[parent[row]!]! + 1;
    if (node >= shown.length) {
      input[row] = -1;
      flags[row] = Flag.placeholder;
      missingIds.set(row, parts.missing[node - shown.length]!);
      continue;
    }
    input[row] = shown[node]!;
    const span = spans[shown[node]!]!;
    flags[row] = ownFlags(span, sourceOf);
    // What a clock is off by holds for all that ran by it: the mark stands where another clock begins.
    if (shift !== undefined && shift[row] !== (up === -1 ? 0 : shift[parent[row]!]!))
      flags[row]! |= Flag.skewed;
    const twin = rowById.get(span.span_id);
    if (twin === undefined || (flags[twin]! & ~flags[row]! & Flag.hidden) !== 0)
      rowById.set(span.span_id, row);
  }
  for (let row = count - 1; row > 0; row--) {
    if (parent[row] !== -1) size[parent[row]!]! += size[row]!;
  }
  for (let row = 0; row < count; row++) {
    const up = parent[row]!;
    if (up === -1 || (flags[up]! & Flag.placeholder) !== 0) continue;
    const asked =
      input[row]! >= 0 && spans[input[row]!]!.meta['_inferred_span.synchronicity'] === 'async';
    if (asked || outlives(start[row]!, end[row]!, start[up]!, end[up]!)) flags[row]! |= Flag.async;
  }
  return {
    count,
    originNs: parts.origin.text,
    durationNs: last,
    start,
    end,
    parent,
    depth,
    size,
    flags,
    input,
    missingIds,
    rowById,
    cycles: parts.cycles,
    shift,
  };
}

/** Sources by span id, looked up once something asks: most traces have nothing folded. */
function sourceIndex(spans: readonly SpanFacts[]): (spanId: string) => string | undefined {
  let index: Map<string, string> | undefined;
  return (spanId) => {
    index ??= new Map(spans.map((span) => [span.span_id, span.source]));
    return index.get(spanId);
  };
}

/**
 * Clocks of two hosts and the work after a response both push a child a little past its parent's end. Within 1 ms or
 * 5 % of the parent the child still counts as what the parent waited for.
 */
function outlives(start: number, end: number, parentStart: number, parentEnd: number): boolean {
  if (start >= parentEnd && end > parentEnd) return true;
  return end > parentEnd + Math.max(1e6, 0.05 * (parentEnd - parentStart));
}
