import type { TraceId } from '@spanloom/base';
import type {
  EnvironmentsResponse,
  SystemResponse,
  XRayBackfill,
  XRayBackfillRequest,
  XRayRegionStatus,
  XRayStatusResponse,
} from '@spanloom/contract';
import type { XRayCoverage } from '@spanloom/merge';
import type { Span, TraceKey, TraceKeyKind } from '@spanloom/model';
import type {
  AggregationResult,
  RecentSearch,
  SearchPage,
  ServiceMap,
  SpanAggregation,
  SpanSearch,
  StoredSpan,
  TimeRange,
} from '@spanloom/storage';

/** What the routes read from: implemented by the store, and by anything else that answers the same questions. */
export interface SpanReader {
  /** Spans of traces, at most `limit`; and how many more there are. */
  traces(
    ids: readonly TraceId[],
    options: { limit: number; signal: AbortSignal },
  ): Promise<{ spans: readonly Span[]; omitted: number }>;
  /** Which traces state one of these keys, except those with these join keys; at most `limit` for each thousand keys. */
  tracesByKey(
    keys: readonly { readonly kind: TraceKeyKind; readonly key: bigint }[],
    options: { except: readonly bigint[]; limit: number; signal: AbortSignal },
  ): Promise<readonly TraceKey[]>;
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

/** Computes over spans. */
export interface SpanAnalyticsReader {
  /** @throws {LimitError} If it costs more than one question may. */
  aggregate(wanted: SpanAggregation, signal: AbortSignal): Promise<AggregationResult>;
}

/** Services and their calls, as stored spans tell them. */
export interface ServicesReader {
  /** @throws {LimitError} If it costs more than one question may. */
  map(
    wanted: { readonly env: string | undefined; readonly range: TimeRange },
    signal: AbortSignal,
  ): Promise<ServiceMap>;
}

/** Facts about the running server. */
export interface SystemReader {
  system(signal: AbortSignal): Promise<SystemResponse>;
  /** Why writes or reads do not work right now; empty when they do. */
  unreadyReasons(): readonly string[];
  /** Prometheus text. */
  metricsText(): Promise<string>;
}

/** The reading of AWS X-Ray, seen and steered. */
export interface XRayControl {
  status(): XRayStatusResponse;
  /** How far X-Ray has been read; undefined when nothing reads it. */
  coverage(): XRayCoverage | undefined;
  /** Tries every call that reading needs. @throws {NotFoundError} If that region is not configured. */
  check(account: string, region: string): Promise<XRayRegionStatus>;
  /** Lists what is new without waiting for the next round. */
  crawlNow(): void;
  /** @throws {BadRequestError} If the range cannot be read. */
  backfill(request: XRayBackfillRequest): Promise<XRayBackfill>;
  /** @throws {NotFoundError} */
  backfillStatus(id: string): Promise<XRayBackfill>;
  /** @throws {NotFoundError} */
  cancelBackfill(id: string): Promise<XRayBackfill>;
  /** What the role needs to be allowed. */
  policy(format: 'json' | 'cloudformation'): string;
}
