import { z } from 'zod';

/** What is computed. `count` with a metric counts spans that have it. */
export type SpansAggregationFunction =
  | 'count'
  | 'cardinality'
  | 'pc75'
  | 'pc90'
  | 'pc95'
  | 'pc98'
  | 'pc99'
  | 'sum'
  | 'min'
  | 'max'
  | 'avg'
  | 'median';

export interface SpansCompute {
  readonly aggregation: SpansAggregationFunction;
  /** `5m`; of a timeseries, about 150 points unless given. */
  readonly interval?: string;
  readonly metric?: string;
  readonly type?: 'timeseries' | 'total';
}

export interface SpansGroupBy {
  readonly facet: string;
  readonly histogram?: { readonly interval: number; readonly max: number; readonly min: number };
  readonly limit?: number;
  /** Stands for spans without the facet, which are left out otherwise. */
  readonly missing?: string | number;
  readonly sort?: {
    readonly aggregation?: SpansAggregationFunction;
    readonly metric?: string;
    readonly order?: 'asc' | 'desc';
    readonly type?: 'alphabetical' | 'measure';
  };
  /** A further bucket over all: under this name, or `$total`. */
  readonly total?: boolean | string | number;
}

/** `POST /api/v2/spans/analytics/aggregate`, in the shape existing API clients send. */
export interface SpansAggregateRequest {
  readonly data: {
    readonly type: 'aggregate_request';
    readonly attributes?: {
      readonly compute?: readonly SpansCompute[];
      readonly filter?: { readonly from?: string; readonly to?: string; readonly query?: string };
      readonly group_by?: readonly SpansGroupBy[];
      readonly options?: { readonly timezone?: string; readonly timeOffset?: number };
    };
  };
}

const aggregation: z.ZodType<SpansAggregationFunction> = z.enum([
  'count',
  'cardinality',
  'pc75',
  'pc90',
  'pc95',
  'pc98',
  'pc99',
  'sum',
  'min',
  'max',
  'avg',
  'median',
]);

/** Parses the body of an aggregation; unknown fields are errors that name them. */
export const SpansAggregateRequest: z.ZodType<SpansAggregateRequest> = z.strictObject({
  data: z.strictObject({
    type: z.literal('aggregate_request'),
    attributes: z
      .strictObject({
        compute: z
          .array(
            z.strictObject({
              aggregation,
              interval: z.string().exactOptional(),
              metric: z.string().exactOptional(),
              type: z.enum(['timeseries', 'total']).exactOptional(),
            }),
          )
          .max(20)
          .exactOptional(),
        filter: z
          .strictObject({
            from: z.string().exactOptional(),
            to: z.string().exactOptional(),
            query: z.string().exactOptional(),
          })
          .exactOptional(),
        group_by: z
          .array(
            z.strictObject({
              facet: z.string().min(1),
              histogram: z
                .strictObject({ interval: z.number().positive(), max: z.number(), min: z.number() })
                .exactOptional(),
              limit: z.number().int().min(1).max(1000).exactOptional(),
              missing: z.union([z.string(), z.number()]).exactOptional(),
              sort: z
                .strictObject({
                  aggregation: aggregation.exactOptional(),
                  metric: z.string().exactOptional(),
                  order: z.enum(['asc', 'desc']).exactOptional(),
                  type: z.enum(['alphabetical', 'measure']).exactOptional(),
                })
                .exactOptional(),
              total: z.union([z.boolean(), z.string(), z.number()]).exactOptional(),
            }),
          )
          .max(4)
          .exactOptional(),
        options: z
          .strictObject({
            timezone: z.string().exactOptional(),
            timeOffset: z.number().exactOptional(),
          })
          .exactOptional(),
      })
      .exactOptional(),
  }),
});

/** One value, or one for each interval. */
export type SpansAggregateValue =
  | number
  | null
  | readonly { readonly time: string; readonly value: number | null }[];

export interface SpansAggregateBucket {
  readonly type: 'bucket';
  readonly id: string;
  readonly attributes: {
    readonly by: Readonly<Record<string, string | number>>;
    /** `c0`, `c1`, … in the order of the computes. */
    readonly computes: Readonly<Record<string, SpansAggregateValue>>;
  };
}

export interface SpansAggregateResponse {
  readonly data: readonly SpansAggregateBucket[];
  readonly meta: {
    /** Milliseconds. */
    readonly elapsed: number;
    readonly request_id: string;
    readonly status: 'done';
    readonly warnings: readonly {
      readonly code: string;
      readonly title: string;
      readonly detail: string;
    }[];
  };
}
