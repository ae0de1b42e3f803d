import { setTimeout as sleep } from 'node:timers/promises';
import { DatabaseError } from '../database-error.ts';

const FIRST_DELAY_MS = 50;
const LAST_DELAY_MS = 5000;

export interface RetryOptions {
  /** Tries of an insert that the engine refuses for a reason of the rows themselves. */
  readonly attempts: number;
  /** Ends the waiting, with the last error. */
  readonly signal: AbortSignal;
  readonly onRetry: (error: DatabaseError) => void;
}

/**
 * Runs an insert until it succeeds: without end while the reason may pass, a few times when it looks final. The token makes
 * repeating harmless, also when the engine had inserted the rows and only its answer was lost.
 */
export async function retryInsert<Result>(
  run: () => Promise<Result>,
  options: RetryOptions,
): Promise<Result> {
  let refused = 0;
  for (let delayMs = FIRST_DELAY_MS; ; delayMs = Math.min(delayMs * 2, LAST_DELAY_MS)) {
    try {
      return await run();
    } catch (error) {
      if (!(error instanceof DatabaseError)) throw error;
      if (!error.transient && ++refused >= options.attempts) throw error;
      if (options.signal.aborted) throw error;
      options.onRetry(error);
      await sleep(delayMs, undefined, { signal: options.signal }).catch(() => undefined);
    }
  }
}
