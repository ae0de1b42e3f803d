import { StringTable } from '@spanloom/model';
import type { TextRule } from './span-text.ts';

/**
 * A column of texts that pass through a rule on their way in. The rule runs once for each distinct text, not once per span:
 * what came in is looked up by its bytes and remembers what it became.
 */
export class NormalisedTexts {
  /** The texts as stored. */
  readonly table: StringTable;
  readonly #rule: TextRule;
  readonly #raw: StringTable = new StringTable();
  /** Number in `table` plus one, by number in `#raw`; 0 while unknown. */
  #stored: Uint32Array<ArrayBuffer> = new Uint32Array(256);
  #reasons: string[] = [];
  #last = 0;

  constructor(table: StringTable, rule: TextRule) {
    this.table = table;
    this.#rule = rule;
  }

  /** How often bad UTF-8 was mended. */
  get replaced(): number {
    return this.#raw.replaced;
  }

  /** The stored text's number; the change, if any, is counted. */
  intern(bytes: Uint8Array, start: number, end: number, count: (reason: string) => void): number {
    // Neighbouring spans often share the text: comparing with the last one is cheaper than hashing.
    let raw = this.#last;
    if (!this.#raw.equals(raw, bytes, start, end)) {
      raw = this.#raw.intern(bytes, start, end);
      this.#last = raw;
    }
    if (raw >= this.#stored.length) {
      const larger = new Uint32Array(Math.max(raw + 1, this.#stored.length * 2));
      larger.set(this.#stored);
      this.#stored = larger;
    }
    let stored = this.#stored[raw]! - 1;
    if (stored < 0) {
      const { text, reason } =
        raw === 0 ? { text: '', reason: '' } : this.#rule(this.#raw.text(raw));
      stored = this.table.internText(text);
      this.#stored[raw] = stored + 1;
      this.#reasons[raw] = reason;
    }
    const reason = this.#reasons[raw]!;
    if (reason !== '') count(reason);
    return stored;
  }
}
