import type { Pacer } from './pacer.ts';

/** Slowest we go. */
const FLOOR = 0.2;
/** Gained per clean `STEP_MS`. */
const STEP = 0.1;
const STEP_MS = 10_000;

/**
 * A call's pace: so many a second, halved whenever AWS says it is too much, and raised again step by step while it does not.
 *
 * Callers are served in the order in which they ask.
 */
export class TokenBucket {
  readonly #pacer: Pacer;
  readonly #ceiling: number;
  readonly #capacity: number;
  #rate: number;
  #tokens: number;
  #refilledMs: number;
  #cutMs = Number.NEGATIVE_INFINITY;
  #steppedMs: number;
  #queue: Promise<void> = Promise.resolve();

  /** @param ceiling Calls per second. A second's worth may be made at once after a rest. */
  constructor(ceiling: number, pacer: Pacer) {
    this.#pacer = pacer;
    this.#ceiling = ceiling;
    this.#capacity = Math.max(1, ceiling);
    this.#rate = ceiling;
    this.#tokens = this.#capacity;
    this.#refilledMs = pacer.now();
    this.#steppedMs = this.#refilledMs;
  }

  /** Calls per second as of now. */
  get rate(): number {
    this.#refill();
    return this.#rate;
  }

  /** Waits for the turn to make one call. @throws The signal's reason when it aborts. */
  async take(signal: AbortSignal): Promise<void> {
    const before = this.#queue;
    const turn = Promise.withResolvers<void>();
    this.#queue = turn.promise;
    try {
      await before;
      for (;;) {
        signal.throwIfAborted();
        this.#refill();
        if (this.#tokens >= 1) break;
        // Whole ms: what is left after rounding down would be waited for in no time at all, again and again.
        await this.#pacer.sleep(Math.ceil(((1 - this.#tokens) / this.#rate) * 1000), signal);
      }
      this.#tokens -= 1;
    } finally {
      turn.resolve();
    }
  }

  /**
   * AWS refused a call as one too many.
   * @param sentMs When that call was made. Calls that were under way together are one reason to slow down, not several.
   */
  throttled(sentMs: number): void {
    if (sentMs <= this.#cutMs) return;
    this.#refill();
    this.#rate = Math.max(Math.min(FLOOR, this.#ceiling), this.#rate / 2);
    this.#tokens = 0;
    this.#cutMs = this.#pacer.now();
    this.#steppedMs = this.#cutMs;
  }

  #refill(): void {
    const now = this.#pacer.now();
    const elapsed = Math.max(0, now - this.#refilledMs);
    this.#refilledMs = now;
    this.#tokens = Math.min(this.#capacity, this.#tokens + (elapsed / 1000) * this.#rate);
    const steps = Math.floor((now - this.#steppedMs) / STEP_MS);
    if (steps <= 0) return;
    this.#rate = Math.min(this.#ceiling, this.#rate + steps * STEP);
    this.#steppedMs += steps * STEP_MS;
  }
}
