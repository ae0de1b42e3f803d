import { type AwsFailure, classifyFailure, renewCredentials } from '@spanloom/aws';
import type { MetadataStore, RegionId, XRayReadMode } from '@spanloom/metadata';
import type { DecodeOutcome, IntakeRecord } from '@spanloom/model';
import type { AccountBudget } from './account-budget.ts';
import type { CrawlLimits, OperationName } from './crawl-limits.ts';
import { Operation } from './operation.ts';
import type { Pacer } from './pacer.ts';
import type { RegionRecord } from './region-record.ts';
import { TokenBucket } from './token-bucket.ts';
import type { XRayAccount } from './xray-account.ts';
import type { WatchedCalls } from './watched-calls.ts';

/** Stores a record durably before it resolves. Throws OverloadedError when there is no room at the moment. */
export type Accept = (record: IntakeRecord) => Promise<DecodeOutcome>;

/** Another region, whose traces may be parts of ours. */
interface RegionPeer {
  readonly context: RegionContext;
  readonly fetcher: { wake(): void };
}

/** What the parts that read one region share. */
export interface RegionContext {
  readonly id: RegionId;
  readonly account: XRayAccount;
  readonly calls: WatchedCalls;
  readonly operations: Readonly<Record<OperationName, Operation>>;
  readonly metadata: MetadataStore;
  readonly record: RegionRecord;
  readonly budget: AccountBudget;
  readonly limits: CrawlLimits;
  readonly pacer: Pacer;
  readonly accept: Accept;
  /** The time by AWS's clock, ms since the epoch: what is listed goes by it, and waiting by the pacer's. */
  readonly awsNow: () => number;
  /** How traces are read at present. */
  readonly mode: () => XRayReadMode;
  /** Whether AWS is still changing where it puts segments, so that they are in both places. */
  readonly changingMode: () => boolean;
  /** Another account and region, if it is read. */
  readonly peer: (id: RegionId) => RegionPeer | undefined;
}

const NAMES: readonly OperationName[] = [
  'GetTraceSummaries',
  'BatchGetTraces',
  'GetTraceSegmentDestination',
  'FilterLogEvents',
  'StartTraceRetrieval',
  'ListRetrievedTraces',
];

/** Reading does not depend on it, so it is not waited for as long as it takes. */
const MAX_THROTTLES: Partial<Record<OperationName, number>> = { GetTraceSegmentDestination: 3 };

/** A region's operations, each with a pace of its own, as AWS counts them. */
export function createOperations(options: {
  readonly account: XRayAccount;
  readonly region: string;
  readonly limits: CrawlLimits;
  readonly pacer: Pacer;
  readonly record: RegionRecord;
}): Readonly<Record<OperationName, Operation>> {
  const { account, region, limits, pacer, record } = options;
  const classify = (error: unknown, operation: string): AwsFailure =>
    classifyFailure(
      error,
      operation === 'FilterLogEvents' ? 'logs:FilterLogEvents' : operation,
      region,
    );
  const entries = NAMES.map((name) => [
    name,
    new Operation({
      name,
      bucket: new TokenBucket(limits.rates[name], pacer),
      pacer,
      deniedPauseMs: limits.deniedPauseMs,
      ...(MAX_THROTTLES[name] !== undefined && { maxThrottles: MAX_THROTTLES[name] }),
      classify,
      renew: () => renewCredentials(account),
      observer: record,
    }),
  ]);
  return Object.fromEntries(entries) as Record<OperationName, Operation>;
}
