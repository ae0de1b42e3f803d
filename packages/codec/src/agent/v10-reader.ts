import { DecodeError } from '@spanloom/base';
import { MsgpackReader } from '../wire/msgpack-reader.ts';
import { WireStrings } from '../wire/wire-strings.ts';

const DEEPEST = 64;

/**
 * A reader of agent traces v1.0, which number their texts as they stream by: a text on the wire takes the next number, an
 * integer in its place refers to an earlier one, and 0 is the empty text.
 *
 * Every text counts, wherever it is, so a value that is passed over still has its texts numbered. To read a value later than
 * it comes, pass over it and `rewind` to it: its texts then take the same numbers again.
 */
export class V10Reader extends MsgpackReader {
  readonly strings: WireStrings;
  /** The number the next text on the wire takes. */
  #next = 1;

  constructor(bytes: Uint8Array) {
    super(bytes);
    this.strings = new WireStrings(bytes);
    this.strings.add(0, 0);
  }

  /** Reads a text or a reference to one, and returns its number in `strings`. */
  readStreamed(): number {
    if (this.isText()) {
      this.readText();
      return this.#number();
    }
    const at = this.pos;
    if (this.takeNil()) return 0;
    const reference = this.readNumber();
    if (!this.integer || reference < 0 || reference >= this.#next) {
      throw new DecodeError(`reference to text ${reference}, of ${this.#next} so far`, at);
    }
    return reference;
  }

  readStreamedString(): string {
    return this.strings.text(this.readStreamed());
  }

  /** A key of a message: an unsigned integer. */
  readKey(): number {
    const at = this.pos;
    if (this.isText()) throw this.wrong('an integer key', at);
    const key = this.readNumber();
    if (!this.integer) throw this.wrong('an integer key', at);
    return key;
  }

  /** Where the cursor is, to `rewind` to. */
  place(): Place {
    return { pos: this.pos, next: this.#next };
  }

  /** Goes back, or forward again, to a place. */
  rewind(place: Place): void {
    this.pos = place.pos;
    this.#next = place.next;
  }

  /** Passes over one value, numbering the texts in it. */
  override skip(depth: number = DEEPEST): void {
    const at = this.pos;
    if (depth < 0) throw new DecodeError(`nested deeper than ${DEEPEST} levels`, at);
    const byte = this.peek();
    if (this.isText()) {
      this.readText();
      this.#number();
    } else if ((byte & 0xf0) === 0x80 || byte === 0xde || byte === 0xdf) {
      for (let left = this.readMapHeader() * 2; left > 0; left--) this.skip(depth - 1);
    } else if ((byte & 0xf0) === 0x90 || byte === 0xdc || byte === 0xdd) {
      for (let left = this.readArrayHeader(); left > 0; left--) this.skip(depth - 1);
    } else {
      super.skip(depth);
    }
  }

  #number(): number {
    const number = this.#next++;
    if (number === this.strings.size) this.strings.add(this.textStart, this.textEnd);
    return number;
  }
}

/** A point in the stream: position, and how many texts came before it. */
export interface Place {
  readonly pos: number;
  readonly next: number;
}
