import { setTimeout as sleep } from 'node:timers/promises';

/**
 * Asks again until there is an answer.
 *
 * @throws {Error} Naming `what` if there is none after `timeoutMs`, with the last error as its cause.
 */
export async function pollUntil<T>(
  what: string,
  timeoutMs: number,
  ask: () => Promise<T | undefined>,
): Promise<T> {
  const deadline = Date.now() + timeoutMs;
  let cause: unknown;
  while (Date.now() < deadline) {
    try {
      const answer = await ask();
      if (answer !== undefined) return answer;
      cause = undefined;
    } catch (error) {
      cause = error;
    }
    await sleep(50);
  }
  throw new Error(`Cannot see ${what} after ${timeoutMs} ms`, { cause });
}
