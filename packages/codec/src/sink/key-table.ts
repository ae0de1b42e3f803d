import { type SpanBatch, StringTable } from '@spanloom/model';
import { LIMITS } from '../normalise/span-text.ts';
import { truncateText } from '../normalise/truncate-utf8.ts';
import { KEY_ACTIONS } from './key-actions.ts';

/**
 * The distinct attribute keys of a batch, each with what to do about it and its number in every map column.
 *
 * Spans of one program state the same keys in the same order, so each key remembers which key followed it last time. A right
 * guess costs one comparison of bytes and no hash.
 */
export class KeyTable {
  readonly texts: StringTable = new StringTable();
  /** From `ACTION`. */
  action: Uint8Array<ArrayBuffer> = new Uint8Array(64);
  /** The span, as `SpanSink` counts them, that has stated this key in each column. */
  metaSeen: Uint32Array<ArrayBuffer> = new Uint32Array(64);
  metricSeen: Uint32Array<ArrayBuffer> = new Uint32Array(64);
  binarySeen: Uint32Array<ArrayBuffer> = new Uint32Array(64);
  /** Keys that were too long and are stored cut. */
  cut = 0;
  #meta: Int32Array<ArrayBuffer> = new Int32Array(64).fill(-1);
  #metric: Int32Array<ArrayBuffer> = new Int32Array(64).fill(-1);
  #binary: Int32Array<ArrayBuffer> = new Int32Array(64).fill(-1);
  #after: Int32Array<ArrayBuffer> = new Int32Array(64);
  #known = 1;
  #last = 0;
  readonly #batch: SpanBatch;

  constructor(batch: SpanBatch) {
    this.#batch = batch;
  }

  /** The number of the key `bytes[start, end)`. */
  find(bytes: Uint8Array, start: number, end: number): number {
    const guess = this.#after[this.#last]!;
    if (this.texts.equals(guess, bytes, start, end)) {
      this.#last = guess;
      return guess;
    }
    const key =
      end - start > LIMITS.metaKey ? this.#cutKey(bytes, start, end) : this.#add(bytes, start, end);
    this.#after[this.#last] = key;
    this.#last = key;
    return key;
  }

  /** The number of a key we name ourselves. */
  of(text: string): number {
    const bytes = Buffer.from(text, 'utf8');
    return this.#add(bytes, 0, bytes.length);
  }

  text(key: number): string {
    return this.texts.text(key);
  }

  /** The key's number in the `meta` column. */
  meta(key: number): number {
    const known = this.#meta[key]!;
    if (known >= 0) return known;
    return (this.#meta[key] = this.#batch.meta.keys.internText(this.texts.text(key)));
  }

  /** The key's number in the `metrics` column. */
  metric(key: number): number {
    const known = this.#metric[key]!;
    if (known >= 0) return known;
    return (this.#metric[key] = this.#batch.metrics.keys.internText(this.texts.text(key)));
  }

  /** The key's number in the `binary` column. */
  binary(key: number): number {
    const known = this.#binary[key]!;
    if (known >= 0) return known;
    return (this.#binary[key] = this.#batch.binary.keys.internText(this.texts.text(key)));
  }

  #add(bytes: Uint8Array, start: number, end: number): number {
    const key = this.texts.intern(bytes, start, end);
    if (key >= this.#known) {
      this.#known = key + 1;
      if (key >= this.action.length) this.#grow();
      this.action[key] = KEY_ACTIONS.get(this.texts.text(key)) ?? 0;
    }
    return key;
  }

  #cutKey(bytes: Uint8Array, start: number, end: number): number {
    this.cut++;
    const text = Buffer.from(bytes.buffer, bytes.byteOffset + start, end - start).toString('utf8');
    const cut = Buffer.from(`${truncateText(text, LIMITS.metaKey)}...`, 'utf8');
    return this.#add(cut, 0, cut.length);
  }

  #grow(): void {
    const old = this.action.length;
    const action = new Uint8Array(old * 2);
    action.set(this.action);
    this.action = action;
    this.metaSeen = grown32(this.metaSeen);
    this.metricSeen = grown32(this.metricSeen);
    this.binarySeen = grown32(this.binarySeen);
    this.#meta = grownSigned(this.#meta).fill(-1, old);
    this.#metric = grownSigned(this.#metric).fill(-1, old);
    this.#binary = grownSigned(this.#binary).fill(-1, old);
    this.#after = grownSigned(this.#after);
  }
}

function grown32(old: Uint32Array<ArrayBuffer>): Uint32Array<ArrayBuffer> {
  const larger = new Uint32Array(old.length * 2);
  larger.set(old);
  return larger;
}

function grownSigned(old: Int32Array<ArrayBuffer>): Int32Array<ArrayBuffer> {
  const larger = new Int32Array(old.length * 2);
  larger.set(old);
  return larger;
}
