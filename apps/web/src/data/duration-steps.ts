import type { SpansAggregateBucket, SpansGroupBy } from '@spanloom/contract';

/** Where the steps of one decade begin: near enough even on a logarithmic scale, and multiples of a half. */
const STEPS = [1, 1.5, 2, 3, 4.5, 6.5] as const;
/** Shorter than a microsecond nothing is measured. */
const SHORTEST = 3;
const LONGEST = 13;

/** Powers of ten, ns, of the decades that hold everything from the shortest to the longest. */
export function decadesOf(minNs: number, maxNs: number): readonly number[] {
  const [first, last] = [power(minNs), power(maxNs)];
  return Array.from({ length: last - first + 1 }, (_, i) => 10 ** (first + i));
}

function power(ns: number): number {
  return Math.min(LONGEST, Math.max(SHORTEST, Math.floor(Math.log10(Math.max(1, ns)) + 1e-12)));
}

/** Where the steps of the decades begin, and where the last one ends. */
export function edgesOf(decades: readonly number[]): readonly number[] {
  return [...decades.flatMap((decade) => STEPS.map((step) => step * decade)), decades.at(-1)! * 10];
}

/** The step a duration lies in; -1 outside of all. */
export function stepOf(edges: readonly number[], ns: number): number {
  if (ns < edges[0]! || ns >= edges.at(-1)!) return -1;
  let low = 0;
  let high = edges.length - 1;
  while (high - low > 1) {
    const middle = (low + high) >> 1;
    if (edges[middle]! <= ns) low = middle;
    else high = middle;
  }
  return low;
}

const OTHER = 'other';
/** Two names of one number: two histograms in one question, where a span is in one of them and `other` in the other. */
const NAMES = ['duration', '@duration'] as const;

/** Decades by twos, each pair as the groups of one question. A linear histogram per decade makes steps that grow. */
export function decadeGroups(decades: readonly number[]): readonly (readonly SpansGroupBy[])[] {
  const pairs: SpansGroupBy[][] = [];
  for (let i = 0; i < decades.length; i += NAMES.length) {
    pairs.push(
      decades.slice(i, i + NAMES.length).map((decade, j) => ({
        facet: NAMES[j]!,
        histogram: { min: decade, max: decade * 10, interval: decade / 2 },
        missing: OTHER,
      })),
    );
  }
  return pairs;
}

/** The duration a bucket stands for, a little above its lower end because sums of halves are not exact. */
export function bucketDuration({ attributes: { by } }: SpansAggregateBucket): number | undefined {
  const value = Object.values(by).find((each) => each !== OTHER);
  return typeof value === 'number' ? value * (1 + 1e-9) : undefined;
}
