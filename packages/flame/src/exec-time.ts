import { Flag, UNBLOCKING, UNCOUNTED } from './span-flags.ts';
import type { TraceModel } from './trace-model.ts';

/** How the time of a trace is shared between its spans. */
export interface ExecTime {
  /** Execution time of each row, ns. The sum over all rows is `coveredNs`. */
  readonly exec: Float64Array;
  /** Time in which at least one span runs. */
  readonly coveredNs: number;
  /** Time between the first start and the last end in which none runs. */
  readonly idleNs: number;
}

/**
 * Execution time: the trace is cut at every start and end; in each slice the running spans that wait for no
 * running blocking descendant share it equally. An asynchronous child holds up no ancestor.
 *
 * A slice is never divided span by span. `share` is the integral of dt / active up to now: a span that becomes active
 * subtracts it and one that stops adds it, so a trace costs its sort, whatever its concurrency.
 */
export function execTime(model: TraceModel): ExecTime {
  const { count, start, end, parent, flags } = model;
  const exec = new Float64Array(count);
  const events = new Uint32Array(count * 2); // row * 2 for a start, row * 2 + 1 for an end
  let length = 0;
  for (let row = 0; row < count; row++) {
    if ((flags[row]! & UNCOUNTED) !== 0) continue;
    events[length++] = row * 2;
    events[length++] = row * 2 + 1;
  }
  const sorted = events.subarray(0, length);
  const timeOf = (event: number): number =>
    (event & 1) === 0 ? start[event >> 1]! : end[event >> 1]!;
  // At one instant starts come first, so that a span of no length starts before it ends.
  sorted.sort((a, b) => timeOf(a) - timeOf(b) || (a & 1) - (b & 1) || a - b);

  const running = new Uint8Array(count);
  const busyChildren = new Int32Array(count); // blocking children that run, or whose own blocking children do
  let active = 0;
  let share = 0;
  let now = 0;
  let coveredNs = 0;
  let idleNs = 0;

  const setActive = (row: number, on: boolean): void => {
    active += on ? 1 : -1;
    exec[row]! += on ? -share : share;
  };
  const blocks = (row: number): boolean => (flags[row]! & Flag.async) === 0 && parent[row] !== -1;
  /** Tells the ancestors that `row` became busy or idle, as far up as it makes a difference. */
  const propagate = (row: number, by: 1 | -1): void => {
    let node = row;
    while (blocks(node)) {
      const up = parent[node]!;
      const before = busyChildren[up]!;
      busyChildren[up] = before + by;
      const crossed = by === 1 ? before === 0 : before === 1;
      if (!crossed) return;
      if (running[up] === 1) {
        setActive(up, by === -1);
        return; // a running ancestor is busy either way
      }
      node = up;
    }
  };

  for (const event of sorted) {
    const time = timeOf(event);
    if (time > now) {
      const slice = time - now;
      if (active > 0) {
        share += slice / active;
        coveredNs += slice;
      } else {
        idleNs += slice;
      }
      now = time;
    }
    const row = event >> 1;
    const waiting = busyChildren[row]! > 0;
    if ((event & 1) === 0) {
      running[row] = 1;
      if (!waiting) {
        setActive(row, true);
        propagate(row, 1);
      }
    } else {
      running[row] = 0;
      if (!waiting) {
        setActive(row, false);
        propagate(row, -1);
      }
    }
  }
  return { exec, coveredNs, idleNs };
}

/** Self time of each row, ns: its duration without the parts in which a blocking child runs. Never divided. */
export function selfTime(model: TraceModel): Float64Array {
  const { count, start, end, parent, flags } = model;
  const self = new Float64Array(count);
  const reached = new Float64Array(count); // how far the children of each row cover it so far
  for (let row = 0; row < count; row++) {
    self[row] = end[row]! - start[row]!;
    reached[row] = start[row]!;
    const up = parent[row]!;
    if (up === -1 || (flags[row]! & UNBLOCKING) !== 0) continue;
    // Rows are in tree order, so siblings come by start and one pass measures the union.
    const from = Math.max(start[row]!, reached[up]!);
    const to = Math.min(end[row]!, end[up]!);
    if (to > from) {
      self[up]! -= to - from;
      reached[up] = to;
    }
  }
  return self;
}
