/**
 * Lets so many tasks run at once; others wait in order. A browser has six connections for one server, and a page that
 * spends them all on counts has none left for its list.
 */
export class AtMost {
  readonly #limit: number;
  readonly #waiting: (() => void)[] = [];
  #running = 0;

  constructor(limit: number) {
    this.#limit = limit;
  }

  /** Runs the task when its turn comes, or never when the signal is aborted before. */
  async run<Value>(task: () => Promise<Value>, signal: AbortSignal): Promise<Value> {
    while (this.#running >= this.#limit) {
      await new Promise<void>((resolve) => this.#waiting.push(resolve));
    }
    this.#running++;
    try {
      signal.throwIfAborted();
      return await task();
    } finally {
      this.#running--;
      this.#waiting.shift()?.();
    }
  }
}
