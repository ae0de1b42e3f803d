import type { Grouping } from '@spanloom/query';
import type { TotalRow } from './queries/aggregate-spans.ts';

/**
 * The best groups in order: of the first facet as many as it asks for, within each of them of the second, and so on. A facet
 * that asks for a total has it behind its groups.
 *
 * @param rows Groups and the totals of what lies below each value.
 * @param orderedFrom Where the values begin that only serve for ordering, one for each facet ordered by a compute.
 */
export function chooseGroups(
  rows: readonly TotalRow[],
  groups: readonly Grouping[],
  orderedFrom: number,
): TotalRow[] {
  let next = orderedFrom;
  const orderIndex = groups.map(({ order }) => (order.by === 'compute' ? next++ : -1));
  const below = new Map<string, TotalRow[]>();
  for (const row of rows) {
    if (row.depth === 0) continue;
    const key = JSON.stringify(row.by.slice(0, row.depth - 1));
    const same = below.get(key);
    if (same === undefined) below.set(key, [row]);
    else same.push(row);
  }
  const everything = rows.find(({ depth }) => depth === 0);
  if (groups.length === 0) return everything === undefined ? [] : [everything];

  const chosen: TotalRow[] = [];
  const visit = (parent: TotalRow | undefined, depth: number): void => {
    const grouping = groups[depth]!;
    const children = below.get(JSON.stringify(parent?.by.slice(0, depth) ?? [])) ?? [];
    const ordered = children.toSorted(comparison(grouping, depth, orderIndex[depth]!));
    for (const row of ordered.slice(0, grouping.limit)) {
      if (depth === groups.length - 1) chosen.push(row);
      else visit(row, depth + 1);
    }
    if (grouping.total !== undefined && parent !== undefined) {
      chosen.push({ ...parent, by: parent.by.with(depth, grouping.total) });
    }
  };
  visit(everything, 0);
  return chosen;
}

/** Groups without a value come last, whichever way it goes; equal ones are in the order of their names. */
function comparison(
  { order, histogram }: Grouping,
  depth: number,
  valueIndex: number,
): (a: TotalRow, b: TotalRow) => number {
  const byName = (a: TotalRow, b: TotalRow): number => {
    const [x, y] = [a.by[depth]!, b.by[depth]!];
    if (histogram !== undefined) return Number(x) - Number(y);
    return x < y ? -1 : x > y ? 1 : 0;
  };
  const sign = order.descending ? -1 : 1;
  if (order.by === 'value') return (a, b) => sign * byName(a, b);
  return (a, b) => {
    const [x, y] = [a.values[valueIndex] ?? null, b.values[valueIndex] ?? null];
    if (x === null || y === null) {
      return x === y ? byName(a, b) : x === null ? 1 : -1;
    }
    return sign * (x - y) || byName(a, b);
  };
}
