import { signedText } from '../wire/int64.ts';
import { doubleJson } from '../wire/json-text.ts';
import type { AttributeTarget } from './attribute-target.ts';
import type { KeyTable } from './key-table.ts';

type Entry =
  | { type: 'text' | 'binary'; key: number; bytes: Uint8Array; start: number; end: number }
  | { type: 'integer'; key: number; high: number; low: number }
  | { type: 'double'; key: number; value: number }
  | { type: 'boolean'; key: number; value: boolean }
  | { type: 'json'; key: number; value: string };

/**
 * Attributes stated once for many spans: payload tags, chunk tags, an OTLP resource or scope.
 * Keeps ranges of the payload, so it lives no longer than that.
 */
export class AttributeList implements AttributeTarget {
  readonly #entries: Entry[] = [];
  readonly #keys: KeyTable;

  constructor(keys: KeyTable) {
    this.#keys = keys;
  }

  get isEmpty(): boolean {
    return this.#entries.length === 0;
  }

  text(key: number, bytes: Uint8Array, start: number, end: number): void {
    this.#entries.push({ type: 'text', key, bytes, start, end });
  }

  integer(key: number, high: number, low: number): void {
    this.#entries.push({ type: 'integer', key, high, low });
  }

  double(key: number, value: number): void {
    this.#entries.push({ type: 'double', key, value });
  }

  boolean(key: number, value: boolean): void {
    this.#entries.push({ type: 'boolean', key, value });
  }

  json(key: number, text: string): void {
    this.#entries.push({ type: 'json', key, value: text });
  }

  binary(key: number, bytes: Uint8Array, start: number, end: number): void {
    this.#entries.push({ type: 'binary', key, bytes, start, end });
  }

  /** States text that is not in the payload as it stands, such as a header. */
  addText(key: number, text: string): void {
    const bytes = Buffer.from(text, 'utf8');
    this.text(key, bytes, 0, bytes.length);
  }

  /** States every attribute again to `target`, except those it has. */
  applyTo(target: AttributeTarget, has: (key: number) => boolean): void {
    for (const entry of this.#entries) {
      if (has(entry.key)) continue;
      switch (entry.type) {
        case 'text':
          target.text(entry.key, entry.bytes, entry.start, entry.end);
          break;
        case 'integer':
          target.integer(entry.key, entry.high, entry.low);
          break;
        case 'double':
          target.double(entry.key, entry.value);
          break;
        case 'boolean':
          target.boolean(entry.key, entry.value);
          break;
        case 'json':
          target.json(entry.key, entry.value);
          break;
        case 'binary':
          target.binary(entry.key, entry.bytes, entry.start, entry.end);
          break;
      }
    }
  }

  /** A list of the same attributes but one. */
  without(name: string): AttributeList {
    const key = this.#keys.of(name);
    const list = new AttributeList(this.#keys);
    list.#entries.push(...this.#entries.filter((entry) => entry.key !== key));
    return list;
  }

  /** The text of one attribute, '' when it is missing or no text. */
  textOf(name: string): string {
    const key = this.#keys.of(name);
    const found = this.#entries.findLast((entry) => entry.key === key);
    return found?.type === 'text' ? textOf(found.bytes, found.start, found.end) : '';
  }

  /** A JSON object of all attributes, '' when there are none. Integers and doubles stay apart: `1` and `1.0`. */
  toJson(): string {
    if (this.isEmpty) return '';
    const members = new Map<string, string>();
    for (const entry of this.#entries) members.set(this.#keys.text(entry.key), entryJson(entry));
    return `{${Array.from(members, ([key, value]) => `${JSON.stringify(key)}:${value}`).join(',')}}`;
  }
}

function entryJson(entry: Entry): string {
  switch (entry.type) {
    case 'text':
      return JSON.stringify(textOf(entry.bytes, entry.start, entry.end));
    case 'integer':
      return signedText(entry.high, entry.low);
    case 'double':
      return doubleJson(entry.value);
    case 'boolean':
      return String(entry.value);
    case 'json':
      return entry.value;
    case 'binary':
      return JSON.stringify({
        $bytes: Buffer.from(entry.bytes.subarray(entry.start, entry.end)).toString('base64'),
      });
  }
}

function textOf(bytes: Uint8Array, start: number, end: number): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset + start, end - start).toString('utf8');
}
