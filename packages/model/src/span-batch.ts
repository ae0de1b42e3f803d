import type { DurationNanos, EpochMillis, EpochNanos } from '@spanloom/base';
import { decodeEvents, decodeLinks, decodeTextRecord } from './links-and-events.ts';
import { NumberMapColumn, TextMapColumn } from './map-columns.ts';
import { KINDS, NO_PRIORITY, type Source, SOURCES, type Span } from './span.ts';
import { StringTable } from './string-table.ts';
import { TextColumn } from './text-column.ts';

const FIRST_CAPACITY = 256;

/** A column of few distinct texts: a number into `table` per row. */
export class DictionaryColumn {
  readonly table: StringTable = new StringTable();
  data: Uint32Array<ArrayBuffer> = new Uint32Array(FIRST_CAPACITY);

  text(row: number): string {
    return this.table.text(this.data[row]!);
  }
}

/** A column of 64-bit integers as pairs of 32-bit words, low word first: what the machine would store, without a BigInt per row. */
export class WideColumn {
  /** Two words per row: `data[2 * row]` is the low one. */
  data: Uint32Array<ArrayBuffer> = new Uint32Array(FIRST_CAPACITY * 2);

  set(row: number, high: number, low: number): void {
    this.data[row * 2] = low;
    this.data[row * 2 + 1] = high;
  }

  high(row: number): number {
    return this.data[row * 2 + 1]!;
  }

  low(row: number): number {
    return this.data[row * 2]!;
  }

  isZero(row: number): boolean {
    return this.data[row * 2] === 0 && this.data[row * 2 + 1] === 0;
  }

  /** Nearest double of the value read as unsigned. */
  asNumber(row: number): number {
    return this.data[row * 2 + 1]! * 4_294_967_296 + this.data[row * 2]!;
  }

  /** Writes a non-negative whole number below 2^63. */
  setNumber(row: number, value: number): void {
    this.set(row, Math.floor(value / 4_294_967_296), value >>> 0);
  }

  /** The value, unsigned. For tests and edges: it allocates. */
  asBigint(row: number): bigint {
    return (BigInt(this.high(row)) << 32n) | BigInt(this.low(row));
  }

  setBigint(row: number, value: bigint): void {
    this.set(row, Number((value >> 32n) & 0xffff_ffffn), Number(value & 0xffff_ffffn));
  }
}

/** Where a batch stood, to go back to when a payload turns out to be broken. */
export interface BatchMark {
  readonly length: number;
}

/**
 * Spans in columns, in the order in which they came.
 *
 * A decoder opens a row with `appendRow`, fills its fields in any order, appends its attributes to `meta`, `metrics` and
 * `binary`, and closes it with `endRow`. Only the last row is open. Texts repeat a lot, so most are numbers into a table;
 * attribute values are kept as the bytes that came. All arrays may be replaced while the batch grows: read them through the
 * batch each time.
 */
export class SpanBatch {
  /** Rows, the open one included. */
  length = 0;

  readonly traceHigh: WideColumn = new WideColumn();
  readonly traceLow: WideColumn = new WideColumn();
  readonly spanId: WideColumn = new WideColumn();
  /** 0 for a root. */
  readonly parentId: WideColumn = new WideColumn();
  /** ns since the epoch, signed. */
  readonly start: WideColumn = new WideColumn();
  /** ns; signed while decoding, never negative after normalisation. */
  readonly duration: WideColumn = new WideColumn();
  /** ms since the epoch at which the intake took the payload, signed. */
  readonly received: WideColumn = new WideColumn();

  source: Uint8Array<ArrayBuffer> = new Uint8Array(FIRST_CAPACITY);
  kind: Uint8Array<ArrayBuffer> = new Uint8Array(FIRST_CAPACITY);
  error: Uint8Array<ArrayBuffer> = new Uint8Array(FIRST_CAPACITY);
  flags: Uint8Array<ArrayBuffer> = new Uint8Array(FIRST_CAPACITY);
  coldStart: Uint8Array<ArrayBuffer> = new Uint8Array(FIRST_CAPACITY);
  priority: Int8Array<ArrayBuffer> = new Int8Array(FIRST_CAPACITY);
  httpStatus: Uint16Array<ArrayBuffer> = new Uint16Array(FIRST_CAPACITY);

  readonly service: DictionaryColumn = new DictionaryColumn();
  readonly name: DictionaryColumn = new DictionaryColumn();
  readonly resource: DictionaryColumn = new DictionaryColumn();
  readonly type: DictionaryColumn = new DictionaryColumn();
  readonly env: DictionaryColumn = new DictionaryColumn();
  readonly version: DictionaryColumn = new DictionaryColumn();
  readonly functionName: DictionaryColumn = new DictionaryColumn();
  readonly region: DictionaryColumn = new DictionaryColumn();
  readonly httpMethod: DictionaryColumn = new DictionaryColumn();
  /** JSON of what came once for many spans. */
  readonly envelope: DictionaryColumn = new DictionaryColumn();

  readonly meta: TextMapColumn = new TextMapColumn();
  readonly metrics: NumberMapColumn = new NumberMapColumn();
  readonly binary: TextMapColumn = new TextMapColumn();

  /** JSON as `encodeLinks` makes it, '' when there are none. */
  readonly links: TextColumn = new TextColumn();
  /** JSON as `encodeEvents` makes it, '' when there are none. */
  readonly events: TextColumn = new TextColumn();
  /** JSON object: original types that text and number columns lose. */
  readonly typed: TextColumn = new TextColumn();

  #capacity = FIRST_CAPACITY;
  /** Rows ever opened: from here on every fixed-width column is still zero. */
  #used = 0;

  /** Bytes this batch holds in its growing parts: for limits by memory, not exact. */
  get byteSize(): number {
    return (
      this.length * 96 +
      this.meta.values.encoded.length +
      this.binary.values.encoded.length +
      this.links.encoded.length +
      this.events.encoded.length +
      this.typed.encoded.length +
      (this.meta.entries + this.binary.entries) * 8 +
      this.metrics.entries * 12
    );
  }

  /** Opens a row with empty fields and returns its number. */
  appendRow(): number {
    const row = this.length++;
    if (row === this.#capacity) this.#grow();
    // New arrays are zero already: only a row that was used and given back by `rollback` needs clearing.
    if (row < this.#used) this.#clear(row);
    else this.#used = row + 1;
    this.priority[row] = NO_PRIORITY;
    return row;
  }

  /** Closes the open row: its attributes are complete. Links, events and types not set are empty. */
  endRow(): void {
    this.meta.endRow();
    this.metrics.endRow();
    this.binary.endRow();
    if (this.links.length < this.length) this.links.appendEmpty();
    if (this.events.length < this.length) this.events.appendEmpty();
    if (this.typed.length < this.length) this.typed.appendEmpty();
  }

  /** Sets one of `links`, `events` and `typed` for the open row, replacing what was set before. */
  setText(column: TextColumn, text: string): void {
    column.truncate(this.length - 1);
    column.appendText(text);
  }

  /** A place to come back to. Only between rows. */
  mark(): BatchMark {
    return { length: this.length };
  }

  /** Forgets every row from the mark on, an open one included. */
  rollback(mark: BatchMark): void {
    this.length = mark.length;
    this.meta.truncate(mark.length);
    this.metrics.truncate(mark.length);
    this.binary.truncate(mark.length);
    this.links.truncate(mark.length);
    this.events.truncate(mark.length);
    this.typed.truncate(mark.length);
  }

  /** One row as a span: for tests and edges, not for hot paths. */
  span(row: number): Span {
    const parent = this.parentId.asBigint(row);
    const priority = this.priority[row]!;
    return {
      traceId: { hi: this.traceHigh.asBigint(row), lo: this.traceLow.asBigint(row) },
      spanId: this.spanId.asBigint(row),
      parentId: parent === 0n ? undefined : parent,
      source: sourceName(this.source[row]!),
      service: this.service.text(row),
      name: this.name.text(row),
      resource: this.resource.text(row),
      type: this.type.text(row),
      kind: KINDS[this.kind[row]!] ?? 'unspecified',
      env: this.env.text(row),
      version: this.version.text(row),
      functionName: this.functionName.text(row),
      start: BigInt.asIntN(64, this.start.asBigint(row)) as EpochNanos,
      duration: Number(BigInt.asIntN(64, this.duration.asBigint(row))) as DurationNanos,
      error: this.error[row] !== 0,
      flags: this.flags[row]!,
      priority: priority === NO_PRIORITY ? undefined : priority,
      meta: textRecord(this.meta, row),
      metrics: numberRecord(this.metrics, row),
      binary: bytesRecord(this.binary, row),
      links: decodeLinks(this.links.text(row)),
      events: decodeEvents(this.events.text(row)),
      typed: decodeTextRecord(this.typed.text(row)),
      envelope: this.envelope.text(row),
      received: Number(this.received.asBigint(row)) as EpochMillis,
    };
  }

  #clear(row: number): void {
    for (const column of this.#wideColumns) column.set(row, 0, 0);
    for (const column of this.#dictionaryColumns) column.data[row] = 0;
    this.source[row] = 0;
    this.kind[row] = 0;
    this.error[row] = 0;
    this.flags[row] = 0;
    this.coldStart[row] = 0;
    this.httpStatus[row] = 0;
  }

  readonly #wideColumns: readonly WideColumn[] = [
    this.traceHigh,
    this.traceLow,
    this.spanId,
    this.parentId,
    this.start,
    this.duration,
    this.received,
  ];

  readonly #dictionaryColumns: readonly DictionaryColumn[] = [
    this.service,
    this.name,
    this.resource,
    this.type,
    this.env,
    this.version,
    this.functionName,
    this.region,
    this.httpMethod,
    this.envelope,
  ];

  #grow(): void {
    const capacity = this.#capacity * 2;
    for (const column of this.#wideColumns) {
      const larger = new Uint32Array(capacity * 2);
      larger.set(column.data);
      column.data = larger;
    }
    for (const column of this.#dictionaryColumns) {
      const larger = new Uint32Array(capacity);
      larger.set(column.data);
      column.data = larger;
    }
    this.source = widened(this.source, capacity);
    this.kind = widened(this.kind, capacity);
    this.error = widened(this.error, capacity);
    this.flags = widened(this.flags, capacity);
    this.coldStart = widened(this.coldStart, capacity);
    const priority = new Int8Array(capacity);
    priority.set(this.priority);
    this.priority = priority;
    const httpStatus = new Uint16Array(capacity);
    httpStatus.set(this.httpStatus);
    this.httpStatus = httpStatus;
    this.#capacity = capacity;
  }
}

/** The name of a stored source number. */
export function sourceName(source: number): Source {
  for (const [name, value] of Object.entries(SOURCES)) {
    if (value === source) return name as Source;
  }
  return 'other';
}

function widened(old: Uint8Array<ArrayBuffer>, capacity: number): Uint8Array<ArrayBuffer> {
  const larger = new Uint8Array(capacity);
  larger.set(old);
  return larger;
}

function textRecord(map: TextMapColumn, row: number): Record<string, string> {
  // No prototype: a sender may well name an attribute `__proto__`.
  const record = Object.create(null) as Record<string, string>;
  for (let entry = map.start(row); entry < map.end(row); entry++) {
    record[map.keys.text(map.keyIndex[entry]!)] = map.values.text(entry);
  }
  return record;
}

function bytesRecord(map: TextMapColumn, row: number): Record<string, Uint8Array> {
  const record = Object.create(null) as Record<string, Uint8Array>;
  for (let entry = map.start(row); entry < map.end(row); entry++) {
    record[map.keys.text(map.keyIndex[entry]!)] = Uint8Array.from(map.values.bytes(entry));
  }
  return record;
}

function numberRecord(map: NumberMapColumn, row: number): Record<string, number> {
  const record = Object.create(null) as Record<string, number>;
  for (let entry = map.start(row); entry < map.end(row); entry++) {
    record[map.keys.text(map.keyIndex[entry]!)] = map.values[entry]!;
  }
  return record;
}
