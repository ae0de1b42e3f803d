import type { SpanBatch } from '@spanloom/model';

/** Finds the row of a span id among the rows of one chunk. Reused from chunk to chunk, so looking costs no allocation. */
export class SpanIdIndex {
  /** Row plus one; 0 when free. */
  #slots: Int32Array<ArrayBuffer> = new Int32Array(64);
  #mask = 63;
  readonly #batch: SpanBatch;

  constructor(batch: SpanBatch) {
    this.#batch = batch;
  }

  /** Forgets all rows and makes room for `count`. */
  reset(count: number): void {
    let size = 64;
    while (size < count * 2) size *= 2;
    if (size > this.#slots.length) this.#slots = new Int32Array(size);
    else this.#slots.fill(0, 0, size);
    this.#mask = size - 1;
  }

  /** Adds a row; false when an earlier row has the same span id. */
  add(row: number): boolean {
    const ids = this.#batch.spanId.data;
    const low = ids[row * 2]!;
    const high = ids[row * 2 + 1]!;
    let slot = this.#slot(high, low);
    for (;;) {
      const other = this.#slots[slot]! - 1;
      if (other < 0) {
        this.#slots[slot] = row + 1;
        return true;
      }
      if (ids[other * 2] === low && ids[other * 2 + 1] === high) return false;
      slot = (slot + 1) & this.#mask;
    }
  }

  /** The first row with this span id, or -1. */
  find(high: number, low: number): number {
    const ids = this.#batch.spanId.data;
    let slot = this.#slot(high, low);
    for (;;) {
      const row = this.#slots[slot]! - 1;
      if (row < 0 || (ids[row * 2] === low && ids[row * 2 + 1] === high)) return row;
      slot = (slot + 1) & this.#mask;
    }
  }

  #slot(high: number, low: number): number {
    const mixed = Math.imul(low ^ Math.imul(high, 0x85ebca6b), 0x9e3779b1);
    return (mixed ^ (mixed >>> 15)) & this.#mask;
  }
}
