import type { Facet } from './facet.ts';

/**
 * What is computed over spans.
 *
 * - `count`: of spans; of those that have the facet, where one is given.
 * - `cardinality`: of distinct values of the facet.
 * - `percentile`: the value below or at which that share of values lies (nearest rank, the lower of two).
 * - the others: of the facet's numbers; spans without one are passed over.
 */
export type Compute =
  | { readonly kind: 'count'; readonly facet?: Facet }
  | { readonly kind: 'cardinality' | 'sum' | 'avg' | 'min' | 'max'; readonly facet: Facet }
  | { readonly kind: 'percentile'; readonly facet: Facet; readonly level: number };

/** How the groups of one facet are chosen. */
export type GroupOrder =
  | { readonly by: 'value'; readonly descending: boolean }
  | { readonly by: 'compute'; readonly compute: Compute; readonly descending: boolean };

/** One facet that spans are grouped by. Below another facet the best groups are chosen within each group of that one. */
export interface Grouping {
  readonly facet: Facet;
  readonly limit: number;
  readonly order: GroupOrder;
  /** Stands for spans without the facet; without it they are left out. */
  readonly missing?: string;
  /** Groups numbers by intervals from `min` on; numbers outside are left out. */
  readonly histogram?: { readonly interval: number; readonly min: number; readonly max: number };
  /** A further group over all the groups of this facet, under this name. */
  readonly total?: string;
}

/** Values over time: intervals of so many ms since the epoch, moved by an offset for a time zone. */
export interface TimeBuckets {
  readonly intervalMs: number;
  readonly offsetMs: number;
}
