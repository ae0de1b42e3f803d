import { setImmediate as turn } from 'node:timers/promises';
import type { EpochMillis } from '@spanloom/base';
import type { Pacer } from '../pacer.ts';

interface Timer {
  readonly at: number;
  readonly order: number;
  readonly fire: () => void;
}

/** Time that moves only when nothing else does: to the moment that somebody waits for next. */
export class VirtualPacer implements Pacer {
  #now: number;
  #timers: Timer[] = [];
  #order = 0;
  #busy = 0;
  #seed: number;

  constructor(now: number, seed = 1) {
    this.#now = now;
    this.#seed = seed;
  }

  now(): EpochMillis {
    return this.#now as EpochMillis;
  }

  /** A linear congruential generator: the same numbers for the same seed. */
  random(): number {
    this.#seed = (this.#seed * 1_664_525 + 1_013_904_223) % 2 ** 32;
    return this.#seed / 2 ** 32;
  }

  sleep(ms: number, signal: AbortSignal): Promise<void> {
    return new Promise((resolve, reject) => {
      if (signal.aborted) {
        reject(signal.reason as Error);
        return;
      }
      const abort = (): void => {
        this.#timers = this.#timers.filter((one) => one !== timer);
        reject(signal.reason as Error);
      };
      const timer: Timer = {
        at: this.#now + Math.max(0, ms),
        order: this.#order++,
        fire: () => {
          signal.removeEventListener('abort', abort);
          resolve();
        },
      };
      signal.addEventListener('abort', abort, { once: true });
      this.#timers.push(timer);
    });
  }

  /** Keeps time from moving while `work` runs: for what takes real time. */
  async during<Result>(work: () => Promise<Result>): Promise<Result> {
    this.#busy++;
    try {
      return await work();
    } finally {
      this.#busy--;
    }
  }

  /** Lets time run until `done` says so. @throws If it has not after `limitMs`. */
  async until(done: () => boolean, limitMs: number): Promise<void> {
    const limit = this.#now + limitMs;
    for (;;) {
      // Promises settle before time moves: what only computes takes no time.
      for (let turns = 0; turns < 3; turns++) await turn();
      if (this.#busy > 0) continue;
      if (done()) return;
      const next = this.#timers.reduce<Timer | undefined>(
        (best, one) =>
          best === undefined || one.at < best.at || (one.at === best.at && one.order < best.order)
            ? one
            : best,
        undefined,
      );
      if (next === undefined || next.at > limit) {
        if (next === undefined && this.#now < limit) {
          this.#now = limit;
          continue;
        }
        throw new Error(`Still not done after ${limitMs / 1000} s of virtual time`);
      }
      this.#timers = this.#timers.filter((one) => one !== next);
      this.#now = Math.max(this.#now, next.at);
      next.fire();
    }
  }

  /** Lets `ms` go by. */
  async pass(ms: number): Promise<void> {
    const end = this.#now + ms;
    const abort = new AbortController();
    let over = false;
    void this.sleep(ms, abort.signal).then(() => (over = true));
    await this.until(() => over && this.#now >= end, ms);
  }
}
