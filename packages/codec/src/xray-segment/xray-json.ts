import { DecodeError, isJsonObject } from '@spanloom/base';

/**
 * A number as it was written. Times must not pass through a double, which near today's epoch seconds has steps of 238 ns, and
 * annotations may have more digits than a double holds.
 */
export class NumberText {
  readonly text: string;

  constructor(text: string) {
    this.text = text;
  }

  /** The nearest double. */
  get value(): number {
    return Number(this.text);
  }
}

/** JSON with its numbers as written. */
export type XRayValue =
  | string
  | boolean
  | null
  | NumberText
  | readonly XRayValue[]
  | { readonly [key: string]: XRayValue };

export type XRayObject = Readonly<Record<string, XRayValue>>;

/** Values inside values that recursion follows. What is deeper, of which 64 kB could hold thousands, stays text. */
const DEEPEST = 64;

/**
 * A cursor over JSON text. It works on a string, not on bytes: documents of a fetched trace are texts within a text, and making a
 * string of each member's bytes took a sixth of all decoding. Every method throws a `DecodeError` with the byte at which reading
 * stopped.
 */
export class XRayJsonReader {
  readonly text: string;
  pos = 0;

  constructor(text: string) {
    this.text = text;
  }

  /** The code of the next character that is no white space, which stays next. */
  peek(): number {
    const { text } = this;
    let { pos } = this;
    let code = text.charCodeAt(pos);
    while (code === 0x20 || code === 0x0a || code === 0x0d || code === 0x09)
      code = text.charCodeAt(++pos);
    this.pos = pos;
    if (pos >= text.length) throw this.#short();
    return code;
  }

  /** Enters the array or object that begins here. Follow with `more` until it says false. */
  enter(): void {
    this.pos++;
  }

  /** Moves to the next element or key. False, and past the end, after the last one. */
  more(first: boolean, close: number): boolean {
    let code = this.peek();
    if (code === close) {
      this.pos++;
      return false;
    }
    if (first) return true;
    if (code !== COMMA) throw this.fail(`"," or "${String.fromCharCode(close)}"`);
    this.pos++;
    code = this.peek();
    if (code === close) throw this.fail('another value after ","');
    return true;
  }

  /** Reads a member's key and passes over the colon. */
  key(): string {
    if (this.peek() !== QUOTE) throw this.fail('a key');
    const key = this.string();
    if (this.peek() !== COLON) throw this.fail('":"');
    this.pos++;
    return key;
  }

  /** Reads the value that is next. */
  value(depth = 1): XRayValue {
    const code = this.peek();
    switch (code) {
      case QUOTE:
        return this.string();
      case OPEN_OBJECT: {
        if (depth > DEEPEST) return this.#unread();
        const object = newObject();
        this.pos++;
        for (let first = true; this.more(first, CLOSE_OBJECT); first = false)
          object[this.key()] = this.value(depth + 1);
        return object;
      }
      case OPEN_ARRAY: {
        if (depth > DEEPEST) return this.#unread();
        const array: XRayValue[] = [];
        this.pos++;
        for (let first = true; this.more(first, CLOSE_ARRAY); first = false)
          array.push(this.value(depth + 1));
        return array;
      }
      case 0x74:
        this.#word('true');
        return true;
      case 0x66:
        this.#word('false');
        return false;
      case 0x6e:
        this.#word('null');
        return null;
      default:
        if (code === MINUS || isDigit(code)) return new NumberText(this.#number());
        throw this.fail('a JSON value');
    }
  }

  /** Reads the string that begins here. */
  string(): string {
    const { text } = this;
    const start = this.pos;
    for (let at = start + 1; at < text.length; at++) {
      const code = text.charCodeAt(at);
      if (code === QUOTE) {
        this.pos = at + 1;
        return text.slice(start + 1, at);
      }
      if (code === BACKSLASH) return this.#escaped(start, at);
      if (code < 0x20) throw this.#broken('a control character inside a string', at);
    }
    throw this.#short();
  }

  /** Whether only white space follows. */
  isAtEnd(): boolean {
    for (let at = this.pos; at < this.text.length; at++) {
      if (!/\s/.test(this.text[at]!)) return false;
    }
    return true;
  }

  /** Moves past the end of the line, to try again there. */
  skipLine(): void {
    const end = this.text.indexOf('\n', this.pos);
    this.pos = end < 0 ? this.text.length : end + 1;
  }

  /** Demands that only white space follows. */
  finish(): void {
    if (this.isAtEnd()) return;
    this.peek();
    throw this.fail('the end of the body');
  }

  /** What to throw when something else than `expected` is next. */
  fail(expected: string): DecodeError {
    if (this.pos >= this.text.length) return this.#short();
    const code = this.text.charCodeAt(this.pos);
    const shown =
      code > 0x20 && code < 0x7f
        ? `"${String.fromCharCode(code)}"`
        : `byte 0x${code.toString(16).padStart(2, '0')}`;
    return this.#broken(`expected ${expected}, found ${shown}`, this.pos);
  }

  /** What to throw about the place where reading is. */
  problem(problem: string): DecodeError {
    return this.#broken(problem, this.pos);
  }

  /** The text of the object or array that begins here. */
  #unread(): string {
    const start = this.pos;
    let open = 0;
    do {
      const code = this.peek();
      if (code === QUOTE) {
        this.string();
        continue;
      }
      if (code === OPEN_OBJECT || code === OPEN_ARRAY) open++;
      else if (code === CLOSE_OBJECT || code === CLOSE_ARRAY) open--;
      this.pos++;
    } while (open > 0);
    return this.text.slice(start, this.pos);
  }

  /** Finds the end; what the escapes mean is for `JSON.parse` to say. */
  #escaped(start: number, firstEscape: number): string {
    const { text } = this;
    let at = firstEscape;
    for (; at < text.length; at++) {
      const code = text.charCodeAt(at);
      if (code === QUOTE) break;
      if (code === BACKSLASH) at++;
      else if (code < 0x20) throw this.#broken('a control character inside a string', at);
    }
    if (at >= text.length) throw this.#short();
    this.pos = at + 1;
    try {
      return JSON.parse(text.slice(start, at + 1)) as string;
    } catch {
      throw this.#broken('an escape in a string that JSON does not know', firstEscape);
    }
  }

  #number(): string {
    const { text } = this;
    const start = this.pos;
    if (text.charCodeAt(this.pos) === MINUS) this.pos++;
    // A zero in front is followed by no other digit.
    if (text.charCodeAt(this.pos) === 0x30) this.pos++;
    else this.#digits();
    if (text.charCodeAt(this.pos) === DOT) {
      this.pos++;
      this.#digits();
    }
    const code = text.charCodeAt(this.pos);
    if (code === 0x65 || code === 0x45) {
      const sign = text.charCodeAt(++this.pos);
      if (sign === 0x2b || sign === MINUS) this.pos++;
      this.#digits();
    }
    return text.slice(start, this.pos);
  }

  #digits(): void {
    const { text } = this;
    const start = this.pos;
    let at = start;
    while (isDigit(text.charCodeAt(at))) at++;
    this.pos = at;
    if (at === start) throw this.fail('a digit');
  }

  #word(word: string): void {
    for (let i = 0; i < word.length; i++, this.pos++) {
      if (this.text.charCodeAt(this.pos) !== word.charCodeAt(i)) throw this.fail(word);
    }
  }

  #short(): DecodeError {
    const end = Buffer.byteLength(this.text);
    return new DecodeError('the body ends inside a JSON value', end, { reason: 'EOF' });
  }

  #broken(problem: string, at: number): DecodeError {
    return new DecodeError(problem, Buffer.byteLength(this.text.slice(0, at)));
  }
}

export const OPEN_OBJECT = 0x7b;
export const CLOSE_OBJECT = 0x7d;
export const OPEN_ARRAY = 0x5b;
export const CLOSE_ARRAY = 0x5d;
export const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const COMMA = 0x2c;
const COLON = 0x3a;
const MINUS = 0x2d;
const DOT = 0x2e;

function isDigit(code: number): boolean {
  return code >= 0x30 && code <= 0x39;
}

/** Makes objects whose prototype has no members: a sender may well name one `__proto__`. Objects without any prototype are slow. */
const Members = function Members(): void {} as unknown as new () => Record<string, XRayValue>;
Members.prototype = Object.create(null) as object;

/** An object to fill. */
export function newObject(): Record<string, XRayValue> {
  return new Members();
}

/** JSON text of a value, its numbers as they came. */
export function xrayJson(value: XRayValue): string {
  if (value instanceof NumberText) return value.text;
  if (Array.isArray(value)) return `[${(value as readonly XRayValue[]).map(xrayJson).join(',')}]`;
  if (isXRayObject(value)) {
    const members = Object.entries(value).map(
      ([key, item]) => `${JSON.stringify(key)}:${xrayJson(item)}`,
    );
    return `{${members.join(',')}}`;
  }
  return JSON.stringify(value);
}

export function isXRayObject(value: XRayValue | undefined): value is XRayObject {
  return isJsonObject(value) && !(value instanceof NumberText);
}

const NONE: XRayObject = newObject();

/** A member that is an object; an empty one where it is missing or something else. */
export function objectAt(object: XRayObject, key: string): XRayObject {
  const value = object[key];
  return isXRayObject(value) ? value : NONE;
}

/** A member's objects where it is an array; [] otherwise. */
export function objectsAt(object: XRayObject, key: string): readonly XRayObject[] {
  const value = object[key];
  return Array.isArray(value) ? (value as readonly XRayValue[]).filter(isXRayObject) : [];
}

/** A member as text: strings as they are, numbers as written; '' for everything else. */
export function textAt(object: XRayObject, key: string): string {
  const value = object[key];
  if (typeof value === 'string') return value;
  return value instanceof NumberText ? value.text : '';
}

/** Whether a member is `true`. Some senders write `false`, most leave it out. */
export function isTrueAt(object: XRayObject, key: string): boolean {
  return object[key] === true;
}
