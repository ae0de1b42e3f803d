import { describeLogGroups, filterLogEvents } from '../logs/filter-log-events.ts';
import { batchGetTraces } from './batch-get-traces.ts';
import { getTimeSeriesServiceStatistics } from './get-time-series.ts';
import { getTraceSummaries } from './get-trace-summaries.ts';
import type { Operation } from './operation.ts';
import { putTraceSegments } from './put-trace-segments.ts';
import {
  cancelTraceRetrieval,
  listRetrievedTraces,
  startTraceRetrieval,
} from './retrieval-jobs.ts';
import {
  getEncryptionConfig,
  getGroup,
  getGroups,
  getIndexingRules,
  getSamplingRules,
  getSamplingTargets,
  getTraceSegmentDestination,
  putEncryptionConfig,
  updateIndexingRule,
  updateTraceSegmentDestination,
} from './settings.ts';

/** An operation with its name, which error messages and the log of calls use. */
export interface NamedOperation {
  readonly name: string;
  readonly run: Operation;
}

/** X-Ray's operations by path. Most paths are not the name of their operation. */
export const xrayOperations: ReadonlyMap<string, NamedOperation> = byKey({
  '/TraceSegments': ['PutTraceSegments', putTraceSegments],
  // Of no use to readers; senders expect to get rid of them.
  '/TelemetryRecords': ['PutTelemetryRecords', () => ({})],
  '/TraceSummaries': ['GetTraceSummaries', getTraceSummaries],
  '/Traces': ['BatchGetTraces', batchGetTraces],
  '/EncryptionConfig': ['GetEncryptionConfig', getEncryptionConfig],
  '/PutEncryptionConfig': ['PutEncryptionConfig', putEncryptionConfig],
  '/GetTraceSegmentDestination': ['GetTraceSegmentDestination', getTraceSegmentDestination],
  '/UpdateTraceSegmentDestination': [
    'UpdateTraceSegmentDestination',
    updateTraceSegmentDestination,
  ],
  '/GetIndexingRules': ['GetIndexingRules', getIndexingRules],
  '/UpdateIndexingRule': ['UpdateIndexingRule', updateIndexingRule],
  '/GetSamplingRules': ['GetSamplingRules', getSamplingRules],
  '/SamplingTargets': ['GetSamplingTargets', getSamplingTargets],
  '/Groups': ['GetGroups', getGroups],
  '/GetGroup': ['GetGroup', getGroup],
  '/TimeSeriesServiceStatistics': [
    'GetTimeSeriesServiceStatistics',
    getTimeSeriesServiceStatistics,
  ],
  '/StartTraceRetrieval': ['StartTraceRetrieval', startTraceRetrieval],
  '/ListRetrievedTraces': ['ListRetrievedTraces', listRetrievedTraces],
  '/CancelTraceRetrieval': ['CancelTraceRetrieval', cancelTraceRetrieval],
});

/** Operations of CloudWatch Logs by `X-Amz-Target`. */
export const logsOperations: ReadonlyMap<string, NamedOperation> = byKey({
  'Logs_20140328.FilterLogEvents': ['FilterLogEvents', filterLogEvents],
  'Logs_20140328.DescribeLogGroups': ['DescribeLogGroups', describeLogGroups],
});

function byKey(
  table: Readonly<Record<string, readonly [string, Operation]>>,
): ReadonlyMap<string, NamedOperation> {
  return new Map(Object.entries(table).map(([key, [name, run]]) => [key, { name, run }]));
}
