import { setTimeout as sleep } from 'node:timers/promises';

/** Waits, and answers whether the wait ran to its end: `false` when `signal` aborted. */
export async function pause(durationMs: number, signal: AbortSignal): Promise<boolean> {
  try {
    await sleep(durationMs, undefined, { signal });
    return true;
  } catch {
    return false;
  }
}
