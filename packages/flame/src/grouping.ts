import { assignSlots } from './palette.ts';
import type { TraceModel } from './trace-model.ts';

/** One group of a legend. */
export interface SpanGroup {
  readonly name: string;
  readonly spans: number;
  readonly execNs: number;
  /** Palette slot, 0 to 23. */
  readonly slot: number;
}

/** The rows of a trace by one property, for colours and the legend. */
export interface Grouping {
  /** Largest execution time first. */
  readonly groups: readonly SpanGroup[];
  /** Index into `groups` of each row. */
  readonly of: Uint32Array;
}

/** Groups rows by `key`. Slots are dealt out by share of execution time. */
export function groupRows(
  model: TraceModel,
  exec: Float64Array,
  key: (row: number) => string,
): Grouping {
  const found = new Map<string, number>();
  const names: string[] = [];
  const spans: number[] = [];
  const time: number[] = [];
  const first = new Uint32Array(model.count);
  for (let row = 0; row < model.count; row++) {
    const name = key(row);
    let group = found.get(name);
    if (group === undefined) {
      group = names.length;
      found.set(name, group);
      names.push(name);
      spans.push(0);
      time.push(0);
    }
    first[row] = group;
    spans[group]!++;
    time[group]! += exec[row]!;
  }
  const order = names
    .map((_, i) => i)
    .toSorted((a, b) => time[b]! - time[a]! || spans[b]! - spans[a]! || a - b);
  const slots = assignSlots(order.map((group) => names[group]!));
  const rank = new Uint32Array(names.length);
  const groups = order.map((group, position) => {
    rank[group] = position;
    return {
      name: names[group]!,
      spans: spans[group]!,
      execNs: time[group]!,
      slot: slots[position]!,
    };
  });
  const of = new Uint32Array(model.count);
  for (let row = 0; row < model.count; row++) of[row] = rank[first[row]!]!;
  return { groups, of };
}
