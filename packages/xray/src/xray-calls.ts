import type { TraceListing } from './trace-schedule.ts';

/** Which traces to list. Times are ms since the epoch, half-open. */
export interface ListRequest {
  readonly from: number;
  readonly to: number;
  /** By when a trace was active, when its work ended, or when its id was made. */
  readonly by: 'event' | 'service' | 'id';
  readonly filter: string | undefined;
  /** Below 1: only that part. */
  readonly samplingRate: number;
  readonly nextToken: string | undefined;
}

/** One page of a listing. */
export interface ListPage {
  readonly traces: readonly TraceListing[];
  /** What AWS looked at for it, and charges for. */
  readonly scanned: number;
  readonly nextToken: string | undefined;
}

/** A trace's documents. */
export interface FetchedTrace {
  readonly xrayId: string;
  readonly documents: readonly string[];
  readonly limitExceeded: boolean;
}

/** What one call for up to five traces returned. Ids it neither returns nor names unprocessed are absent. */
export interface FetchPage {
  readonly traces: readonly FetchedTrace[];
  readonly unprocessed: readonly string[];
  readonly nextToken: string | undefined;
}

/** Where X-Ray puts segments. */
export interface SegmentDestination {
  readonly kind: 'xray' | 'logs';
  /** False while AWS is still switching. */
  readonly active: boolean;
}

/** How a retrieval by Transaction Search is getting on. */
export interface RetrievalPage {
  readonly status: 'working' | 'complete' | 'failed';
  /** As AWS names it. */
  readonly statusName: string;
  readonly traces: readonly FetchedTrace[];
  readonly nextToken: string | undefined;
}

/** The calls of AWS that reading traces takes, each exactly one request. Whatever AWS answers other than success is thrown. */
export interface XRayCalls {
  listTraces(request: ListRequest, signal: AbortSignal): Promise<ListPage>;
  fetchTraces(
    ids: readonly string[],
    nextToken: string | undefined,
    signal: AbortSignal,
  ): Promise<FetchPage>;
  destination(signal: AbortSignal): Promise<SegmentDestination>;
  /** Traces of which spans are in Transaction Search's log group. */
  listSpanRecords(
    request: { from: number; to: number; nextToken: string | undefined },
    signal: AbortSignal,
  ): Promise<ListPage>;
  /** @returns The token to ask for the result with. */
  startRetrieval(
    request: { ids: readonly string[]; from: number; to: number },
    signal: AbortSignal,
  ): Promise<string>;
  retrieved(
    token: string,
    nextToken: string | undefined,
    signal: AbortSignal,
  ): Promise<RetrievalPage>;
  cancelRetrieval(token: string, signal: AbortSignal): Promise<void>;
  close(): void;
}
