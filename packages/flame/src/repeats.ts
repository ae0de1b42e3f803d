import { Flag, UNCOUNTED } from './span-flags.ts';
import type { TraceModel } from './trace-model.ts';

/** Neighbouring siblings that do the same thing: a loop of queries, a fan-out of calls. */
export interface Repeat {
  /** Its first row. */
  readonly first: number;
  /** One past its last row. */
  readonly stop: number;
  readonly sumNs: number;
  readonly p95Ns: number;
}

export interface Repeats {
  /** By first row. */
  readonly byFirst: ReadonlyMap<number, Repeat>;
  /** First row of the repeat each row belongs to, or -1. */
  readonly firstOf: Int32Array;
}

/** Fewer than this many read better one by one. */
const MIN_REPEATS = 5;

/**
 * Finds runs of at least five consecutive siblings without children that share `key`. A failed one ends a run, so that
 * errors always have a row of their own; so does one that another row shows already.
 */
export function findRepeats(model: TraceModel, key: (row: number) => string): Repeats {
  const byFirst = new Map<number, Repeat>();
  const firstOf = new Int32Array(model.count).fill(-1);
  const single = (row: number): boolean =>
    model.size[row] === 1 &&
    (model.flags[row]! & (Flag.error | UNCOUNTED)) === 0 &&
    model.parent[row] !== -1;
  for (let row = 0; row < model.count;) {
    if (!single(row)) {
      row++;
      continue;
    }
    const parent = model.parent[row]!;
    const shared = key(row);
    let stop = row + 1;
    while (
      stop < model.count &&
      model.parent[stop] === parent &&
      single(stop) &&
      key(stop) === shared
    )
      stop++;
    if (stop - row >= MIN_REPEATS) {
      byFirst.set(row, summarise(model, row, stop));
      firstOf.fill(row, row, stop);
    }
    row = stop;
  }
  return { byFirst, firstOf };
}

function summarise(model: TraceModel, first: number, stop: number): Repeat {
  const lengths = model.end.slice(first, stop).map((end, i) => end - model.start[first + i]!);
  const sumNs = lengths.reduce((sum, length) => sum + length, 0);
  lengths.sort();
  return { first, stop, sumNs, p95Ns: lengths[Math.ceil(lengths.length * 0.95) - 1]! };
}
