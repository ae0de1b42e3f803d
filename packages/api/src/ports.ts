import type { TraceId } from '@spanloom/base';
import type { EnvironmentsResponse, SystemResponse } from '@spanloom/contract';
import type { Span } from '@spanloom/model';
import type {
  RecentSearch,
  SearchPage,
  SpanSearch,
  StoredSpan,
  TimeRange,
} from '@spanloom/storage';

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

/** Spans of the live tier in the order in which they arrived. */
export interface RecentReader {
  /** The newest `limit` that match, oldest of them first, and how many older ones there are, where that is known. */
  recent(
    search: RecentSearch,
    signal: AbortSignal,
  ): Promise<{ spans: readonly StoredSpan[]; omitted: number }>;
}

/** Facts about the running server. */
export interface SystemReader {
  system(signal: AbortSignal): Promise<SystemResponse>;
  /** Why writes or reads do not work right now; empty when they do. */
  unreadyReasons(): readonly string[];
  /** Prometheus text. */
  metricsText(): Promise<string>;
}
