import { withDuration, withOnly, withSelection } from '../../data/facet-clauses.ts';
import type { UrlChange } from '../../data/url.ts';
import type { GroupValues } from './groups.ts';

/** A part of a chart: of which group, when, how long. What is undefined is not narrowed. */
export interface Part {
  readonly keys?: readonly string[];
  readonly values?: GroupValues;
  /** Values of the only key that are shown beside the rest, which is what was picked. */
  readonly besides?: readonly string[];
  readonly fromMs?: number;
  readonly toMs?: number;
  readonly minNs?: number | undefined;
  readonly maxNs?: number | undefined;
}

/** The URL of the list of spans behind a part of a chart; undefined for a query that cannot be read. */
export function drillInto(q: string, part: Part): UrlChange | undefined {
  const { keys = [], values, besides, fromMs, toMs, minNs, maxNs } = part;
  let narrowed: string | undefined = q;
  keys.forEach((key, i) => {
    if (values === undefined || narrowed === undefined) return;
    narrowed = withOnly(narrowed, key, values[i]);
  });
  const [key] = keys;
  if (besides !== undefined && keys.length === 1 && key !== undefined) {
    narrowed = withSelection(q, key, { included: [], excluded: besides });
  }
  if (narrowed !== undefined && (minNs !== undefined || maxNs !== undefined)) {
    narrowed = withDuration(narrowed, { minNs, maxNs });
  }
  if (narrowed === undefined) return undefined;
  return {
    q: narrowed,
    view: undefined,
    sort: undefined,
    ...(fromMs !== undefined && toMs !== undefined && { from: String(fromMs), to: String(toMs) }),
  };
}
