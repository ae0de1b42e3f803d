import { OverloadedError } from '@spanloom/base';

/**
 * Hands out a fixed number of things, one holder each, first come first served.
 *
 * When all are out, callers wait; when `maxWaiting` wait already, the next is refused rather than made to wait for an answer
 * nobody will want by then.
 */
export class ReaderPool<Reader> {
  readonly #free: Reader[];
  readonly #size: number;
  readonly #maxWaiting: number;
  readonly #waiting: { give: (reader: Reader) => void; refuse: (reason: unknown) => void }[] = [];

  constructor(readers: readonly Reader[], maxWaiting: number) {
    this.#free = [...readers];
    this.#size = readers.length;
    this.#maxWaiting = maxWaiting;
  }

  /** How many callers wait. */
  get waiting(): number {
    return this.#waiting.length;
  }

  /** How many readers are out. */
  get busy(): number {
    return this.#size - this.#free.length;
  }

  /**
   * @throws {OverloadedError} If too many callers wait.
   * @throws The signal's reason, if it aborts while waiting.
   */
  async take(signal?: AbortSignal): Promise<Reader> {
    signal?.throwIfAborted();
    const free = this.#free.pop();
    if (free !== undefined) return free;
    if (this.#waiting.length >= this.#maxWaiting) {
      throw new OverloadedError(
        `Cannot answer now: ${this.#size} questions run and ${this.#waiting.length} wait; try again in a moment`,
      );
    }
    return new Promise((resolve, reject) => {
      const refuse = (reason: unknown): void => {
        signal?.removeEventListener('abort', onAbort);
        reject(reason);
      };
      const turn = {
        give: (reader: Reader): void => {
          signal?.removeEventListener('abort', onAbort);
          resolve(reader);
        },
        refuse,
      };
      const onAbort = (): void => {
        this.#waiting.splice(this.#waiting.indexOf(turn), 1);
        refuse(signal?.reason);
      };
      signal?.addEventListener('abort', onAbort, { once: true });
      this.#waiting.push(turn);
    });
  }

  /** Takes a reader back. */
  giveBack(reader: Reader): void {
    const next = this.#waiting.shift();
    if (next === undefined) this.#free.push(reader);
    else next.give(reader);
  }

  /** Refuses everybody who waits. */
  refuseAll(reason: unknown): void {
    for (const { refuse } of this.#waiting.splice(0)) refuse(reason);
  }
}
