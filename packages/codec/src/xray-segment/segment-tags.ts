import { KEY_ACTIONS } from '../sink/key-actions.ts';
import type { KeyTable } from '../sink/key-table.ts';
import type { SpanSink } from '../sink/span-sink.ts';
import { NumberText, type XRayValue, xrayJson } from './xray-json.ts';

const INT64 = { min: -0x8000_0000_0000_0000n, max: 0x7fff_ffff_ffff_ffffn };

/** Writes attributes of the open span. The first to state a key has it: what we know comes before what programs wrote. */
export class SegmentTags {
  readonly #sink: SpanSink;
  readonly #keys: Map<string, number>;

  constructor(sink: SpanSink) {
    this.#sink = sink;
    this.#keys = keysOf(sink.keys);
  }

  has(name: string): boolean {
    return this.#sink.has(this.#key(name));
  }

  /** Text, unless it is empty or the key is taken. */
  text(name: string, text: string): void {
    if (text === '') return;
    const key = this.#key(name);
    if (!this.#sink.has(key)) this.#sink.textOf(key, text);
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
    if (typeof value === 'string') {
      // An empty text is a value too.
      const key = this.#key(name);
      if (!this.#sink.has(key)) this.#sink.textOf(key, value);
    } else if (typeof value === 'boolean') this.flag(name, value);
    else if (value instanceof NumberText) this.#number(name, value);
    else this.json(name, xrayJson(value));
  }

  /** A number in text or as a number; other text stays text. */
  numeric(name: string, value: XRayValue | undefined): void {
    const isNumber = typeof value === 'string' && /^-?\d{1,18}(?:\.\d{1,9})?$/.test(value);
    this.value(name, isNumber ? new NumberText(value) : value);
  }

  #number(name: string, { text, value }: NumberText): void {
    const key = this.#key(name);
    if (this.#sink.has(key)) return;
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
      this.#keys.set(name, key);
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
