/**
 * The known keys of a map on the wire, found by their bytes.
 *
 * Senders write a map's keys in the same order each time, so the key after the last one found is tried first; only a wrong
 * guess costs a look at the others. Lives as long as the process, so it holds on to no payload.
 */
export class FieldNames {
  readonly #names: readonly Uint8Array[];
  readonly #after: Uint8Array;
  #last = 0;

  /** @param names What `find` answers with the position of, counted from 1. At most 255. */
  constructor(names: readonly string[]) {
    this.#names = [new Uint8Array(0), ...names.map((name) => Buffer.from(name, 'utf8'))];
    this.#after = new Uint8Array(names.length + 1);
  }

  /** Position of the key, from 1; 0 when it is not known. */
  find(bytes: Uint8Array, start: number, end: number): number {
    const guess = this.#after[this.#last]!;
    if (guess > 0 && isSame(this.#names[guess]!, bytes, start, end)) {
      this.#last = guess;
      return guess;
    }
    let found = this.#names.length - 1;
    while (found > 0 && !isSame(this.#names[found]!, bytes, start, end)) found--;
    this.#after[this.#last] = found;
    this.#last = found;
    return found;
  }
}

function isSame(name: Uint8Array, bytes: Uint8Array, start: number, end: number): boolean {
  const { length } = name;
  if (length !== end - start) return false;
  for (let i = 0; i < length; i++) {
    if (name[i] !== bytes[start + i]) return false;
  }
  return true;
}
