import { isUtf8 } from 'node:buffer';
import { ByteWriter } from '@spanloom/base/byte-writer';

const NOTHING = new Uint8Array(0);
const NO_VIEW = new DataView(NOTHING.buffer);

/**
 * Texts (or raw bytes) one after another, each behind its varint length: the data of a String column in ClickHouse's Native
 * format, so writing it out is one copy.
 */
export class TextColumn {
  /** All entries, length-prefixed. */
  readonly encoded: ByteWriter = new ByteWriter(4096);
  length = 0;
  /** Texts that were not UTF-8 and had bad sequences replaced by U+FFFD. */
  replaced = 0;
  /** Where each entry's length prefix begins. */
  #starts = new Uint32Array(256);
  /** Views over the bytes copied last, kept because one payload fills many entries. */
  #viewed: Uint8Array = NOTHING;
  #view: DataView = NO_VIEW;
  #source: Uint8Array = NOTHING;
  #sourceView: DataView = NO_VIEW;

  /** Appends `bytes[start, end)` as text: bad UTF-8 is replaced. */
  append(bytes: Uint8Array, start: number, end: number): void {
    const length = end - start;
    if (length < 128) {
      // Short texts are copied here, four bytes at a time: a call into native code costs more than the copy.
      this.#mark();
      const out = this.encoded;
      out.reserve(length + 1);
      const store = out.bytes;
      if (store !== this.#viewed) this.#viewStore(store);
      if (bytes !== this.#source) this.#viewSource(bytes);
      const from = this.#sourceView;
      const to = this.#view;
      let at = out.length;
      store[at++] = length;
      let high = 0;
      let i = start;
      for (; i + 4 <= end; i += 4, at += 4) {
        const word = from.getUint32(i);
        high |= word;
        to.setUint32(at, word);
      }
      high &= 0x8080_8080;
      for (; i < end; i++) {
        const byte = bytes[i]!;
        high |= byte & 128;
        store[at++] = byte;
      }
      if (high === 0 || isUtf8(bytes.subarray(start, end))) {
        out.length = at;
        return;
      }
      this.length--;
    } else if (isUtf8(bytes.subarray(start, end))) {
      this.appendBytes(bytes, start, end);
      return;
    }
    this.replaced++;
    this.appendText(Buffer.from(bytes.buffer, bytes.byteOffset + start, length).toString('utf8'));
  }

  /** Appends `bytes[start, end)` as they are. */
  appendBytes(bytes: Uint8Array, start: number, end: number): void {
    this.#mark();
    this.encoded.varint(end - start);
    this.encoded.raw(bytes.subarray(start, end));
  }

  /** Appends an empty entry. */
  appendEmpty(): void {
    this.#mark();
    this.encoded.u8(0);
  }

  appendText(text: string): void {
    this.#mark();
    this.encoded.text(text);
  }

  /** The bytes of one entry: valid until the column changes. */
  bytes(index: number): Buffer {
    const store = this.encoded.bytes;
    let at = this.#starts[index]!;
    let length = 0;
    let scale = 1;
    for (;;) {
      const byte = store[at++]!;
      length += (byte & 127) * scale;
      if (byte < 128) break;
      scale *= 128;
    }
    return store.subarray(at, at + length);
  }

  text(index: number): string {
    return this.bytes(index).toString('utf8');
  }

  /** Forgets everything from entry `length` on. */
  truncate(length: number): void {
    if (length >= this.length) return;
    this.encoded.length = this.#starts[length]!;
    this.length = length;
  }

  #viewStore(store: Uint8Array): void {
    this.#viewed = store;
    this.#view = new DataView(store.buffer, store.byteOffset, store.byteLength);
  }

  #viewSource(bytes: Uint8Array): void {
    this.#source = bytes;
    this.#sourceView = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  }

  #mark(): void {
    if (this.length === this.#starts.length) {
      const larger = new Uint32Array(this.#starts.length * 2);
      larger.set(this.#starts);
      this.#starts = larger;
    }
    this.#starts[this.length++] = this.encoded.length;
  }
}
