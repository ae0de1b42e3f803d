import { LimitError } from '@spanloom/base';
import type { Compute, Grouping, Predicate, TimeBuckets } from '@spanloom/query';
import type { Precision } from '@spanloom/sql';
import { chooseGroups } from './choose-groups.ts';
import type { Database } from './database.ts';
import {
  type AggregateQuery,
  aggregateSeries,
  aggregateTotals,
  MAX_GROUPS,
} from './queries/aggregate-spans.ts';
import type { TimeRange } from './queries/search-spans.ts';

/** What to compute, over which spans, by which facets. */
export interface SpanAggregation {
  readonly predicate: Predicate;
  readonly range: TimeRange;
  readonly computes: readonly Compute[];
  readonly groups: readonly Grouping[];
  /** The computes that are wanted over time, by index, and in which intervals. */
  readonly series?: { readonly computes: readonly number[]; readonly buckets: TimeBuckets };
}

/** One group and what came out of it. */
export interface AggregatedGroup {
  /** Its value for each facet. */
  readonly by: readonly string[];
  /** For each compute; null where there was nothing to compute from. */
  readonly values: readonly (number | null)[];
  /** For each compute wanted over time, oldest first; intervals without a span are left out. */
  readonly series: readonly (readonly { readonly time: number; readonly value: number | null }[])[];
}

export interface AggregationResult {
  readonly groups: readonly AggregatedGroup[];
  /** There were more groups than are looked at. */
  readonly truncated: boolean;
  /** Percentiles are right within 0.5 %, numbers of distinct values within 2 %: exact ones would have cost too much memory. */
  readonly approximate: boolean;
}

/** Computes over spans, live and kept together, each span once. */
export class SpanAnalytics {
  readonly #database: Database;

  constructor(database: Database) {
    this.#database = database;
  }

  /**
   * Exact where that is affordable; from sketches where exact values exceed the memory a question may use.
   * @throws {LimitError} If even sketches cost too much.
   */
  async aggregate(wanted: SpanAggregation, signal?: AbortSignal): Promise<AggregationResult> {
    try {
      return await this.#run(wanted, 'exact', signal);
    } catch (error) {
      const canSketch = wanted.computes.some(
        ({ kind }) => kind === 'percentile' || kind === 'cardinality',
      );
      if (!(error instanceof LimitError) || !canSketch) throw error;
      return this.#run(wanted, 'sketched', signal);
    }
  }

  async #run(
    wanted: SpanAggregation,
    precision: Precision,
    signal: AbortSignal | undefined,
  ): Promise<AggregationResult> {
    const { groups, predicate, range, series } = wanted;
    const orders = groups.flatMap(({ order }) => (order.by === 'compute' ? [order.compute] : []));
    const query: AggregateQuery = {
      predicate,
      range,
      groups,
      computes: [...wanted.computes, ...orders],
      precision,
    };
    const options = { tag: 'aggregate', ...(signal !== undefined && { signal }) };
    const totals = await this.#database.query(aggregateTotals(query), options);
    const chosen = chooseGroups(totals, groups, wanted.computes.length);
    const results = chosen.map((row) => ({
      by: row.by,
      values: row.values.slice(0, wanted.computes.length),
      series: (series?.computes ?? []).map((): { time: number; value: number | null }[] => []),
    }));
    if (series !== undefined && (results.length > 0 || groups.length === 0)) {
      const byKey = new Map(results.map((result) => [JSON.stringify(result.by), result]));
      const points = await this.#database.query(
        aggregateSeries(
          { ...query, computes: series.computes.map((index) => wanted.computes[index]!) },
          series.buckets,
          chosen.filter(({ depth }) => depth === groups.length).map(({ by }) => by),
        ),
        options,
      );
      for (const { by, time, values } of points) {
        const result = byKey.get(JSON.stringify(by));
        values.forEach((value, index) => result?.series[index]!.push({ time, value }));
      }
    }
    return {
      groups: results,
      truncated: totals.length > MAX_GROUPS,
      approximate: precision === 'sketched',
    };
  }
}
