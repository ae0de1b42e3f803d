import type { SpansAggregationFunction, SpansCompute, SpansGroupBy } from '@spanloom/contract';
import { parseFacet } from '@spanloom/query';
import type { UrlParams } from '../../data/url.ts';
import { parseInterval } from '../../data/time-buckets.ts';

/** How matching spans are looked at. */
const views = ['list', 'timeseries', 'top', 'table', 'scatter', 'heatmap'] as const;
export type View = (typeof views)[number];

/** One figure: how many, or something of a key's values. */
export interface Compute {
  readonly aggregation: SpansAggregationFunction;
  /** Undefined only for a count of spans. */
  readonly metric: string | undefined;
}

export type Display = 'bars' | 'lines' | 'area';

/** What is computed, by what, and how it is shown. */
export interface AnalyticsModel {
  readonly view: View;
  /** At least one; the first is the one that timeseries and top list show. */
  readonly computes: readonly Compute[];
  readonly by: readonly string[];
  /** Groups of each key. */
  readonly top: number;
  /** Undefined where the range decides. */
  readonly intervalMs: number | undefined;
  readonly display: Display | undefined;
  /** Which compute orders the table, and which way. */
  readonly order: { readonly index: number; readonly descending: boolean };
}

export const aggregations: readonly {
  readonly value: SpansAggregationFunction;
  readonly text: string;
}[] = [
  { value: 'count', text: 'count' },
  { value: 'cardinality', text: 'distinct' },
  { value: 'sum', text: 'sum' },
  { value: 'avg', text: 'average' },
  { value: 'min', text: 'minimum' },
  { value: 'max', text: 'maximum' },
  { value: 'median', text: 'p50' },
  { value: 'pc75', text: 'p75' },
  { value: 'pc90', text: 'p90' },
  { value: 'pc95', text: 'p95' },
  { value: 'pc98', text: 'p98' },
  { value: 'pc99', text: 'p99' },
];

const NAMES = new Map(aggregations.map(({ value, text }) => [value, text]));

export const COUNT: Compute = { aggregation: 'count', metric: undefined };
export const MOST_COMPUTES = 6;
export const MOST_KEYS = 3;
const DEFAULT_TOP = 10;
const MOST_TOP = 100;
/** Stands for spans that do not have the key. No value is spelled like this. */
export const MISSING = '\u2205';

/** Reads the model from the URL; what makes no sense falls back by itself. */
export function readModel(params: UrlParams): AnalyticsModel {
  const computes = (params.agg ?? '').split(',').flatMap((text) => parseCompute(text) ?? []);
  const top = Number(params.top);
  const order = /^(-?)c(\d)$/.exec(params.sort ?? '');
  const view = views.find((each) => each === params.view) ?? 'list';
  const display = params.disp;
  const by = (params.by ?? '')
    .split(',')
    .filter((key) => parseFacet(key) !== undefined)
    .slice(0, MOST_KEYS);
  return {
    view,
    computes: computes.length === 0 ? [COUNT] : computes.slice(0, MOST_COMPUTES),
    // A top list of nothing in particular would have one row.
    by: view === 'top' && by.length === 0 ? ['service'] : by,
    top: Number.isInteger(top) && top >= 1 ? Math.min(top, MOST_TOP) : DEFAULT_TOP,
    intervalMs: parseInterval(params.rollup),
    display: display === 'bars' || display === 'lines' || display === 'area' ? display : undefined,
    order: { index: Number(order?.[2] ?? 0), descending: order?.[1] !== '' },
  };
}

/** `count`, `pc95:@duration`; undefined for anything else. */
export function parseCompute(text: string): Compute | undefined {
  const [name, ...rest] = text.split(':');
  const aggregation = aggregations.find(({ value }) => value === name)?.value;
  if (aggregation === undefined) return undefined;
  const metric = rest.length === 0 ? undefined : rest.join(':');
  if (metric === undefined) return aggregation === 'count' ? COUNT : undefined;
  return parseFacet(metric) === undefined ? undefined : { aggregation, metric };
}

export function computeParam({ aggregation, metric }: Compute): string {
  return metric === undefined ? aggregation : `${aggregation}:${metric}`;
}

/** `count`, `p95 of duration`. */
export function computeText({ aggregation, metric }: Compute): string {
  const name = NAMES.get(aggregation) ?? aggregation;
  return metric === undefined ? name : `${name} of ${metric.replace(/^@/, '')}`;
}

/** Whether values of groups add up to the value of all, so that a rest can be shown. */
export function isAdditive({ aggregation }: Compute): boolean {
  return aggregation === 'count' || aggregation === 'sum';
}

/** Whether values are durations in nanoseconds. */
export function isDuration({ aggregation, metric }: Compute): boolean {
  return (
    aggregation !== 'count' &&
    aggregation !== 'cardinality' &&
    metric !== undefined &&
    parseFacet(metric)?.target.kind === 'duration'
  );
}

/** How values over time are drawn unless chosen: what adds up as bars, what does not as lines. */
export function displayOf({ display, computes }: AnalyticsModel): Display {
  return display ?? (isAdditive(computes[0]!) ? 'bars' : 'lines');
}

/** A compute as requests spell it. */
export function toCompute({ aggregation, metric }: Compute): SpansCompute {
  return { aggregation, ...(metric !== undefined && { metric }) };
}

/** The groups of a request: the best by one compute, spans without a key among them. */
export function toGroups(
  keys: readonly string[],
  order: { readonly compute: Compute; readonly descending: boolean; readonly limit: number },
): readonly SpansGroupBy[] {
  const { aggregation, metric } = order.compute;
  return keys.map((facet) => ({
    facet,
    limit: order.limit,
    missing: MISSING,
    sort: {
      type: 'measure',
      aggregation,
      ...(metric !== undefined && { metric }),
      order: order.descending ? 'desc' : 'asc',
    },
  }));
}
