import { DecodeError } from '@spanloom/base';
import { ByteWriter } from '@spanloom/base/byte-writer';

const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const OPEN_OBJECT = 0x7b;
const CLOSE_OBJECT = 0x7d;
const OPEN_ARRAY = 0x5b;
const CLOSE_ARRAY = 0x5d;
const COMMA = 0x2c;
const COLON = 0x3a;
const MINUS = 0x2d;
const DOT = 0x2e;

/** What a JSON value begins as. */
export type JsonToken = 'object' | 'array' | 'string' | 'number' | 'true' | 'false' | 'null';

const DEEPEST = 64;

/**
 * A cursor over JSON bytes. `JSON.parse` would round 64-bit ids to doubles and forget where in the body a mistake is; this
 * keeps integers exact and every error at its byte.
 */
export class JsonReader {
  readonly bytes: Uint8Array;
  pos = 0;
  /** The text read last: `text[textStart, textEnd)`, without escapes. Valid until the next one is read. */
  text: Uint8Array;
  textStart = 0;
  textEnd = 0;
  #depth = 0;
  readonly #scratch: ByteWriter = new ByteWriter(256);

  constructor(bytes: Uint8Array) {
    this.bytes = bytes;
    this.text = bytes;
    // A byte order mark is not JSON, yet some senders write one.
    if (bytes[0] === 0xef && bytes[1] === 0xbb && bytes[2] === 0xbf) this.pos = 3;
  }

  /** What the next value is; the cursor stays before it. */
  peek(): JsonToken {
    const byte = this.#peekByte();
    switch (byte) {
      case OPEN_OBJECT:
        return 'object';
      case OPEN_ARRAY:
        return 'array';
      case QUOTE:
        return 'string';
      case 0x74:
        return 'true';
      case 0x66:
        return 'false';
      case 0x6e:
        return 'null';
      default:
        if (byte === MINUS || (byte >= 0x30 && byte <= 0x39)) return 'number';
        throw this.#unexpected('a JSON value');
    }
  }

  /** Enters the object or array that begins here. Follow with `nextKey` or `nextElement` until it says false. */
  enter(): void {
    const byte = this.#peekByte();
    if (byte !== OPEN_OBJECT && byte !== OPEN_ARRAY)
      throw this.#unexpected('an object or an array');
    if (++this.#depth > DEEPEST)
      throw new DecodeError(`nested deeper than ${DEEPEST} levels`, this.pos);
    this.pos++;
  }

  /** Moves to the next member: its key is the text read last, its value is next. False, and past the end, after the last one. */
  nextKey(first: boolean): boolean {
    if (!this.#more(first, CLOSE_OBJECT)) return false;
    if (this.#peekByte() !== QUOTE) throw this.#unexpected('a key');
    this.readString();
    if (this.#peekByte() !== COLON) throw this.#unexpected('":"');
    this.pos++;
    return true;
  }

  /** Moves to the next element. False, and past the end, after the last one. */
  nextElement(first: boolean): boolean {
    return this.#more(first, CLOSE_ARRAY);
  }

  /** Reads a string into `text`. */
  readString(): void {
    if (this.#peekByte() !== QUOTE) throw this.#unexpected('a string');
    const { bytes } = this;
    const start = ++this.pos;
    for (let at = start; at < bytes.length; at++) {
      const byte = bytes[at]!;
      if (byte === QUOTE) {
        this.text = bytes;
        this.textStart = start;
        this.textEnd = at;
        this.pos = at + 1;
        return;
      }
      if (byte === BACKSLASH) return this.#readEscaped(start, at);
      if (byte < 0x20) throw new DecodeError('a control character inside a string', at);
    }
    throw this.#short();
  }

  /** The text read last as a string. */
  string(): string {
    return Buffer.from(
      this.text.buffer,
      this.text.byteOffset + this.textStart,
      this.textEnd - this.textStart,
    ).toString('utf8');
  }

  /** Reads a number and returns its text: digits are exact, whatever their count. */
  readNumberText(): string {
    this.#peekByte();
    const start = this.pos;
    const { bytes } = this;
    let at = start;
    const digits = (): void => {
      const first = at;
      while (at < bytes.length && bytes[at]! >= 0x30 && bytes[at]! <= 0x39) at++;
      if (at === first) {
        this.pos = at;
        throw at === bytes.length ? this.#short() : this.#unexpected('a digit');
      }
    };
    if (bytes[at] === MINUS) at++;
    // A zero in front is followed by no other digit.
    if (bytes[at] === 0x30) at++;
    else digits();
    if (bytes[at] === DOT) {
      at++;
      digits();
    }
    if (bytes[at] === 0x65 || bytes[at] === 0x45) {
      at++;
      if (bytes[at] === 0x2b || bytes[at] === MINUS) at++;
      digits();
    }
    this.pos = at;
    return Buffer.from(bytes.buffer, bytes.byteOffset + start, at - start).toString('latin1');
  }

  /** Passes over `true`, `false` or `null`. */
  readWord(word: 'true' | 'false' | 'null'): void {
    for (let i = 0; i < word.length; i++) {
      if (this.pos >= this.bytes.length) throw this.#short();
      if (this.bytes[this.pos] !== word.charCodeAt(i)) throw this.#unexpected(word);
      this.pos++;
    }
  }

  /** Passes over one value. */
  skip(): void {
    const token = this.peek();
    switch (token) {
      case 'object':
        this.enter();
        for (let first = true; this.nextKey(first); first = false) this.skip();
        return;
      case 'array':
        this.enter();
        for (let first = true; this.nextElement(first); first = false) this.skip();
        return;
      case 'string':
        return this.readString();
      case 'number':
        this.readNumberText();
        return;
      default:
        return this.readWord(token);
    }
  }

  /** Demands that only white space follows. */
  finish(): void {
    this.#skipSpace();
    if (this.pos !== this.bytes.length) throw this.#unexpected('the end of the body');
  }

  #more(first: boolean, close: number): boolean {
    const byte = this.#peekByte();
    if (byte === close) {
      this.pos++;
      this.#depth--;
      return false;
    }
    if (first) return true;
    if (byte !== COMMA) throw this.#unexpected(`"," or "${String.fromCharCode(close)}"`);
    this.pos++;
    if (this.#peekByte() === close) throw this.#unexpected('another value after ","');
    return true;
  }

  #readEscaped(start: number, firstEscape: number): void {
    const { bytes } = this;
    const out = this.#scratch;
    out.clear();
    out.raw(bytes.subarray(start, firstEscape));
    let at = firstEscape;
    while (at < bytes.length) {
      const byte = bytes[at]!;
      if (byte === QUOTE) {
        this.text = out.bytes;
        this.textStart = 0;
        this.textEnd = out.length;
        this.pos = at + 1;
        return;
      }
      if (byte !== BACKSLASH) {
        if (byte < 0x20) throw new DecodeError('a control character inside a string', at);
        out.u8(byte);
        at++;
        continue;
      }
      this.pos = at;
      const escape = bytes[at + 1];
      if (escape === undefined) throw this.#short();
      const plain = PLAIN_ESCAPES.get(escape);
      if (plain !== undefined) {
        out.u8(plain);
        at += 2;
      } else if (escape === 0x75) {
        let unit = this.#hexUnit(at + 2);
        at += 6;
        if (unit >= 0xd800 && unit < 0xdc00 && bytes[at] === BACKSLASH && bytes[at + 1] === 0x75) {
          const second = this.#hexUnit(at + 2);
          if (second >= 0xdc00 && second < 0xe000) {
            unit = 0x10000 + ((unit - 0xd800) << 10) + (second - 0xdc00);
            at += 6;
          }
        }
        // A surrogate on its own becomes U+FFFD here: it has no UTF-8.
        const text = Buffer.from(String.fromCodePoint(unit), 'utf8');
        out.raw(text);
      } else {
        throw this.#unexpected('an escape');
      }
    }
    throw this.#short();
  }

  #hexUnit(at: number): number {
    let unit = 0;
    for (let i = at; i < at + 4; i++) {
      const byte = this.bytes[i];
      if (byte === undefined) throw this.#short();
      const digit = HEX.indexOf(String.fromCharCode(byte).toLowerCase());
      if (digit < 0) throw new DecodeError('expected four hex digits after \\u', i);
      unit = unit * 16 + digit;
    }
    return unit;
  }

  #peekByte(): number {
    this.#skipSpace();
    if (this.pos >= this.bytes.length) throw this.#short();
    return this.bytes[this.pos]!;
  }

  #skipSpace(): void {
    const { bytes } = this;
    let { pos } = this;
    while (pos < bytes.length) {
      const byte = bytes[pos]!;
      if (byte !== 0x20 && byte !== 0x0a && byte !== 0x0d && byte !== 0x09) break;
      pos++;
    }
    this.pos = pos;
  }

  #short(): DecodeError {
    return new DecodeError('the body ends inside a JSON value', this.bytes.length, {
      reason: 'EOF',
    });
  }

  #unexpected(expected: string): DecodeError {
    if (this.pos >= this.bytes.length) return this.#short();
    const found = this.bytes[this.pos]!;
    const shown =
      found > 0x20 && found < 0x7f
        ? `"${String.fromCharCode(found)}"`
        : `byte 0x${found.toString(16)}`;
    return new DecodeError(`expected ${expected}, found ${shown}`, this.pos);
  }
}

const HEX = '0123456789abcdef';

const PLAIN_ESCAPES: ReadonlyMap<number, number> = new Map([
  [0x22, 0x22],
  [0x5c, 0x5c],
  [0x2f, 0x2f],
  [0x62, 0x08],
  [0x66, 0x0c],
  [0x6e, 0x0a],
  [0x72, 0x0d],
  [0x74, 0x09],
]);
