import type { SpansAggregateBucket } from '@spanloom/contract';
import { MISSING } from './model.ts';

/** One group's value for each key; undefined where its spans do not have the key. */
export type GroupValues = readonly (string | undefined)[];

/** A group and what was computed for it. */
export interface Group {
  readonly values: GroupValues;
  readonly name: string;
  /** In the order of the computes; null where there was nothing to compute from. */
  readonly figures: readonly (number | null)[];
}

/** Reads buckets as groups, in their order. */
export function readGroups(
  buckets: readonly SpansAggregateBucket[],
  keys: readonly string[],
  computes: number,
): readonly Group[] {
  return buckets.map(({ attributes: { by, computes: found } }) => {
    const values = keys.map((key) => {
      const value = String(by[key] ?? MISSING);
      return value === MISSING ? undefined : value;
    });
    const figures = Array.from({ length: computes }, (_, i) => {
      const value = found[`c${i}`];
      return typeof value === 'number' ? value : null;
    });
    return { values, name: groupName(values), figures };
  });
}

/** `checkout, POST /orders`; what a group lacks is `N/A`. */
function groupName(values: GroupValues): string {
  return values.length === 0 ? 'all' : values.map((value) => value ?? 'N/A').join(', ');
}

/** What is left of each interval beside the groups shown; gaps count as nothing. Rounding must not show as less than nothing. */
export function restOf(
  all: readonly (number | null)[],
  shown: readonly (readonly (number | null)[])[],
): readonly number[] {
  return all.map((value, i) => {
    const sum = shown.reduce((total, series) => total + (series[i] ?? 0), 0);
    return Math.max(0, (value ?? 0) - sum);
  });
}

/** Each series on top of those before it. */
export function stacked(
  series: readonly (readonly (number | null)[])[],
): readonly (readonly number[])[] {
  const below: number[] = [];
  return series.map((values) =>
    values.map((value, i) => {
      below[i] = (below[i] ?? 0) + (value ?? 0);
      return below[i];
    }),
  );
}

/** Which of the stacked series is at a height; undefined above all of them. */
export function stackedAt(
  series: readonly (readonly number[])[],
  index: number,
  height: number,
): number | undefined {
  if (height < 0) return undefined;
  const found = series.findIndex((values, i) => {
    const below = i === 0 ? 0 : series[i - 1]![index]!;
    return height <= values[index]! && values[index]! > below;
  });
  return found === -1 ? undefined : found;
}

/** Which of the lines is nearest to a height. */
export function nearestAt(
  series: readonly (readonly (number | null)[])[],
  index: number,
  height: number,
): number | undefined {
  let best: number | undefined;
  let distance = Number.POSITIVE_INFINITY;
  series.forEach((values, i) => {
    const value = values[index];
    if (value === null || value === undefined || Math.abs(value - height) >= distance) return;
    best = i;
    distance = Math.abs(value - height);
  });
  return best;
}
