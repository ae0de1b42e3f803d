import { StringTable } from '@spanloom/model';

/**
 * The known keys of a map on the wire, found by their bytes.
 *
 * Senders write a map's keys in the same order each time, so the key after the last one found is tried first; only a wrong
 * guess costs a hash.
 */
export class FieldNames {
  readonly #texts: StringTable = new StringTable();
  readonly #after: Uint32Array;
  #last = 0;

  /** @param names What `find` answers with the position of, counted from 1. */
  constructor(names: readonly string[]) {
    for (const name of names) this.#texts.internText(name);
    this.#after = new Uint32Array(names.length + 1);
  }

  /** Position of the key, from 1; 0 when it is not known. */
  find(bytes: Uint8Array, start: number, end: number): number {
    const guess = this.#after[this.#last]!;
    if (guess > 0 && this.#texts.equals(guess, bytes, start, end)) {
      this.#last = guess;
      return guess;
    }
    const found = Math.max(0, this.#texts.lookUp(bytes, start, end));
    this.#after[this.#last] = found;
    this.#last = found;
    return found;
  }
}
