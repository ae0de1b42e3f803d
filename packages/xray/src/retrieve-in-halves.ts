import { addPart, isCallFailure } from './fetch-traces.ts';
import type { CallFailedError } from './operation.ts';
import type { RegionContext } from './region-context.ts';
import { RetrievalFailedError, retrieveTraces, type TraceToRetrieve } from './retrieve-traces.ts';
import type { FetchedTrace } from './xray-calls.ts';

/** As many as it takes to find one of a hundred. When more fail it is not the traces. */
const MOST_FAILURES = 8;
/** Retrievals that fail slowly are not divided for hours. */
const PATIENCE_MS = 10 * 60_000;

/**
 * Retrieves traces, and when AWS gives up on that, those of either half, until one that is at fault is alone. That one is left out.
 *
 * @throws {CallFailedError} If none or hardly any of them can be retrieved.
 */
export async function retrieveInHalves(
  context: RegionContext,
  traces: readonly TraceToRetrieve[],
  signal: AbortSignal,
): Promise<Map<string, FetchedTrace>> {
  const all = new Map<string, FetchedTrace>();
  const started = context.pacer.now();
  const groups = [traces];
  let failures = 0;
  let refusal: CallFailedError | undefined;
  for (let group = groups.shift(); group !== undefined; group = groups.shift()) {
    const found = new Map<string, FetchedTrace>();
    try {
      await retrieveTraces(context, group, (trace) => addPart(found, trace), signal);
      for (const trace of found.values()) addPart(all, trace);
    } catch (error) {
      const divides =
        error instanceof RetrievalFailedError || isCallFailure(error, 'invalid_request');
      const isLate = context.pacer.now() - started > PATIENCE_MS;
      if (!divides || isLate || ++failures > MOST_FAILURES) throw error;
      refusal = error;
      const half = Math.ceil(group.length / 2);
      if (group.length > 1) groups.push(group.slice(0, half), group.slice(half));
    }
  }
  if (all.size === 0 && refusal !== undefined) throw refusal;
  return all;
}
