import type { SpansAggregateBucket } from '@spanloom/contract';
import type { FacetSelection } from '../../../data/facet-clauses.ts';

type Choice = 'included' | 'excluded' | 'none';

/** One value of a facet as the rail shows it. */
export interface FacetValue {
  readonly value: string;
  /** Undefined for a chosen value that is not among those counted. */
  readonly count: number | undefined;
  readonly choice: Choice;
}

/** Values by count, chosen ones that no span has after them, so that they can be taken back. */
export function facetValues(
  buckets: readonly SpansAggregateBucket[],
  selection: FacetSelection,
): readonly FacetValue[] {
  const included = new Set(selection.included);
  const excluded = new Set(selection.excluded);
  const choice = (value: string): Choice =>
    included.has(value) ? 'included' : excluded.has(value) ? 'excluded' : 'none';
  const counted = buckets.map(({ attributes: { by, computes } }): FacetValue => {
    const value = String(Object.values(by)[0] ?? '');
    const count = typeof computes['c0'] === 'number' ? computes['c0'] : 0;
    return { value, count, choice: choice(value) };
  });
  const seen = new Set(counted.map(({ value }) => value));
  const rest = [...selection.included, ...selection.excluded]
    .filter((value) => !seen.has(value))
    .map((value): FacetValue => ({ value, count: undefined, choice: choice(value) }));
  return [...counted, ...rest];
}

/** What a click on the box does: an excluded value comes back, others go in and out of those asked for. */
export function toggled(selection: FacetSelection, value: string): FacetSelection {
  const { included, excluded } = selection;
  if (excluded.includes(value)) return { ...selection, excluded: without(excluded, value) };
  return {
    ...selection,
    included: included.includes(value) ? without(included, value) : [...included, value],
  };
}

/** Leaves a value out, or lets it in again. */
export function toggledExclusion(selection: FacetSelection, value: string): FacetSelection {
  const { included, excluded } = selection;
  if (excluded.includes(value)) return { ...selection, excluded: without(excluded, value) };
  return {
    ...selection,
    included: without(included, value),
    excluded: [...excluded, value],
  };
}

/** The values to show: all while searching, else the first few and every chosen one. */
export function shownValues(
  values: readonly FacetValue[],
  { limit, search }: { readonly limit: number; readonly search: string },
): readonly FacetValue[] {
  const text = search.trim().toLowerCase();
  if (text !== '') return values.filter(({ value }) => value.toLowerCase().includes(text));
  return values.filter(({ choice }, index) => index < limit || choice !== 'none');
}

function without(values: readonly string[], value: string): readonly string[] {
  return values.filter((other) => other !== value);
}
