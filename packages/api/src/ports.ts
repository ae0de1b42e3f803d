import type { EpochMillis, TraceId } from '@spanloom/base';
import type { EnvironmentsResponse, SystemResponse } from '@spanloom/contract';
import type { Span } from '@spanloom/model';
import type { Query } from '@spanloom/query';

/** A half-open range of wall-clock time. */
export interface TimeRange {
  readonly from: EpochMillis;
  readonly to: EpochMillis;
}

/** A stored row with what the store adds to a span. */
export interface StoredSpan {
  readonly span: Span;
  readonly tier: 'live' | 'kept';
  /** Number of the batch it was written with. */
  readonly batch: bigint;
}

/** One page of a search. */
export interface SearchPage {
  readonly spans: readonly StoredSpan[];
  /** Where the next page starts; undefined on the last one. */
  readonly next: string | undefined;
}

/** What to search for. */
export interface SpanSearch {
  readonly query: Query;
  readonly range: TimeRange;
  readonly order: 'newest' | 'oldest';
  readonly limit: number;
  /** A `next` of an earlier page of the same search. */
  readonly cursor: string | undefined;
}

/** What the routes read from: implemented by the store, and by anything else that answers the same questions. */
export interface SpanReader {
  /** Spans of one trace, each once, at most `limit`; and how many more there are. */
  trace(
    id: TraceId,
    options: { limit: number; signal: AbortSignal },
  ): Promise<{ spans: readonly Span[]; omitted: number }>;
  /** Every stored row of one trace, tier by tier. */
  rawTrace(
    id: TraceId,
    options: { limit: number; signal: AbortSignal },
  ): Promise<readonly StoredSpan[]>;
  /** @throws {BadRequestError} If the cursor is not one of ours. */
  search(search: SpanSearch, signal: AbortSignal): Promise<SearchPage>;
  environments(
    range: TimeRange,
    signal: AbortSignal,
  ): Promise<EnvironmentsResponse['environments']>;
}

/** Facts about the running server. */
export interface SystemReader {
  system(signal: AbortSignal): Promise<SystemResponse>;
  /** Why writes or reads do not work right now; empty when they do. */
  unreadyReasons(): readonly string[];
  /** Prometheus text. */
  metricsText(): Promise<string>;
}
