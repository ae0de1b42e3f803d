import { CloudWatchLogsClient, FilterLogEventsCommand } from '@aws-sdk/client-cloudwatch-logs';
import {
  BatchGetTracesCommand,
  CancelTraceRetrievalCommand,
  GetEncryptionConfigCommand,
  GetIndexingRulesCommand,
  GetTraceSegmentDestinationCommand,
  GetTraceSummariesCommand,
  ListRetrievedTracesCommand,
  StartTraceRetrievalCommand,
  XRayClient,
} from '@aws-sdk/client-xray';
import type { Clock } from '@spanloom/base';
import { type AwsFailure, classifyFailure } from './aws-failure.ts';
import type { AwsClientConfig } from './client-config.ts';
import { UNNAMED_KEY } from './failure-fix.ts';
import { SPANS_LOG_GROUP, type XRayActionName } from './xray-actions.ts';

/** What came of trying a call. */
export interface ProbeResult {
  readonly status: 'allowed' | 'denied' | 'unknown';
  readonly failure?: AwsFailure;
}

/** A well-formed id that no trace has: its time is the year 1970. */
const NO_TRACE = '1-00000000-000000000000000000000000';
const NO_TOKEN = '00000000-0000-0000-0000-000000000000';
/** Listing is charged by the trace; a minute is enough to see that it works. */
const WINDOW_MS = 60_000;
/** Where a trace is needed to try the key on, up to this much is looked through, once. */
const WIDE_WINDOW_MS = 30 * 60_000;

/**
 * The calls of one check, each made once. They learn from each other: a listed trace is what reading is tried on, and the token of
 * a retrieval serves the calls that follow.
 */
export class XRayProbes {
  readonly #config: AwsClientConfig;
  readonly #clock: Clock;
  readonly #signal: AbortSignal | undefined;
  readonly #xray: XRayClient;
  readonly #logs: CloudWatchLogsClient;
  #traceId: string | undefined;
  /** Reading was let through, to a trace that exists or to none. */
  #mayRead = false;
  #keyRefused: AwsFailure | undefined;
  #retrievalToken: string | undefined;
  #transactionSearch = false;
  #ownKey: string | undefined;

  constructor(config: AwsClientConfig, clock: Clock, signal: AbortSignal | undefined) {
    this.#config = config;
    this.#clock = clock;
    this.#signal = signal;
    this.#xray = new XRayClient(config);
    this.#logs = new CloudWatchLogsClient(config);
  }

  /** Makes the call of one permission. */
  async try(action: XRayActionName): Promise<ProbeResult> {
    const result = await this.#attempt(action, () => this.#call(action));
    if (action === 'xray:BatchGetTraces') this.#mayRead = result.status === 'allowed';
    return result;
  }

  /** Whether what was seen so far makes a permission necessary: with Transaction Search on, the classic calls see next to nothing. */
  isRequired(action: XRayActionName): boolean {
    return this.#transactionSearch && NEEDED_BY_TRANSACTION_SEARCH.has(action);
  }

  /** Whether the account's own key may be used; `undefined` when X-Ray encrypts with none. Call after the others. */
  async tryKey(): Promise<ProbeResult | undefined> {
    const keyId = this.#ownKey;
    if (this.#keyRefused === undefined) {
      if (keyId === undefined) return undefined;
      if (this.#traceId === undefined && this.#mayRead) {
        const reading = await this.#attempt('xray:BatchGetTraces', async () => {
          this.#traceId = await this.#listOne(WIDE_WINDOW_MS);
          if (this.#traceId !== undefined) await this.#readTrace(this.#traceId);
        });
        this.#mayRead = reading.status === 'allowed';
      }
    }
    if (this.#keyRefused !== undefined) {
      return { status: 'denied', failure: withKey(this.#keyRefused, keyId) };
    }
    // Without a trace to read there is nothing that the key could have been tried on.
    return { status: this.#mayRead && this.#traceId !== undefined ? 'allowed' : 'unknown' };
  }

  /** Closes connections. */
  close(): void {
    this.#xray.destroy();
    this.#logs.destroy();
  }

  async #call(action: XRayActionName): Promise<void> {
    const options = this.#signal === undefined ? {} : { abortSignal: this.#signal };
    switch (action) {
      case 'xray:GetTraceSummaries':
        this.#traceId = await this.#listOne(WINDOW_MS);
        return;
      case 'xray:BatchGetTraces':
        await this.#readTrace(this.#traceId ?? NO_TRACE);
        return;
      case 'xray:GetEncryptionConfig': {
        const { EncryptionConfig: found } = await this.#xray.send(
          new GetEncryptionConfigCommand({}),
          options,
        );
        if (found?.Type === 'KMS' && !isAwsManaged(found.KeyId)) this.#ownKey = found.KeyId ?? '';
        return;
      }
      case 'xray:GetTraceSegmentDestination': {
        const command = new GetTraceSegmentDestinationCommand({});
        const { Destination } = await this.#xray.send(command, options);
        this.#transactionSearch = Destination === 'CloudWatchLogs';
        return;
      }
      case 'xray:GetIndexingRules':
        await this.#xray.send(new GetIndexingRulesCommand({}), options);
        return;
      case 'xray:StartTraceRetrieval': {
        const now = this.#clock.now();
        const command = new StartTraceRetrievalCommand({
          TraceIds: [this.#traceId ?? NO_TRACE],
          StartTime: new Date(now - WINDOW_MS),
          EndTime: new Date(now),
        });
        this.#retrievalToken = (await this.#xray.send(command, options)).RetrievalToken;
        return;
      }
      case 'xray:ListRetrievedTraces': {
        const RetrievalToken = this.#retrievalToken ?? NO_TOKEN;
        await this.#xray.send(new ListRetrievedTracesCommand({ RetrievalToken }), options);
        return;
      }
      case 'xray:CancelTraceRetrieval': {
        const RetrievalToken = this.#retrievalToken ?? NO_TOKEN;
        await this.#xray.send(new CancelTraceRetrievalCommand({ RetrievalToken }), options);
        return;
      }
      case 'logs:FilterLogEvents': {
        const now = this.#clock.now();
        const command = new FilterLogEventsCommand({
          logGroupName: SPANS_LOG_GROUP,
          startTime: now - WINDOW_MS,
          endTime: now,
          limit: 1,
        });
        await this.#logs.send(command, options);
        return;
      }
    }
  }

  async #listOne(windowMs: number): Promise<string | undefined> {
    const now = this.#clock.now();
    const command = new GetTraceSummariesCommand({
      StartTime: new Date(now - windowMs),
      EndTime: new Date(now),
      TimeRangeType: 'Event',
    });
    const options = this.#signal === undefined ? {} : { abortSignal: this.#signal };
    return (await this.#xray.send(command, options)).TraceSummaries?.find((one) => one.Id)?.Id;
  }

  async #readTrace(id: string): Promise<void> {
    const options = this.#signal === undefined ? {} : { abortSignal: this.#signal };
    await this.#xray.send(new BatchGetTracesCommand({ TraceIds: [id] }), options);
  }

  async #attempt(action: XRayActionName, call: () => Promise<void>): Promise<ProbeResult> {
    try {
      await call();
      return { status: 'allowed' };
    } catch (error) {
      const failure = classifyFailure(error, action, this.#config.region);
      // Permission is looked at before the thing itself: what is not there was at least looked for.
      if (failure.name === 'ResourceNotFoundException') return { status: 'allowed' };
      // The call itself was allowed; the key has a line of its own.
      if (failure.kind === 'kms') {
        this.#keyRefused = failure;
        return { status: 'allowed' };
      }
      return { status: failure.kind === 'denied' ? 'denied' : 'unknown', failure };
    }
  }
}

const NEEDED_BY_TRANSACTION_SEARCH: ReadonlySet<string> = new Set([
  'xray:StartTraceRetrieval',
  'xray:ListRetrievedTraces',
  'logs:FilterLogEvents',
]);

/** Names the key in the advice, where the refusal itself did not. */
function withKey(failure: AwsFailure, keyArn: string | undefined): AwsFailure {
  if (!keyArn?.startsWith('arn:')) return failure;
  return { ...failure, fix: failure.fix?.replace(UNNAMED_KEY, keyArn) };
}

/** X-Ray's own key needs no permission of ours. */
function isAwsManaged(keyId: string | undefined): boolean {
  return keyId?.endsWith('alias/aws/xray') ?? false;
}
