import type { KeyTable } from '../sink/key-table.ts';

/** A payload's own table of texts: ranges of its bytes by number, each with its number as an attribute key once it was one. */
export class WireStrings {
  readonly bytes: Uint8Array;
  size = 0;
  #ranges = new Uint32Array(512);
  #keys = new Int32Array(256);

  constructor(bytes: Uint8Array) {
    this.bytes = bytes;
  }

  add(start: number, end: number): void {
    if (this.size === this.#keys.length) {
      const ranges = new Uint32Array(this.#ranges.length * 2);
      ranges.set(this.#ranges);
      this.#ranges = ranges;
      const keys = new Int32Array(this.#keys.length * 2);
      keys.set(this.#keys);
      this.#keys = keys;
    }
    this.#ranges[this.size * 2] = start;
    this.#ranges[this.size * 2 + 1] = end;
    this.size++;
  }

  start(index: number): number {
    return this.#ranges[index * 2]!;
  }

  end(index: number): number {
    return this.#ranges[index * 2 + 1]!;
  }

  /** The text as a string: for parts that come once per payload. */
  text(index: number): string {
    const start = this.start(index);
    return Buffer.from(
      this.bytes.buffer,
      this.bytes.byteOffset + start,
      this.end(index) - start,
    ).toString('utf8');
  }

  /** The text's number among attribute keys: looked up once, however many spans use it. */
  key(index: number, keys: KeyTable): number {
    const known = this.#keys[index]!;
    if (known > 0) return known - 1;
    const key = keys.find(this.bytes, this.start(index), this.end(index));
    this.#keys[index] = key + 1;
    return key;
  }
}
