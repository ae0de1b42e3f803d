import { CloudWatchLogsClient, FilterLogEventsCommand } from '@aws-sdk/client-cloudwatch-logs';
import {
  BatchGetTracesCommand,
  CancelTraceRetrievalCommand,
  GetTraceSegmentDestinationCommand,
  GetTraceSummariesCommand,
  ListRetrievedTracesCommand,
  StartTraceRetrievalCommand,
  type TraceSummary,
  XRayClient,
} from '@aws-sdk/client-xray';
import { type AwsClientConfig, IdentityGuard } from '@spanloom/aws';
import { tryParseTraceId, formatXRayTraceId } from '@spanloom/base';
import { AwsClock } from './aws-clock.ts';
import { guardCalls, timeAnswers } from './call-middleware.ts';
import { SPAN_LOG_GROUP, tracesOfRecords } from './span-records.ts';
import type { TraceListing } from './trace-schedule.ts';
import type { WatchedCalls } from './watched-calls.ts';
import type { FetchedTrace, ListRequest } from './xray-calls.ts';

const RANGE_TYPES = { event: 'Event', service: 'Service', id: 'TraceId' } as const;
/** Most that one page of log records holds. */
const MAX_RECORDS = 10_000;

/** The calls as the AWS SDK makes them. */
export function sdkCalls(config: AwsClientConfig): WatchedCalls {
  const xray = new XRayClient(config);
  // The same credentials, so that whose they are is looked up once and both change to new ones together.
  const { credentials } = xray.config;
  const logs = new CloudWatchLogsClient({ ...config, credentials });
  const clock = new AwsClock();
  let guard: IdentityGuard | undefined;
  const guarded = guardCalls(async () => {
    if (guard !== undefined) await guard.demand(await credentials());
  });
  const timed = timeAnswers(clock);
  // Innermost, where refusals are still answers.
  const innermost = { step: 'deserialize', priority: 'low' } as const;
  xray.middlewareStack.add(guarded, { step: 'initialize' });
  xray.middlewareStack.add(timed, innermost);
  logs.middlewareStack.add(guarded, { step: 'initialize' });
  logs.middlewareStack.add(timed, innermost);
  return {
    clockOffsetMs: () => clock.offsetMs,
    demandAccount(account) {
      guard = new IdentityGuard(config, account);
    },
    async listTraces(request, abortSignal) {
      const page = await xray.send(new GetTraceSummariesCommand(summariesInput(request)), {
        abortSignal,
      });
      return {
        traces: (page.TraceSummaries ?? []).flatMap(listingOf),
        scanned: page.TracesProcessedCount ?? 0,
        nextToken: page.NextToken || undefined,
      };
    },
    async fetchTraces(ids, nextToken, abortSignal) {
      const page = await xray.send(
        // An empty token is refused, and so is, at times, any token that was not just returned.
        new BatchGetTracesCommand({
          TraceIds: [...ids],
          ...(nextToken && { NextToken: nextToken }),
        }),
        { abortSignal },
      );
      return {
        traces: (page.Traces ?? []).flatMap(({ Id, Segments, LimitExceeded }) =>
          fetchedTrace(Id, Segments, LimitExceeded),
        ),
        unprocessed: page.UnprocessedTraceIds ?? [],
        nextToken: page.NextToken || undefined,
      };
    },
    async destination(abortSignal) {
      const answer = await xray.send(new GetTraceSegmentDestinationCommand({}), { abortSignal });
      return {
        kind: answer.Destination === 'CloudWatchLogs' ? 'logs' : 'xray',
        active: answer.Status !== 'PENDING',
      };
    },
    async listSpanRecords({ from, to, nextToken }, abortSignal) {
      const page = await logs.send(
        new FilterLogEventsCommand({
          logGroupName: SPAN_LOG_GROUP,
          startTime: from,
          // CloudWatch Logs includes the end, X-Ray does not.
          endTime: to - 1,
          limit: MAX_RECORDS,
          ...(nextToken && { nextToken }),
        }),
        { abortSignal },
      );
      return {
        traces: tracesOfRecords(page.events ?? []),
        scanned: 0,
        nextToken: page.nextToken || undefined,
      };
    },
    async startRetrieval({ ids, from, to }, abortSignal) {
      const answer = await xray.send(
        new StartTraceRetrievalCommand({
          TraceIds: [...ids],
          StartTime: new Date(from),
          EndTime: new Date(to),
        }),
        { abortSignal },
      );
      if (!answer.RetrievalToken) throw new Error('StartTraceRetrieval returned no RetrievalToken');
      return answer.RetrievalToken;
    },
    async retrieved(token, nextToken, abortSignal) {
      const page = await xray.send(
        new ListRetrievedTracesCommand({
          RetrievalToken: token,
          TraceFormat: 'XRAY',
          ...(nextToken && { NextToken: nextToken }),
        }),
        { abortSignal },
      );
      const statusName = page.RetrievalStatus ?? 'none';
      return {
        status:
          statusName === 'COMPLETE'
            ? 'complete'
            : statusName === 'SCHEDULED' || statusName === 'RUNNING'
              ? 'working'
              : 'failed',
        statusName,
        traces: (page.Traces ?? []).flatMap(({ Id, Spans }) => fetchedTrace(Id, Spans, false)),
        nextToken: page.NextToken || undefined,
      };
    },
    async cancelRetrieval(token, abortSignal) {
      await xray.send(new CancelTraceRetrievalCommand({ RetrievalToken: token }), { abortSignal });
    },
    close() {
      xray.destroy();
      logs.destroy();
    },
  };
}

function summariesInput(request: ListRequest) {
  const { from, to, by, filter, samplingRate, nextToken } = request;
  return {
    StartTime: new Date(from),
    EndTime: new Date(to),
    TimeRangeType: RANGE_TYPES[by],
    ...(filter !== undefined && { FilterExpression: filter }),
    ...(samplingRate < 1 && {
      Sampling: true,
      SamplingStrategy: { Name: 'FixedRate' as const, Value: samplingRate },
    }),
    ...(nextToken !== undefined && { NextToken: nextToken }),
  };
}

function listingOf(summary: TraceSummary): TraceListing[] {
  const { Id: xrayId, Revision, StartTime, Duration } = summary;
  if (!xrayId) return [];
  const endMs =
    StartTime === undefined ? undefined : Math.round(StartTime.getTime() + (Duration ?? 0) * 1000);
  // Where X-Ray states no revision, the end of the trace tells at least of growth at its end. In hundredths of a second, so that it
  // cannot be taken for the time of a log record.
  return [{ xrayId, revision: Revision ?? Math.ceil((endMs ?? 0) / 10), endMs }];
}

function fetchedTrace(
  id: string | undefined,
  parts: readonly { readonly Document?: string | undefined }[] | undefined,
  limitExceeded: boolean | undefined,
): FetchedTrace[] {
  const xrayId = id === undefined ? undefined : normalisedId(id);
  if (xrayId === undefined) return [];
  const documents = (parts ?? []).flatMap(({ Document }) => Document ?? []);
  return [{ xrayId, documents, limitExceeded: limitExceeded === true }];
}

/** Transaction Search may return a trace's id without the dashes it was asked for with. */
function normalisedId(id: string): string {
  if (id.startsWith('1-')) return id;
  const read = tryParseTraceId(id);
  return (read && formatXRayTraceId(read)) ?? id;
}
