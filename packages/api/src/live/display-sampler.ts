/** Error spans per second that a rate limit lets through on top of it. */
const ERRORS_PER_SECOND = 10;

/** Rows to choose from, in order. */
export interface Candidates {
  readonly count: number;
  readonly isError: (index: number) => boolean;
}

/**
 * Chooses which matching spans a reader is shown when there are more per second than anybody can read: a uniform sample, and
 * errors on top, which are what people look for. A pause saves up one second's worth, no more.
 */
export class DisplaySampler {
  readonly #rowsPerSecond: number;
  readonly #random: () => number;
  #rows: number;
  #errors: number = ERRORS_PER_SECOND;
  #filledMs: number;

  /** @param rowsPerSecond `Infinity` shows everything. */
  constructor(rowsPerSecond: number, nowMs: number, random: () => number) {
    this.#rowsPerSecond = rowsPerSecond;
    this.#random = random;
    this.#rows = rowsPerSecond;
    this.#filledMs = nowMs;
  }

  /**
   * Which of the candidates to show, in their order.
   * @param room How many the reader can take, whatever the rate.
   */
  choose(candidates: Candidates, nowMs: number, room: number): readonly number[] {
    const { count } = candidates;
    this.#fill(nowMs);
    if (count <= this.#rows && count <= room) {
      this.#rows -= count;
      return Array.from({ length: count }, (_, index) => index);
    }
    const errors = new Set<number>();
    const errorRoom = Math.min(Math.floor(this.#errors), room);
    for (let index = 0; index < count && errors.size < errorRoom; index++) {
      if (candidates.isError(index)) errors.add(index);
    }
    this.#errors -= errors.size;
    let wanted = Math.min(Math.floor(this.#rows), room - errors.size, count - errors.size);
    this.#rows -= Math.max(0, wanted);
    let left = count - errors.size;
    const chosen: number[] = [];
    for (let index = 0; index < count; index++) {
      if (errors.has(index)) {
        chosen.push(index);
        continue;
      }
      // Selection sampling: every subset of the wanted size is equally likely, and the order stays.
      if (this.#random() * left < wanted) {
        chosen.push(index);
        wanted--;
      }
      left--;
    }
    return chosen;
  }

  #fill(nowMs: number): void {
    const seconds = Math.max(0, nowMs - this.#filledMs) / 1000;
    this.#filledMs = nowMs;
    if (this.#rowsPerSecond !== Infinity) {
      this.#rows = Math.min(this.#rowsPerSecond, this.#rows + seconds * this.#rowsPerSecond);
    }
    this.#errors = Math.min(ERRORS_PER_SECOND, this.#errors + seconds * ERRORS_PER_SECOND);
  }
}
