import type { AwsFailure } from '@spanloom/aws';
import type { RegionContext } from './region-context.ts';

/** What traces are fetched with: BatchGetTraces, or a retrieval as Transaction Search has it. */
export type FetchPath = 'classic' | 'retrieval';

/** How a region's traces are fetched now. Where retrievals are denied, BatchGetTraces still has the traces that X-Ray indexes. */
export function fetchPath(context: RegionContext): FetchPath {
  if (context.mode() !== 'transaction-search') return 'classic';
  const denial = retrievalDenial(context);
  context.record.warn(
    'retrieval-denied',
    denial === undefined
      ? undefined
      : `Transaction Search is on and its traces cannot be retrieved (${denial.name}), so only those X-Ray indexes are read, 1 % ` +
          'by default; allow xray:StartTraceRetrieval and xray:ListRetrievedTraces, then a backfill reads the others',
  );
  return denial !== undefined && context.pacer.now() < restsUntil(context)
    ? 'classic'
    : 'retrieval';
}

/** Why retrievals are denied where they are needed, as last tried. */
export function retrievalDenial({ mode, operations }: RegionContext): AwsFailure | undefined {
  if (mode() !== 'transaction-search') return undefined;
  const failures = [operations.StartTraceRetrieval.failure, operations.ListRetrievedTraces.failure];
  return failures.find((failure) => failure?.kind === 'denied' || failure?.kind === 'kms');
}

function restsUntil({ operations }: RegionContext): number {
  return Math.max(
    operations.StartTraceRetrieval.restsUntil,
    operations.ListRetrievedTraces.restsUntil,
  );
}
