import { CallFailedError } from './operation.ts';
import type { RegionContext } from './region-context.ts';
import type { TokenBucket } from './token-bucket.ts';
import type { FetchedTrace } from './xray-calls.ts';

/**
 * Fetches up to five traces with BatchGetTraces, all pages.
 * @throws {CallFailedError}
 */
export async function fetchTraces(
  context: RegionContext,
  ids: readonly string[],
  signal: AbortSignal,
  pace?: TokenBucket,
): Promise<{ readonly found: Map<string, FetchedTrace>; readonly retrieved: number }> {
  const { operations, calls } = context;
  const found = new Map<string, FetchedTrace>();
  let retrieved = 0;
  let nextToken: string | undefined;
  do {
    const token = nextToken;
    const page = await operations.BatchGetTraces.run(
      () => calls.fetchTraces(ids, token, signal),
      signal,
      pace,
    );
    for (const trace of page.traces) addPart(found, trace);
    retrieved += page.traces.length;
    nextToken = page.nextToken;
  } while (nextToken !== undefined);
  return { found, retrieved };
}

/** A trace's documents may come in several pages. */
export function addPart(found: Map<string, FetchedTrace>, part: FetchedTrace): void {
  const known = found.get(part.xrayId);
  found.set(
    part.xrayId,
    known === undefined
      ? part
      : {
          xrayId: part.xrayId,
          documents: [...known.documents, ...part.documents],
          limitExceeded: known.limitExceeded || part.limitExceeded,
        },
  );
}

/** Counts traces that AWS returned, which it charges for. */
export async function countRetrieved(context: RegionContext, retrieved: number): Promise<void> {
  const { id, metadata, budget } = context;
  budget.add(id, 0, retrieved);
  await metadata.xray.addUsage(id, { month: budget.month, scanned: 0, retrieved });
}

/** Whether an error is AWS's, and has been noted where the call was made. */
export function isCallFailure(error: unknown, kind?: 'invalid_request'): error is CallFailedError {
  return error instanceof CallFailedError && (kind === undefined || error.failure.kind === kind);
}
