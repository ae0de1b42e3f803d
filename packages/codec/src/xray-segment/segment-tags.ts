import { KEY_ACTIONS } from '../sink/key-actions.ts';
import type { KeyTable } from '../sink/key-table.ts';
import type { SpanSink } from '../sink/span-sink.ts';
import { TextBytes } from './text-bytes.ts';
import { NumberText, type XRayValue, xrayJson } from './xray-json.ts';

const INT64 = { min: -0x8000_0000_0000_0000n, max: 0x7fff_ffff_ffff_ffffn };

/** Most characters of JSON in one attribute. What is longer was meant for a file, and is cut where it is. */
const LONGEST_JSON = 5_000;

/** Writes attributes of the open span. The first to state a key has it: what we know comes before what programs wrote. */
export class SegmentTags {
  readonly #sink: SpanSink;
  readonly #keys: Map<string, number>;
  readonly #bytes = new TextBytes();

  constructor(sink: SpanSink) {
    this.#sink = sink;
    this.#keys = keysOf(sink.keys);
  }

  has(name: string): boolean {
    return this.#sink.has(this.#key(name));
  }

  /** Text, unless it is empty or the key is taken. */
  text(name: string, text: string): void {
    if (text !== '') this.#text(name, text);
  }

  flag(name: string, value: boolean): void {
    const key = this.#key(name);
    if (!this.#sink.has(key)) this.#sink.boolean(key, value);
  }

  /** JSON text, kept whole. */
  json(name: string, text: string): void {
    const key = this.#key(name);
    if (!this.#sink.has(key)) this.#sink.json(key, text);
  }

  /** Any value in the type it came in; null and nothing are no attribute. */
  value(name: string, value: XRayValue | undefined): void {
    if (value === undefined || value === null) return;
    // An empty text is a value too.
    if (typeof value === 'string') this.#text(name, value);
    else if (typeof value === 'boolean') this.flag(name, value);
    else if (value instanceof NumberText) this.#number(name, value);
    else this.#composite(name, xrayJson(value));
  }

  /** A number in text or as a number; other text stays text. */
  numeric(name: string, value: XRayValue | undefined): void {
    const isNumber = typeof value === 'string' && /^-?\d{1,18}(?:\.\d{1,9})?$/.test(value);
    this.value(name, isNumber ? new NumberText(value) : value);
  }

  /** Counts something about the open span that was not as it should be. */
  count(reason: string): void {
    this.#sink.count(reason);
  }

  #text(name: string, text: string): void {
    const key = this.#key(name);
    if (this.#sink.has(key)) return;
    const bytes = this.#bytes;
    bytes.set(text);
    this.#sink.text(key, bytes.bytes, 0, bytes.length);
  }

  /** JSON that was cut is no JSON any more, so it is kept as text. */
  #composite(name: string, json: string): void {
    if (json.length <= LONGEST_JSON) return this.json(name, json);
    this.count('MetadataTruncate');
    this.#text(name, `${json.slice(0, LONGEST_JSON)}...`);
  }

  #number(name: string, { text, value }: NumberText): void {
    const key = this.#key(name);
    if (this.#sink.has(key)) return;
    const isShort = text.length < 10 && !text.includes('.');
    if (isShort && Number.isSafeInteger(value) && value >= 0) {
      // Nearly every number: nothing about it needs 64 bits.
      if (!/e/i.test(text)) return this.#sink.integer(key, 0, value);
    }
    if (/^-?\d+$/.test(text)) {
      // Longer ones fit no 64 bits, and are not worth the time to find out by how much.
      const whole = text.length > 20 ? INT64.max + 1n : BigInt(text);
      if (whole >= INT64.min && whole <= INT64.max && text !== '-0') {
        const bits = BigInt.asUintN(64, whole);
        this.#sink.integer(key, Number(bits >> 32n), Number(bits & 0xffff_ffffn));
        return;
      }
      // As good as a double only where a double gives back these very digits.
      if (text !== '-0' && String(value) !== text) return this.#sink.textOf(key, text);
    }
    if (Number.isFinite(value)) this.#sink.double(key, value);
    else this.#sink.textOf(key, text);
  }

  #key(name: string): number {
    let key = this.#keys.get(name);
    if (key === undefined) {
      const bytes = Buffer.from(name, 'utf8');
      key = this.#sink.keys.find(bytes, 0, bytes.length);
      // A name of a program's own is a part of its document, which the map must not hold on to.
      this.#keys.set(bytes.toString('utf8'), key);
    }
    return key;
  }
}

/** Numbers of keys by their names, kept as long as the batch they belong to: 20 attributes a span make this the hottest look-up. */
const known = new WeakMap<KeyTable, Map<string, number>>();

function keysOf(table: KeyTable): Map<string, number> {
  let keys = known.get(table);
  if (keys === undefined) {
    keys = new Map();
    known.set(table, keys);
  }
  return keys;
}

/** Keys with a meaning of their own here, which a program's annotation of the same name must not take. */
const RESERVED: ReadonlySet<string> = new Set(['', 'host', 'service', ...KEY_ACTIONS.keys()]);
const RESERVED_FAMILY = /^(?:error|http|xray|_dd)\./;

/** Whether a program's annotation may not have this name. */
export function isReservedTag(name: string): boolean {
  return RESERVED.has(name) || RESERVED_FAMILY.test(name);
}
