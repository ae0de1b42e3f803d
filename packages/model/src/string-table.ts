import { isUtf8 } from 'node:buffer';
import { ByteWriter } from '@spanloom/base/byte-writer';

const FIRST_SLOTS = 256;
const NOTHING = new Uint8Array(0);
const NO_VIEW = new DataView(NOTHING.buffer);

/**
 * Distinct texts, each with a small number, looked up by their bytes: no JavaScript string is made on the way in.
 *
 * Number 0 is always the empty text. `encoded` holds every text in order as varint length and UTF-8, which is exactly the
 * dictionary of a LowCardinality column in ClickHouse's Native format.
 */
export class StringTable {
  /** All texts, length-prefixed, in order of their numbers. */
  readonly encoded: ByteWriter = new ByteWriter(1024);
  /** How many texts there are, the empty one included. */
  size = 0;
  /** Texts that were not UTF-8 and had bad sequences replaced by U+FFFD. */
  replaced = 0;
  #starts = new Uint32Array(64);
  #lengths = new Uint32Array(64);
  #hashes = new Uint32Array(64);
  /** Open addressing; a slot holds a text's number plus one, 0 when free. */
  #slots = new Uint32Array(FIRST_SLOTS);
  #texts: (string | undefined)[] = [];
  /** Views over the bytes compared last, kept because payloads are compared with over and over. */
  #viewed: Uint8Array = NOTHING;
  #view: DataView = NO_VIEW;
  #source: Uint8Array = NOTHING;
  #sourceView: DataView = NO_VIEW;

  constructor() {
    this.#add(new Uint8Array(0), 0, 0, hashOf(new Uint8Array(0), 0, 0));
  }

  /** The number of `bytes[start, end)`, added when new. */
  intern(bytes: Uint8Array, start: number, end: number): number {
    if (start === end) return 0;
    const hash = hashOf(bytes, start, end);
    const found = this.#find(bytes, start, end, hash);
    if (found >= 0) return found;
    // Checked once per distinct text, not once per use.
    if (!isUtf8(bytes.subarray(start, end))) {
      this.replaced++;
      const clean = Buffer.from(
        Buffer.from(bytes.buffer, bytes.byteOffset + start, end - start).toString('utf8'),
      );
      return this.intern(clean, 0, clean.length);
    }
    return this.#add(bytes, start, end, hash);
  }

  /** The number of a text that is already a string. */
  internText(text: string): number {
    if (text === '') return 0;
    const bytes = Buffer.from(text, 'utf8');
    return this.intern(bytes, 0, bytes.length);
  }

  /** The number of a text that is here already, or -1. */
  find(text: string): number {
    const bytes = Buffer.from(text, 'utf8');
    return this.#find(bytes, 0, bytes.length, hashOf(bytes, 0, bytes.length));
  }

  /** Whether text `index` is `bytes[start, end)`: cheaper than `intern` for a caller that can guess. */
  equals(index: number, bytes: Uint8Array, start: number, end: number): boolean {
    const length = end - start;
    if (this.#lengths[index] !== length) return false;
    const at = this.#starts[index]!;
    const store = this.encoded.bytes;
    if (store !== this.#viewed) this.#viewStore(store);
    if (bytes !== this.#source) this.#viewSource(bytes);
    const own = this.#view;
    const other = this.#sourceView;
    let i = 0;
    // Four bytes at a time: attribute keys and values have a dozen or more, and this runs for each of them.
    for (; i + 4 <= length; i += 4) {
      if (own.getUint32(at + i) !== other.getUint32(start + i)) return false;
    }
    for (; i < length; i++) {
      if (store[at + i] !== bytes[start + i]) return false;
    }
    return true;
  }

  /** The text behind a number, decoded once. */
  text(index: number): string {
    const known = this.#texts[index];
    if (known !== undefined) return known;
    const start = this.#starts[index]!;
    const text = this.encoded.bytes.toString('utf8', start, start + this.#lengths[index]!);
    this.#texts[index] = text;
    return text;
  }

  /** The UTF-8 of a text: valid until the table changes. */
  bytes(index: number): Buffer {
    const start = this.#starts[index]!;
    return this.encoded.bytes.subarray(start, start + this.#lengths[index]!);
  }

  #viewStore(store: Uint8Array): void {
    this.#viewed = store;
    this.#view = new DataView(store.buffer, store.byteOffset, store.byteLength);
  }

  #viewSource(bytes: Uint8Array): void {
    this.#source = bytes;
    this.#sourceView = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  }

  #find(bytes: Uint8Array, start: number, end: number, hash: number): number {
    const slots = this.#slots;
    const mask = slots.length - 1;
    for (let slot = hash & mask; ; slot = (slot + 1) & mask) {
      const index = slots[slot]! - 1;
      if (index < 0) return -1;
      if (this.#hashes[index] === hash && this.equals(index, bytes, start, end)) return index;
    }
  }

  #add(bytes: Uint8Array, start: number, end: number, hash: number): number {
    const index = this.size++;
    if (index === this.#starts.length) {
      this.#starts = grown(this.#starts);
      this.#lengths = grown(this.#lengths);
      this.#hashes = grown(this.#hashes);
    }
    this.encoded.varint(end - start);
    this.#starts[index] = this.encoded.length;
    this.#lengths[index] = end - start;
    this.#hashes[index] = hash;
    this.encoded.raw(bytes.subarray(start, end));
    if (this.size * 2 > this.#slots.length) this.#rehash();
    else this.#place(index, hash);
    return index;
  }

  #place(index: number, hash: number): void {
    const mask = this.#slots.length - 1;
    let slot = hash & mask;
    while (this.#slots[slot] !== 0) slot = (slot + 1) & mask;
    this.#slots[slot] = index + 1;
  }

  #rehash(): void {
    this.#slots = new Uint32Array(this.#slots.length * 4);
    for (let index = 0; index < this.size; index++) this.#place(index, this.#hashes[index]!);
  }
}

/** A multiplicative hash with a final mix; every slot's text is compared in full, so quality only costs speed. */
function hashOf(bytes: Uint8Array, start: number, end: number): number {
  let hash = (end - start) ^ 0x811c9dc5;
  let i = start;
  // Four bytes to a round: the multiplication is what takes the time.
  for (; i + 4 <= end; i += 4) {
    const word = bytes[i]! | (bytes[i + 1]! << 8) | (bytes[i + 2]! << 16) | (bytes[i + 3]! << 24);
    hash = Math.imul(hash ^ word, 0x9e3779b1);
    hash ^= hash >>> 15;
  }
  for (; i < end; i++) hash = Math.imul(hash ^ bytes[i]!, 0x01000193);
  hash ^= hash >>> 15;
  return Math.imul(hash, 0x2c1b3c6d) >>> 0;
}

function grown(old: Uint32Array<ArrayBuffer>): Uint32Array<ArrayBuffer> {
  const larger = new Uint32Array(old.length * 2);
  larger.set(old);
  return larger;
}
