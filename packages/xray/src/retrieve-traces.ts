import type { XRayTrace } from '@spanloom/metadata';
import { CallFailedError } from './operation.ts';
import type { RegionContext } from './region-context.ts';
import type { FetchedTrace } from './xray-calls.ts';

const SECOND = 1000;
const HOUR = 3_600_000;
const FIRST_POLL_MS = SECOND;
const LAST_POLL_MS = 10 * SECOND;
/** AWS gives a retrieval up after an hour; one that takes this long is better started again. */
const PATIENCE_MS = 10 * 60 * SECOND;
/** Work may go on long after a trace's id was made: with queues, for days. */
const BEFORE_MS = HOUR;

/** What a retrieval has to know of a trace. */
export type TraceToRetrieve = Pick<XRayTrace, 'xrayId' | 'firstSeen'>;

/** AWS took the order for a retrieval and then gave up on it. One of its traces may be at fault, or the service. */
export class RetrievalFailedError extends CallFailedError {
  constructor(status: string) {
    super('ListRetrievedTraces', {
      kind: 'server',
      name: 'RetrievalFailed',
      message: `the retrieval of traces ended as ${status}`,
      action: undefined,
      status: undefined,
      fix: undefined,
      retryable: true,
    });
  }
}

/**
 * Reads traces the way Transaction Search wants it: a retrieval is started for all of them, and asked for until it is complete.
 *
 * @param found Called for each part of a trace that is returned, in no order.
 * @throws {RetrievalFailedError} If AWS gives up on it.
 * @throws {CallFailedError} If a call fails. The traces can be asked for again.
 */
export async function retrieveTraces(
  context: RegionContext,
  traces: readonly TraceToRetrieve[],
  found: (trace: FetchedTrace) => void,
  signal: AbortSignal,
): Promise<void> {
  const { operations, calls, pacer } = context;
  const started = pacer.now();
  const ids = traces.map(({ xrayId }) => xrayId);
  const from = Math.min(...traces.map(mintedMs)) - BEFORE_MS;
  const token = await operations.StartTraceRetrieval.run(
    () => calls.startRetrieval({ ids, from, to: started }, signal),
    signal,
  );
  let complete = false;
  try {
    let pollMs = FIRST_POLL_MS;
    let nextToken: string | undefined;
    for (;;) {
      const at = nextToken;
      const page = await operations.ListRetrievedTraces.run(
        () => calls.retrieved(token, at, signal),
        signal,
      );
      if (page.status === 'failed') {
        throw new RetrievalFailedError(page.statusName);
      }
      if (page.status === 'complete') {
        for (const trace of page.traces) found(trace);
        nextToken = page.nextToken;
        if (nextToken === undefined) break;
        continue;
      }
      if (pacer.now() - started > PATIENCE_MS) {
        throw new RetrievalFailedError('still working');
      }
      await pacer.sleep(pollMs, signal);
      pollMs = Math.min(LAST_POLL_MS, pollMs * 1.5);
    }
    complete = true;
  } finally {
    // Given up by us it would go on for up to an hour, and count among those that may run at once.
    if (!complete) {
      await calls.cancelRetrieval(token, AbortSignal.timeout(5000)).catch(() => undefined);
    }
  }
}

/** The time in a trace's id. */
function mintedMs(trace: TraceToRetrieve): number {
  const seconds = Number.parseInt(trace.xrayId.slice(2, 10), 16);
  return Number.isNaN(seconds) ? trace.firstSeen : Math.min(seconds * 1000, trace.firstSeen);
}
