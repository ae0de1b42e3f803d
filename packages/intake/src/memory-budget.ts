import { OverloadedError } from '@spanloom/base';

/** A share of the budget, held from the first byte of a body until its payload is durable. */
export interface Lease {
  /** Takes more at once, or says that there is none. */
  tryGrow(bytes: number): boolean;
  /** Takes more, waiting as `MemoryBudget.acquire` does. */
  grow(bytes: number): Promise<void>;
  /** Puts the giving back off until `work` is over, however it ends. */
  holdUntil(work: Promise<unknown>): void;
  /** Gives everything back. Later calls do nothing. */
  release(): void;
}

interface Waiter {
  readonly bytes: number;
  /** What its lease already holds. */
  readonly held: number;
  readonly admit: () => void;
}

/**
 * Bounds the bytes of all request bodies held at once, on the wire and inflated.
 *
 * When it is used up, newcomers wait in order for at most `waitMs` and are then refused with
 * `OverloadedError`: senders give up within seconds, so a longer queue would only hold work nobody waits for.
 * A body larger than the whole budget is let in when it is alone, so that a small budget slows but never blocks.
 */
export class MemoryBudget {
  readonly capacityBytes: number;
  readonly #waitMs: number;
  readonly #waiters: Waiter[] = [];
  #usedBytes = 0;

  constructor(capacityBytes: number, waitMs = 1000) {
    this.capacityBytes = capacityBytes;
    this.#waitMs = waitMs;
  }

  get usedBytes(): number {
    return this.#usedBytes;
  }

  get waiting(): number {
    return this.#waiters.length;
  }

  /** An empty lease; it holds nothing until it grows. */
  lease(): Lease {
    let held = 0;
    let released = false;
    let work: Promise<unknown> | undefined;
    const giveBack = (): void => {
      this.#giveBack(held);
      held = 0;
    };
    return {
      tryGrow: (bytes) => {
        if (released || this.#waiters.length > 0 || !this.#fits(bytes, held)) return false;
        this.#usedBytes += bytes;
        held += bytes;
        return true;
      },
      grow: async (bytes) => {
        await this.#wait(bytes, held);
        // Released while waiting: the request ended, so what was just admitted goes straight back.
        if (released) this.#giveBack(bytes);
        else held += bytes;
      },
      holdUntil: (pending) => {
        work = pending;
      },
      release: () => {
        if (released) return;
        released = true;
        if (work === undefined) giveBack();
        else work.then(giveBack, giveBack);
      },
    };
  }

  #fits(bytes: number, held: number): boolean {
    return this.#usedBytes + bytes <= this.capacityBytes || this.#usedBytes === held;
  }

  #wait(bytes: number, held: number): Promise<void> {
    if (this.#waiters.length === 0 && this.#fits(bytes, held)) {
      this.#usedBytes += bytes;
      return Promise.resolve();
    }
    return new Promise((resolve, reject) => {
      const waiter: Waiter = {
        bytes,
        held,
        admit: () => {
          clearTimeout(timer);
          resolve();
        },
      };
      const timer = setTimeout(() => {
        this.#waiters.splice(this.#waiters.indexOf(waiter), 1);
        this.#admit();
        reject(
          new OverloadedError(
            `Cannot take ${bytes} more bytes: ${this.#usedBytes} of ${this.capacityBytes} bytes for bodies in flight are in use`,
          ),
        );
      }, this.#waitMs);
      this.#waiters.push(waiter);
    });
  }

  #giveBack(bytes: number): void {
    this.#usedBytes -= bytes;
    this.#admit();
  }

  #admit(): void {
    for (;;) {
      const first = this.#waiters[0];
      if (first === undefined || !this.#fits(first.bytes, first.held)) return;
      this.#waiters.shift();
      this.#usedBytes += first.bytes;
      first.admit();
    }
  }
}
