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
