import type { TraceId } from '@spanloom/base';
import type { SpanKindName, SpanSourceName } from './predicate.ts';

/**
 * A span as the query language sees it: what a stored row holds, by name.
 *
 * Absent text is '' and an absent HTTP status 0, as in the store.
 */
export interface SpanView {
  readonly service: string;
  readonly name: string;
  readonly resource: string;
  readonly type: string;
  readonly env: string;
  readonly version: string;
  readonly kind: SpanKindName;
  readonly error: boolean;
  /** Nanoseconds. */
  readonly duration: number;
  /** Nanoseconds since the epoch. */
  readonly start: bigint;
  readonly traceId: TraceId;
  readonly spanId: bigint;
  /** 0 for a root span. */
  readonly parentId: bigint;
  readonly source: SpanSourceName;
  /** Whether the span is where its service is entered. */
  readonly entry: boolean;
  /** Name of the function that ran it. */
  readonly function: string;
  readonly region: string;
  readonly httpMethod: string;
  readonly httpStatus: number;
  readonly cold: boolean;
  /** All text attributes, those that have a field of their own included. */
  readonly attributes: ReadonlyMap<string, string>;
  /** All numeric attributes. */
  readonly metrics: ReadonlyMap<string, number>;
}

/** The fields that ingest copies out of attributes. */
export type PromotedFields = Pick<
  SpanView,
  'function' | 'region' | 'httpMethod' | 'httpStatus' | 'cold'
>;

/**
 * Finds the fields that the store keeps beside the attributes, for views that are made from attributes alone, such as
 * those of an open trace in a browser. The keys are those that ingest looks at.
 */
export function promotedFields(
  attributes: ReadonlyMap<string, string>,
  metrics: ReadonlyMap<string, number>,
): PromotedFields {
  const first = (...keys: readonly string[]): string =>
    keys.map((key) => attributes.get(key)).find((text) => text !== undefined) ?? '';
  const arn = (attributes.get('function_arn') ?? '').split(':');
  const isFunction = arn[2] === 'lambda' && arn[5] === 'function';
  const statusKeys = ['http.status_code', 'http.response.status_code'];
  const status = statusKeys
    .map((key) => Number(attributes.get(key) ?? metrics.get(key) ?? 0))
    .find((code) => Number.isInteger(code) && code >= 100 && code <= 599);
  return {
    function: first('functionname') || (isFunction ? (arn[6] ?? '') : ''),
    region:
      first('region', 'aws_region', 'aws.region', 'cloud.region') ||
      (isFunction ? (arn[3] ?? '') : ''),
    httpMethod: first('http.method', 'http.request.method'),
    httpStatus: status ?? 0,
    cold: /^t/i.test(first('cold_start')),
  };
}
