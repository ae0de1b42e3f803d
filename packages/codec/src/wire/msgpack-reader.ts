import { DecodeError } from '@spanloom/base';
import { highWord, lowWord } from './int64.ts';

const DEEPEST = 64;

/**
 * A cursor over msgpack bytes that makes no objects and no strings.
 *
 * Texts are given as a range of `bytes` (`textStart`, `textEnd`), integers as two words (`high`, `low`). nil reads as the
 * empty text, as 0 and as an empty map or array, because every tracer sends it where it has nothing to say.
 *
 * Every method throws `DecodeError` with the position of the value: reason `EOF` when the bytes end too early.
 */
export class MsgpackReader {
  readonly bytes: Uint8Array;
  /** Where the next value begins. */
  pos: number;
  /** Range of the text or binary value read last. */
  textStart = 0;
  textEnd = 0;
  /** Words of the number read last, when `integer`; in two's complement. */
  high = 0;
  low = 0;
  /** Whether the number read last had an integer form on the wire. */
  integer = false;
  /** Whether an integer read last was in an unsigned form, so that `high` above 2^31 is not a sign. */
  unsigned = false;
  readonly #view: DataView;
  readonly #end: number;

  constructor(bytes: Uint8Array, pos = 0) {
    this.bytes = bytes;
    this.pos = pos;
    this.#end = bytes.length;
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  }

  get atEnd(): boolean {
    return this.pos === this.#end;
  }

  /** The type byte of the next value, not consumed. */
  peek(): number {
    if (this.pos >= this.#end) throw this.#short(this.pos);
    return this.bytes[this.pos]!;
  }

  /** Whether the next value is text; not consumed. */
  isText(): boolean {
    const byte = this.peek();
    return (byte & 0xe0) === 0xa0 || (byte >= 0xd9 && byte <= 0xdb);
  }

  /** Consumes the next value if it is nil. */
  takeNil(): boolean {
    if (this.peek() !== 0xc0) return false;
    this.pos++;
    return true;
  }

  /** Number of elements of the array that begins here. */
  readArrayHeader(): number {
    const at = this.pos;
    const byte = this.#byte();
    let count: number;
    if ((byte & 0xf0) === 0x90) count = byte & 15;
    else if (byte === 0xdc) count = this.#uint(2);
    else if (byte === 0xdd) count = this.#uint(4);
    else if (byte === 0xc0) count = 0;
    else throw this.#wrong('an array', at);
    // An element takes a byte or more: a count beyond what is left can only be cut short, or a lie.
    if (count > this.#end - this.pos) throw this.#short(at);
    return count;
  }

  /** Number of entries of the map that begins here. */
  readMapHeader(): number {
    const at = this.pos;
    const byte = this.#byte();
    let count: number;
    if ((byte & 0xf0) === 0x80) count = byte & 15;
    else if (byte === 0xde) count = this.#uint(2);
    else if (byte === 0xdf) count = this.#uint(4);
    else if (byte === 0xc0) count = 0;
    else throw this.#wrong('a map', at);
    if (count * 2 > this.#end - this.pos) throw this.#short(at);
    return count;
  }

  /** Reads text, or binary that stands for text; sets `textStart` and `textEnd`. */
  readText(): void {
    const at = this.pos;
    const byte = this.#byte();
    let length: number;
    if ((byte & 0xe0) === 0xa0) length = byte & 31;
    else if (byte === 0xd9 || byte === 0xc4) length = this.#uint(1);
    else if (byte === 0xda || byte === 0xc5) length = this.#uint(2);
    else if (byte === 0xdb || byte === 0xc6) length = this.#uint(4);
    else if (byte === 0xc0) length = 0;
    else throw this.#wrong('text', at);
    if (length > this.#end - this.pos) throw this.#short(at);
    this.textStart = this.pos;
    this.pos += length;
    this.textEnd = this.pos;
  }

  /** Reads text as a string: for parts that come once per payload. */
  readString(): string {
    this.readText();
    return this.string();
  }

  /** The text read last as a string. */
  string(): string {
    const { buffer, byteOffset } = this.bytes;
    return Buffer.from(buffer, byteOffset + this.textStart, this.textEnd - this.textStart).toString(
      'utf8',
    );
  }

  /** Reads a number in any form, true and false as 1 and 0. Integers also set `high` and `low`. */
  readNumber(): number {
    const at = this.pos;
    const byte = this.#byte();
    this.integer = true;
    this.unsigned = false;
    if (byte < 0x80) return this.#small(byte);
    if (byte >= 0xe0) return this.#small(byte - 256);
    switch (byte) {
      case 0xc0:
      case 0xc2:
        return this.#small(0);
      case 0xc3:
        return this.#small(1);
      case 0xca: {
        this.integer = false;
        this.#need(4);
        const value = this.#view.getFloat32(this.pos);
        this.pos += 4;
        return value;
      }
      case 0xcb: {
        this.integer = false;
        this.#need(8);
        const value = this.#view.getFloat64(this.pos);
        this.pos += 8;
        return value;
      }
      case 0xcc:
        return this.#small(this.#uint(1));
      case 0xcd:
        return this.#small(this.#uint(2));
      case 0xce:
        this.high = 0;
        return (this.low = this.#uint(4));
      case 0xcf:
        this.#words();
        this.unsigned = true;
        return this.high * 4_294_967_296 + this.low;
      case 0xd0:
        return this.#small((this.#uint(1) << 24) >> 24);
      case 0xd1:
        return this.#small((this.#uint(2) << 16) >> 16);
      case 0xd2:
        return this.#small(this.#uint(4) | 0);
      case 0xd3:
        this.#words();
        return (this.high | 0) * 4_294_967_296 + this.low;
      default:
        throw this.#wrong('a number', at);
    }
  }

  /** Reads a number in any form into `high` and `low`; fractions are cut off, what is not finite becomes 0. */
  readInt64(): void {
    const value = this.readNumber();
    if (this.integer) return;
    const whole = Number.isFinite(value) ? Math.trunc(value) : 0;
    this.high = highWord(whole);
    this.low = lowWord(whole);
  }

  /** Reads true, false, nil or a number as a truth value. */
  readBoolean(): boolean {
    return this.readNumber() !== 0;
  }

  /** Passes over one value of any type. */
  skip(depth: number = DEEPEST): void {
    const at = this.pos;
    if (depth < 0) throw new DecodeError(`nested deeper than ${DEEPEST} levels`, at);
    const byte = this.#byte();
    if (byte < 0x80 || byte >= 0xe0) return;
    if ((byte & 0xe0) === 0xa0) return this.#pass(byte & 31, at);
    if ((byte & 0xf0) === 0x80 || byte === 0xde || byte === 0xdf) {
      this.pos = at;
      for (let left = this.readMapHeader() * 2; left > 0; left--) this.skip(depth - 1);
      return;
    }
    if ((byte & 0xf0) === 0x90 || byte === 0xdc || byte === 0xdd) {
      this.pos = at;
      for (let left = this.readArrayHeader(); left > 0; left--) this.skip(depth - 1);
      return;
    }
    switch (byte) {
      case 0xc0:
      case 0xc2:
      case 0xc3:
        return;
      case 0xc4:
      case 0xd9:
        return this.#pass(this.#uint(1), at);
      case 0xc5:
      case 0xda:
        return this.#pass(this.#uint(2), at);
      case 0xc6:
      case 0xdb:
        return this.#pass(this.#uint(4), at);
      case 0xc7:
        return this.#pass(this.#uint(1) + 1, at);
      case 0xc8:
        return this.#pass(this.#uint(2) + 1, at);
      case 0xc9:
        return this.#pass(this.#uint(4) + 1, at);
      case 0xcc:
      case 0xd0:
        return this.#pass(1, at);
      case 0xcd:
      case 0xd1:
      case 0xd4:
        return this.#pass(2, at);
      case 0xca:
      case 0xce:
      case 0xd2:
        return this.#pass(4, at);
      case 0xd5:
        return this.#pass(3, at);
      case 0xd6:
        return this.#pass(5, at);
      case 0xcb:
      case 0xcf:
      case 0xd3:
        return this.#pass(8, at);
      case 0xd7:
        return this.#pass(9, at);
      case 0xd8:
        return this.#pass(17, at);
      default:
        throw new DecodeError('type byte 0xc1 is not msgpack', at);
    }
  }

  /** An error at the value that begins at `at`: expected something else. */
  wrong(expected: string, at: number): DecodeError {
    return this.#wrong(expected, at);
  }

  /** Demands that nothing follows. */
  finish(): void {
    if (this.pos !== this.#end) {
      throw new DecodeError(
        `${this.#end - this.pos} bytes follow the end of the payload`,
        this.pos,
      );
    }
  }

  #small(value: number): number {
    this.high = value < 0 ? 0xffff_ffff : 0;
    this.low = value >>> 0;
    return value;
  }

  #words(): void {
    this.#need(8);
    this.high = this.#view.getUint32(this.pos);
    this.low = this.#view.getUint32(this.pos + 4);
    this.pos += 8;
  }

  #byte(): number {
    if (this.pos >= this.#end) throw this.#short(this.pos);
    return this.bytes[this.pos++]!;
  }

  #uint(size: 1 | 2 | 4): number {
    this.#need(size);
    const at = this.pos;
    this.pos += size;
    if (size === 1) return this.bytes[at]!;
    return size === 2 ? this.#view.getUint16(at) : this.#view.getUint32(at);
  }

  #need(count: number): void {
    if (count > this.#end - this.pos) throw this.#short(this.pos);
  }

  #pass(count: number, at: number): void {
    if (count > this.#end - this.pos) throw this.#short(at);
    this.pos += count;
  }

  #short(at: number): DecodeError {
    return new DecodeError('the body ends inside a value', at, { reason: 'EOF' });
  }

  #wrong(expected: string, at: number): DecodeError {
    const found = this.bytes[at]!.toString(16).padStart(2, '0');
    return new DecodeError(`expected ${expected}, found type byte 0x${found}`, at);
  }
}
