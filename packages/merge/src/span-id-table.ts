import type { Span } from '@spanloom/model';

/**
 * Positions of spans by span id, those of one id in ascending order.
 *
 * Ids are hashed as two 32-bit words in typed arrays. A `Map` keyed by bigint took half of the time of assembling a trace of
 * 100,000 spans, because each look-up goes through the runtime to hash the bigint.
 */
export class SpanIdTable {
  /** Two words for each span, low one first. */
  readonly #words: Uint32Array;
  /** A slot holds the first position of an id plus one, 0 when free. */
  readonly #slots: Int32Array;
  readonly #next: Int32Array;
  readonly #mask: number;

  /** @param most How many spans of one id are known at most, the first ones. Only a broken sender has many. */
  constructor(spans: readonly Span[], most: number = Infinity) {
    const count = spans.length;
    const ids = new BigUint64Array(count);
    for (let i = 0; i < count; i++) ids[i] = spans[i]!.spanId;
    this.#words = new Uint32Array(ids.buffer);
    this.#next = new Int32Array(count).fill(-1);
    let capacity = 16;
    while (capacity < count * 2) capacity *= 2;
    this.#mask = capacity - 1;
    this.#slots = new Int32Array(capacity);
    // Backwards, so that each list starts with its first member.
    for (let i = count - 1; i >= 0; i--) {
      const slot = this.#slotOf(this.#words[i * 2]!, this.#words[i * 2 + 1]!);
      this.#next[i] = this.#slots[slot]! - 1;
      this.#slots[slot] = i + 1;
    }
    if (most < count) this.#cut(most);
  }

  /** The first span with this id, or -1. */
  first(id: bigint): number {
    scratch[0] = id;
    return this.#slots[this.#slotOf(scratchWords[0]!, scratchWords[1]!)]! - 1;
  }

  /** The next span with the same id, or -1. */
  next(position: number): number {
    return this.#next[position]!;
  }

  #cut(most: number): void {
    for (const slot of this.#slots) {
      let at = slot - 1;
      for (let known = 1; at !== -1 && known < most; known++) at = this.#next[at]!;
      if (at !== -1) this.#next[at] = -1;
    }
  }

  #slotOf(low: number, high: number): number {
    const words = this.#words;
    const slots = this.#slots;
    const mask = this.#mask;
    let hash = Math.imul(low ^ Math.imul(high, 0x9e37_79b1), 0x85eb_ca6b);
    hash ^= hash >>> 15;
    for (let slot = hash & mask; ; slot = (slot + 1) & mask) {
      const position = slots[slot]! - 1;
      if (position < 0) return slot;
      if (words[position * 2] === low && words[position * 2 + 1] === high) return slot;
    }
  }
}

/** To read the words of a bigint without making smaller bigints of it. */
const scratch = new BigUint64Array(1);
const scratchWords = new Uint32Array(scratch.buffer);
