import type { TraceId } from '@spanloom/base';
import {
  KINDS,
  type NumberMapColumn,
  SPAN_FLAGS,
  type SpanBatch,
  type TextMapColumn,
} from '@spanloom/model';
import type { SpanKindName, SpanSourceName, SpanView } from '@spanloom/query';

const SOURCE_NAMES: readonly SpanSourceName[] = ['other', 'dd', 'otel', 'xray'];

/**
 * One row of a batch as the query language sees it, moved from row to row: nothing is made for a row but what the query looks at.
 * The newest rows are tested against every stream, and most of them match none.
 */
export class RowView implements SpanView {
  #batch: SpanBatch | undefined;
  #row = 0;
  readonly attributes: RowMap<string, TextMapColumn> = new RowMap((column, entry) =>
    column.values.text(entry),
  );
  readonly metrics: RowMap<number, NumberMapColumn> = new RowMap(
    (column, entry) => column.values[entry]!,
  );

  /** Looks at another row. */
  at(batch: SpanBatch, row: number): this {
    this.#batch = batch;
    this.#row = row;
    this.attributes.at(batch.meta, row);
    this.metrics.at(batch.metrics, row);
    return this;
  }

  get service(): string {
    return this.#batch!.service.text(this.#row);
  }

  get name(): string {
    return this.#batch!.name.text(this.#row);
  }

  get resource(): string {
    return this.#batch!.resource.text(this.#row);
  }

  get type(): string {
    return this.#batch!.type.text(this.#row);
  }

  get env(): string {
    return this.#batch!.env.text(this.#row);
  }

  get version(): string {
    return this.#batch!.version.text(this.#row);
  }

  get kind(): SpanKindName {
    return KINDS[this.#batch!.kind[this.#row]!] ?? 'unspecified';
  }

  get error(): boolean {
    return this.#batch!.error[this.#row] !== 0;
  }

  get duration(): number {
    return this.#batch!.duration.asNumber(this.#row);
  }

  get start(): bigint {
    return BigInt.asIntN(64, this.#batch!.start.asBigint(this.#row));
  }

  get traceId(): TraceId {
    const { traceHigh, traceLow } = this.#batch!;
    return { hi: traceHigh.asBigint(this.#row), lo: traceLow.asBigint(this.#row) };
  }

  get spanId(): bigint {
    return this.#batch!.spanId.asBigint(this.#row);
  }

  get parentId(): bigint {
    return this.#batch!.parentId.asBigint(this.#row);
  }

  get source(): SpanSourceName {
    return SOURCE_NAMES[this.#batch!.source[this.#row]!] ?? 'other';
  }

  get entry(): boolean {
    return (this.#batch!.flags[this.#row]! & SPAN_FLAGS.entry) !== 0;
  }

  get function(): string {
    return this.#batch!.functionName.text(this.#row);
  }

  get region(): string {
    return this.#batch!.region.text(this.#row);
  }

  get httpMethod(): string {
    return this.#batch!.httpMethod.text(this.#row);
  }

  get httpStatus(): number {
    return this.#batch!.httpStatus[this.#row]!;
  }

  get cold(): boolean {
    return this.#batch!.coldStart[this.#row] !== 0;
  }
}

/** The attributes of one row, read where they lie. A key is looked up once per batch, not once per row. */
class RowMap<Value, Column extends TextMapColumn | NumberMapColumn> implements ReadonlyMap<
  string,
  Value
> {
  readonly #valueOf: (column: Column, entry: number) => Value;
  readonly #keys = new Map<string, number>();
  #column: Column | undefined;
  #row = 0;
  #keyCount = 0;

  constructor(valueOf: (column: Column, entry: number) => Value) {
    this.#valueOf = valueOf;
  }

  at(column: Column, row: number): void {
    // A batch that still grows gets keys: those that were missing may be there now.
    if (column !== this.#column || column.keys.size !== this.#keyCount) {
      this.#column = column;
      this.#keyCount = column.keys.size;
      this.#keys.clear();
    }
    this.#row = row;
  }

  get size(): number {
    const column = this.#column;
    return column === undefined ? 0 : column.end(this.#row) - column.start(this.#row);
  }

  get(key: string): Value | undefined {
    const entry = this.#entryOf(key);
    return entry < 0 ? undefined : this.#valueOf(this.#column!, entry);
  }

  has(key: string): boolean {
    return this.#entryOf(key) >= 0;
  }

  forEach(visit: (value: Value, key: string, map: ReadonlyMap<string, Value>) => void): void {
    for (const [key, value] of this.entries()) visit(value, key, this);
  }

  *entries(): MapIterator<[string, Value]> {
    const column = this.#column;
    if (column === undefined) return;
    const end = column.end(this.#row);
    for (let entry = column.start(this.#row); entry < end; entry++) {
      yield [column.keys.text(column.keyIndex[entry]!), this.#valueOf(column, entry)];
    }
  }

  *keys(): MapIterator<string> {
    for (const [key] of this.entries()) yield key;
  }

  *values(): MapIterator<Value> {
    for (const [, value] of this.entries()) yield value;
  }

  [Symbol.iterator](): MapIterator<[string, Value]> {
    return this.entries();
  }

  #entryOf(key: string): number {
    const column = this.#column;
    if (column === undefined) return -1;
    let number = this.#keys.get(key);
    if (number === undefined) {
      number = column.keys.find(key);
      this.#keys.set(key, number);
    }
    return number < 0 ? -1 : column.entryOf(this.#row, number);
  }
}
