import { ByteWriter } from '@spanloom/base/byte-writer';
import type { NumberMapColumn, StringTable, TextColumn, TextMapColumn } from '@spanloom/model';

/** Version of the LowCardinality serialisation. */
const LOW_CARDINALITY_VERSION = 1;
/** Flags of a LowCardinality block: "has additional keys" and "needs a dictionary update". */
const LOW_CARDINALITY_FLAGS = 0x600;

/**
 * Writes one block of ClickHouse's Native format:
 *
 * ```
 * varint columns, varint rows
 * per column: text name, text type, [prefix], data
 *   numbers            little-endian array
 *   String             per row: varint length, bytes
 *   Map(K, V)          prefix(K), prefix(V); per row the end of its entries, UInt64; data(K); data(V)
 *   LowCardinality     prefix: UInt64 1
 *                      data, when there are rows: UInt64 flags | index width, UInt64 keys, keys as String data with '' first,
 *                      UInt64 rows, indexes
 * ```
 *
 * Text columns and string tables hold their bytes in this very form, so they are copied whole.
 */
export class NativeBlock {
  readonly rows: number;
  readonly columnNames: string[] = [];
  readonly #out: ByteWriter;
  readonly #columns: number;

  /** @param columns How many columns will be added, all `rows` long. */
  constructor(columns: number, rows: number, capacity: number = 64 * 1024) {
    this.rows = rows;
    this.#columns = columns;
    this.#out = new ByteWriter(capacity);
    this.#out.varint(columns);
    this.#out.varint(rows);
  }

  /** Numbers of any width. `values` may be longer than the block. */
  numbers(
    name: string,
    type: string,
    values: Uint8Array | Int8Array | Uint16Array | Uint32Array | Float64Array,
    elementsPerRow = 1,
  ): void {
    this.#begin(name, type);
    this.#raw(values.subarray(0, this.rows * elementsPerRow));
  }

  /** The same 64-bit number below 2^53 in every row. */
  constant64(name: string, type: string, value: number): void {
    this.#begin(name, type);
    const words = new Uint32Array(this.rows * 2);
    if (value !== 0) {
      const high = Math.floor(value / 4_294_967_296);
      for (let row = 0; row < this.rows; row++) {
        words[row * 2] = value >>> 0;
        words[row * 2 + 1] = high;
      }
    }
    this.#raw(words);
  }

  text(name: string, column: TextColumn): void {
    this.#begin(name, 'String');
    this.#texts(column, this.rows);
  }

  dictionary(name: string, table: StringTable, indexes: Uint32Array): void {
    this.#begin(name, 'LowCardinality(String)');
    this.#out.u64(LOW_CARDINALITY_VERSION);
    this.#lowCardinality(table, indexes, this.rows);
  }

  textMap(name: string, map: TextMapColumn): void {
    this.#begin(name, 'Map(LowCardinality(String), String)');
    this.#out.u64(LOW_CARDINALITY_VERSION);
    const entries = this.#mapEnds(map);
    this.#lowCardinality(map.keys, map.keyIndex, entries);
    this.#texts(map.values, entries);
  }

  numberMap(name: string, map: NumberMapColumn): void {
    this.#begin(name, 'Map(LowCardinality(String), Float64)');
    this.#out.u64(LOW_CARDINALITY_VERSION);
    const entries = this.#mapEnds(map);
    this.#lowCardinality(map.keys, map.keyIndex, entries);
    this.#raw(map.values.subarray(0, entries));
  }

  /** The whole block. The writer must not be used afterwards. */
  finish(): Buffer {
    if (this.columnNames.length !== this.#columns) {
      throw new RangeError(
        `Cannot finish a block of ${this.#columns} columns: ${this.columnNames.length} were written`,
      );
    }
    return this.#out.view();
  }

  #begin(name: string, type: string): void {
    this.columnNames.push(name);
    this.#out.text(name);
    this.#out.text(type);
  }

  #raw(values: ArrayBufferView): void {
    this.#out.raw(new Uint8Array(values.buffer, values.byteOffset, values.byteLength));
  }

  #texts(column: TextColumn, length: number): void {
    if (column.length !== length) {
      throw new RangeError(`Cannot write ${length} texts: the column holds ${column.length}`);
    }
    this.#out.raw(column.encoded.view());
  }

  /** Writes where each row's entries end and gives the number of entries. */
  #mapEnds(map: TextMapColumn | NumberMapColumn): number {
    const words = new Uint32Array(this.rows * 2);
    for (let row = 0; row < this.rows; row++) words[row * 2] = map.ends[row]!;
    this.#raw(words);
    return this.rows === 0 ? 0 : map.ends[this.rows - 1]!;
  }

  #lowCardinality(table: StringTable, indexes: Uint32Array, length: number): void {
    if (length === 0) return;
    const width = table.size <= 0x100 ? 0 : table.size <= 0x1_0000 ? 1 : 2;
    this.#out.u64(LOW_CARDINALITY_FLAGS | width);
    this.#out.u64(table.size);
    this.#out.raw(table.encoded.view());
    this.#out.u64(length);
    const used = indexes.subarray(0, length);
    if (width === 0) this.#raw(Uint8Array.from(used));
    else if (width === 1) this.#raw(Uint16Array.from(used));
    else this.#raw(used);
  }
}
