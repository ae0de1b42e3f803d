import { setTimeout as sleep } from 'node:timers/promises';
import type { Clock } from '@spanloom/base';

/** Time and chance, passed in so that tests need neither. */
export interface Pacer {
  /** Ms since the epoch. */
  now(): number;
  /** @throws The signal's reason as soon as it aborts. */
  sleep(ms: number, signal: AbortSignal): Promise<void>;
  /** From 0 up to but not including 1. */
  random(): number;
}

/** Longest that a timer of Node takes. */
const MAX_TIMER_MS = 2 ** 31 - 1;

/** The machine's. */
export function systemPacer(clock: Clock): Pacer {
  return {
    now: () => clock.now(),
    sleep: async (ms, signal) => {
      signal.throwIfAborted();
      await sleep(Math.min(Math.max(ms, 0), MAX_TIMER_MS), undefined, { signal });
    },
    random: Math.random,
  };
}
