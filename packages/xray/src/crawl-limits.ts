const SECOND = 1000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

/** The numbers of the crawler. `docs/xray.md` says what each is for; tests make some of them smaller. */
export interface CrawlLimits {
  /** AWS is still adding to the last seconds: nothing later than now minus this is listed. */
  readonly settleMs: number;
  /** Each hot sweep looks this far back again. */
  readonly overlapMs: number;
  /** How far back a region is read that has never been read. */
  readonly firstLookbackMs: number;
  readonly latePeriodMs: number;
  readonly lateFromMs: number;
  readonly lateToMs: number;
  readonly deepPeriodMs: number;
  readonly backfillSliceMs: number;
  /** Calls per second to start with and to come back to after throttling. */
  readonly rates: Readonly<Record<OperationName, number>>;
  /** What a backfill may take of these, as a part of 1. */
  readonly backfillShare: number;
  /** Batches of one region that are fetched and written at once. */
  readonly concurrentFetches: number;
  /** How long a batch that is not full waits for more. */
  readonly fillBatchMs: number;
  /** Traces that may wait for their first fetch before listing waits. */
  readonly maxWaiting: number;
  readonly maxWaitingBackfill: number;
  /** How long an operation rests that AWS denies. */
  readonly deniedPauseMs: number;
  /** How often the destination of segments is looked up. */
  readonly modeCheckMs: number;
  readonly permissionCheckMs: number;
  /** Between two looks for regions with traces, where none are configured. */
  readonly discoveryMs: number;
  /** How long a trace is remembered. */
  readonly rememberMs: number;
}

/** The calls whose pace is kept. */
export type OperationName =
  | 'GetTraceSummaries'
  | 'BatchGetTraces'
  | 'GetTraceSegmentDestination'
  | 'FilterLogEvents'
  | 'StartTraceRetrieval'
  | 'ListRetrievedTraces';

/** What runs in production. */
export const DEFAULT_LIMITS: CrawlLimits = {
  settleMs: 15 * SECOND,
  overlapMs: MINUTE,
  firstLookbackMs: 15 * MINUTE,
  latePeriodMs: 15 * MINUTE,
  lateFromMs: 40 * MINUTE,
  lateToMs: 10 * MINUTE,
  deepPeriodMs: 6 * HOUR,
  backfillSliceMs: 15 * MINUTE,
  rates: {
    GetTraceSummaries: 2,
    BatchGetTraces: 5,
    GetTraceSegmentDestination: 1,
    FilterLogEvents: 3,
    StartTraceRetrieval: 1,
    ListRetrievedTraces: 3,
  },
  backfillShare: 0.5,
  concurrentFetches: 4,
  fillBatchMs: 250,
  maxWaiting: 100_000,
  maxWaitingBackfill: 5000,
  deniedPauseMs: 10 * MINUTE,
  modeCheckMs: HOUR,
  permissionCheckMs: 6 * HOUR,
  discoveryMs: HOUR,
  // X-Ray itself forgets after 30 days; two more so that the last sweep over them finds them known.
  rememberMs: 32 * DAY,
};

/** What X-Ray keeps. */
export const RETENTION_MS: number = 30 * DAY;
/** Ids that one BatchGetTraces takes. */
export const MAX_BATCH = 5;
/** Ids that one StartTraceRetrieval takes. */
export const MAX_RETRIEVAL = 100;
