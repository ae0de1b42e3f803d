import type { DurationLimits } from '../../../data/facet-clauses.ts';

interface Steps {
  readonly edges: readonly number[];
  readonly counts: readonly number[];
}

/** Without the empty steps at both ends. */
export function trimmed({ edges, counts }: Steps): Steps {
  const first = counts.findIndex((count) => count > 0);
  if (first === -1) return { edges: [], counts: [] };
  const last = counts.findLastIndex((count) => count > 0);
  return { edges: edges.slice(first, last + 2), counts: counts.slice(first, last + 1) };
}

/** Where the two ends stand for the limits of a query; outside of the edges means at the end. */
export function edgeIndices(
  edges: readonly number[],
  { minNs, maxNs }: DurationLimits,
): readonly [number, number] {
  const last = edges.length - 1;
  const low = minNs === undefined ? 0 : nearest(edges, minNs);
  const high = maxNs === undefined || maxNs >= edges[last]! ? last : nearest(edges, maxNs);
  const from = Math.min(low, last - 1);
  return [from, Math.max(high, from + 1)];
}

/** The limits that two ends stand for; an end left where it was sets none. */
export function limitsOf(
  edges: readonly number[],
  [low, high]: readonly [number, number],
): DurationLimits {
  return {
    minNs: low === 0 ? undefined : edges[low],
    maxNs: high === edges.length - 1 ? undefined : edges[high],
  };
}

function nearest(edges: readonly number[], ns: number): number {
  let best = 0;
  edges.forEach((edge, i) => {
    if (Math.abs(Math.log(edge / ns)) < Math.abs(Math.log(edges[best]! / ns))) best = i;
  });
  return best;
}
