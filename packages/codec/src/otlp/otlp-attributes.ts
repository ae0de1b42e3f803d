import type { AttributeTarget } from '../sink/attribute-target.ts';
import type { KeyTable } from '../sink/key-table.ts';
import type { SpanSink } from '../sink/span-sink.ts';
import { signedNumber } from '../wire/int64.ts';
import { CONSUMED, copiedName, MOVED, SLOT, SLOT_KEYS } from './semantic-keys.ts';

const EMPTY = 0;
const TEXT = 1;
const NUMBER = 2;
const BOOLEAN = 3;

/** What is to be done with a key, by the key's number: filled in when a key is first met. */
class KeyPlan {
  slot: Uint8Array<ArrayBuffer> = new Uint8Array(64);
  consumed: Uint8Array<ArrayBuffer> = new Uint8Array(64);
  /** Number plus one of the key it moves to, or is copied to. */
  moved: Int32Array<ArrayBuffer> = new Int32Array(64);
  copied: Int32Array<ArrayBuffer> = new Int32Array(64);
  #known = 0;

  /** Makes sure that the plan covers the key. */
  cover(key: number, keys: KeyTable): void {
    while (this.#known <= key) {
      const next = this.#known++;
      if (next >= this.slot.length) this.#grow();
      const name = keys.text(next);
      this.slot[next] = (SLOT as Readonly<Record<string, number>>)[name] ?? 0;
      this.consumed[next] = CONSUMED.has(name) ? 1 : 0;
      const moved = MOVED.get(name);
      if (moved !== undefined) this.moved[next] = keys.of(moved) + 1;
      const copied = copiedName(name);
      if (copied !== undefined) this.copied[next] = keys.of(copied) + 1;
    }
  }

  #grow(): void {
    const size = this.slot.length * 2;
    const slot = new Uint8Array(size);
    slot.set(this.slot);
    this.slot = slot;
    const consumed = new Uint8Array(size);
    consumed.set(this.consumed);
    this.consumed = consumed;
    const moved = new Int32Array(size);
    moved.set(this.moved);
    this.moved = moved;
    const copied = new Int32Array(size);
    copied.set(this.copied);
    this.copied = copied;
  }
}

/** An attribute that is to be stated again under another key. */
interface Copy {
  to: number;
  kind: number;
  bytes: Uint8Array;
  start: number;
  end: number;
  number: number;
}

const plans = new WeakMap<KeyTable, KeyPlan>();

/**
 * Takes a span's OTLP attributes on their way to the sink: notes those that decide names, moves and copies those that go by
 * another name here.
 */
export class OtlpAttributes implements AttributeTarget {
  readonly #sink: SpanSink;
  readonly #plan: KeyPlan;
  readonly #kind: Uint8Array = new Uint8Array(SLOT_KEYS.length + 1);
  readonly #start: Uint32Array = new Uint32Array(SLOT_KEYS.length + 1);
  readonly #end: Uint32Array = new Uint32Array(SLOT_KEYS.length + 1);
  readonly #number: Float64Array = new Float64Array(SLOT_KEYS.length + 1);
  /** Attributes of this span to be copied: the first `#copyCount`. The objects are used again for the next span. */
  readonly #copies: Copy[] = [];
  #copyCount = 0;
  readonly #bytes: Uint8Array;

  /** @param bytes The payload: all texts are ranges of it. */
  constructor(sink: SpanSink, bytes: Uint8Array) {
    this.#sink = sink;
    this.#bytes = bytes;
    let plan = plans.get(sink.keys);
    if (plan === undefined) {
      plan = new KeyPlan();
      plans.set(sink.keys, plan);
    }
    this.#plan = plan;
  }

  clear(): void {
    this.#kind.fill(EMPTY);
    this.#copyCount = 0;
  }

  /** Whether the span states the key. */
  readonly has = (key: number): boolean => {
    this.#plan.cover(key, this.#sink.keys);
    if (this.#sink.has(key) || this.#kind[this.#plan.slot[key]!] !== EMPTY) return true;
    const moved = this.#plan.moved[key]!;
    return moved > 0 && this.#sink.has(moved - 1);
  };

  hasText(slot: number): boolean {
    return this.#kind[slot] === TEXT && this.#end[slot]! > this.#start[slot]!;
  }

  /** Whether the slot has text, be it empty. */
  states(slot: number): boolean {
    return this.#kind[slot] === TEXT;
  }

  start(slot: number): number {
    return this.#start[slot]!;
  }

  end(slot: number): number {
    return this.#end[slot]!;
  }

  /** The slot's value as a number; NaN when it has none. */
  number(slot: number): number {
    const kind = this.#kind[slot];
    if (kind === NUMBER || kind === BOOLEAN) return this.#number[slot]!;
    return this.hasText(slot) ? Number(this.string(slot)) : Number.NaN;
  }

  /** The slot's text; '' when it has none. */
  string(slot: number): string {
    if (!this.hasText(slot)) return '';
    const start = this.#start[slot]!;
    return Buffer.from(
      this.#bytes.buffer,
      this.#bytes.byteOffset + start,
      this.#end[slot]! - start,
    ).toString('utf8');
  }

  text(key: number, bytes: Uint8Array, start: number, end: number): void {
    const to = this.#route(key);
    const slot = this.#plan.slot[key]!;
    if (slot > 0 && bytes === this.#bytes) {
      this.#kind[slot] = TEXT;
      this.#start[slot] = start;
      this.#end[slot] = end;
    }
    if (to < 0) return;
    this.#sink.text(to, bytes, start, end);
    const copied = this.#plan.copied[key]!;
    if (copied > 0) this.#noteCopy(copied - 1, TEXT, bytes, start, end, 0);
  }

  integer(key: number, high: number, low: number): void {
    const to = this.#noteNumber(key, signedNumber(high, low), NUMBER);
    if (to >= 0) this.#sink.integer(to, high, low);
  }

  double(key: number, value: number): void {
    const to = this.#noteNumber(key, value, NUMBER);
    if (to >= 0) this.#sink.double(to, value);
  }

  boolean(key: number, value: boolean): void {
    const to = this.#noteNumber(key, value ? 1 : 0, BOOLEAN);
    if (to >= 0) this.#sink.boolean(to, value);
  }

  json(key: number, text: string): void {
    const to = this.#route(key);
    if (to >= 0) this.#sink.json(to, text);
  }

  binary(key: number, bytes: Uint8Array, start: number, end: number): void {
    const to = this.#route(key);
    if (to >= 0) this.#sink.binary(to, bytes, start, end);
  }

  /** Adds the copies whose names the span does not use itself. */
  copy(): void {
    const sink = this.#sink;
    for (let i = 0; i < this.#copyCount; i++) {
      const { to, kind, bytes, start, end, number } = this.#copies[i]!;
      if (sink.has(to)) continue;
      if (kind === TEXT) sink.text(to, bytes, start, end);
      else if (kind === BOOLEAN) sink.textOf(to, number === 1 ? 'true' : 'false');
      else sink.metric(to, number);
    }
  }

  #noteCopy(
    to: number,
    kind: number,
    bytes: Uint8Array,
    start: number,
    end: number,
    number: number,
  ): void {
    const known = this.#copies[this.#copyCount++];
    if (known === undefined) {
      this.#copies.push({ to, kind, bytes, start, end, number });
      return;
    }
    known.to = to;
    known.kind = kind;
    known.bytes = bytes;
    known.start = start;
    known.end = end;
    known.number = number;
  }

  /** The key to keep the attribute under, -1 when it is not kept. */
  #route(key: number): number {
    this.#plan.cover(key, this.#sink.keys);
    const moved = this.#plan.moved[key]!;
    if (moved > 0) return moved - 1;
    return this.#plan.consumed[key] === 1 ? -1 : key;
  }

  #noteNumber(key: number, value: number, kind: number): number {
    const to = this.#route(key);
    const slot = this.#plan.slot[key]!;
    if (slot > 0) {
      this.#kind[slot] = kind;
      this.#number[slot] = value;
    }
    const copied = this.#plan.copied[key]!;
    if (copied > 0) this.#noteCopy(copied - 1, kind, this.#bytes, 0, 0, value);
    return to;
  }
}
