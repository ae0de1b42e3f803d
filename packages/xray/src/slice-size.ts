const SECOND = 1000;
const SMALLEST_MS = 5 * SECOND;
const LARGEST_MS = 300 * SECOND;
const FIRST_MS = 60 * SECOND;
const MANY_PAGES = 10;
const QUIET_SLICES = 10;

/**
 * How much time one listing covers. X-Ray returns a window's pages from the newest to the oldest and a window counts only when all
 * of them are read, so windows shrink where there is much and grow where there is nothing.
 */
export class SliceSize {
  #ms = FIRST_MS;
  #quiet = 0;

  get ms(): number {
    return this.#ms;
  }

  /** A slice was read to its end. */
  read(result: { readonly pages: number; readonly traces: number }): void {
    if (result.pages > MANY_PAGES) {
      this.shrink();
      return;
    }
    this.#quiet = result.traces === 0 ? this.#quiet + 1 : 0;
    if (this.#quiet < QUIET_SLICES) return;
    this.#ms = Math.min(LARGEST_MS, this.#ms * 2);
    this.#quiet = 0;
  }

  /** A slice could not be read, or was throttled all the way. @returns False when it is as small as it gets. */
  shrink(): boolean {
    this.#quiet = 0;
    if (this.#ms === SMALLEST_MS) return false;
    this.#ms = Math.max(SMALLEST_MS, this.#ms / 2);
    return true;
  }
}
