import { StringTable } from './string-table.ts';
import { TextColumn } from './text-column.ts';

/**
 * What both map columns share: entries one after another, a key number each, and for every finished row where its entries end.
 * Entries belong to the row after the last finished one.
 */
abstract class MapColumn {
  readonly keys: StringTable = new StringTable();
  /** Key number of each entry. */
  keyIndex: Uint32Array<ArrayBuffer> = new Uint32Array(1024);
  /** Entries so far. */
  entries = 0;
  /** End of each finished row's entries. */
  ends: Uint32Array<ArrayBuffer> = new Uint32Array(256);
  rows = 0;

  /** Closes the current row. */
  endRow(): void {
    if (this.rows === this.ends.length) {
      const larger = new Uint32Array(this.ends.length * 2);
      larger.set(this.ends);
      this.ends = larger;
    }
    this.ends[this.rows++] = this.entries;
  }

  /** First entry of a row; of the open row when `row` is the number of finished ones. */
  start(row: number): number {
    return row === 0 ? 0 : this.ends[row - 1]!;
  }

  /** One past the last entry of a row. */
  end(row: number): number {
    return row === this.rows ? this.entries : this.ends[row]!;
  }

  /** The entry of `key` in a row, or -1. */
  entryOf(row: number, key: number): number {
    const end = this.end(row);
    for (let entry = this.start(row); entry < end; entry++) {
      if (this.keyIndex[entry] === key) return entry;
    }
    return -1;
  }

  protected pushKey(key: number): number {
    if (this.entries === this.keyIndex.length) {
      const larger = new Uint32Array(this.keyIndex.length * 2);
      larger.set(this.keyIndex);
      this.keyIndex = larger;
      this.growValues(larger.length);
    }
    this.keyIndex[this.entries] = key;
    return this.entries++;
  }

  protected abstract growValues(capacity: number): void;

  /** Forgets rows from `rows` on and their entries. */
  abstract truncate(rows: number): void;
}

/** A Map(LowCardinality(String), String) column: text or binary attributes. */
export class TextMapColumn extends MapColumn {
  readonly values: TextColumn = new TextColumn();

  /** Appends an entry whose value is text to the open row. */
  append(key: number, bytes: Uint8Array, start: number, end: number): void {
    this.pushKey(key);
    this.values.append(bytes, start, end);
  }

  /** Appends an entry whose value is kept byte for byte. */
  appendBytes(key: number, bytes: Uint8Array, start: number, end: number): void {
    this.pushKey(key);
    this.values.appendBytes(bytes, start, end);
  }

  appendText(key: number, text: string): void {
    this.pushKey(key);
    this.values.appendText(text);
  }

  /** Gives an entry of the open row another value. For the rare payload that states a key twice: it rewrites what follows. */
  replace(entry: number, bytes: Uint8Array, start: number, end: number): void {
    const later = this.#takeFrom(entry);
    this.values.append(bytes, start, end);
    for (const value of later.slice(1)) this.values.appendBytes(value, 0, value.length);
  }

  /** As `replace`, with a value kept byte for byte. */
  replaceBytes(entry: number, bytes: Uint8Array, start: number, end: number): void {
    const later = this.#takeFrom(entry);
    this.values.appendBytes(bytes, start, end);
    for (const value of later.slice(1)) this.values.appendBytes(value, 0, value.length);
  }

  #takeFrom(entry: number): Buffer[] {
    const taken: Buffer[] = [];
    for (let next = entry; next < this.entries; next++) {
      taken.push(Buffer.from(this.values.bytes(next)));
    }
    this.values.truncate(entry);
    return taken;
  }

  override truncate(rows: number): void {
    this.rows = Math.min(rows, this.rows);
    this.entries = this.start(this.rows);
    this.values.truncate(this.entries);
  }

  /**
   * Gives one more entry to each finished row in `[from, to)` that lacks the key. For attributes that a payload states after
   * the spans they apply to: rare, so it rewrites the tail of the column rather than burden every append.
   */
  addToRows(from: number, to: number, key: number, value: Uint8Array): void {
    const first = this.start(from);
    const rows: { key: number; bytes: Buffer }[][] = [];
    for (let row = from; row < this.rows; row++) {
      const entries: { key: number; bytes: Buffer }[] = [];
      for (let entry = this.start(row); entry < this.end(row); entry++) {
        entries.push({ key: this.keyIndex[entry]!, bytes: Buffer.from(this.values.bytes(entry)) });
      }
      rows.push(entries);
    }
    this.rows = from;
    this.entries = first;
    this.values.truncate(first);
    rows.forEach((entries, offset) => {
      for (const entry of entries) this.appendBytes(entry.key, entry.bytes, 0, entry.bytes.length);
      if (from + offset < to && !entries.some((entry) => entry.key === key)) {
        this.append(key, value, 0, value.length);
      }
      this.endRow();
    });
  }

  protected override growValues(): void {
    // The text column grows by itself.
  }
}

/** A Map(LowCardinality(String), Float64) column: numeric attributes. */
export class NumberMapColumn extends MapColumn {
  values: Float64Array<ArrayBuffer> = new Float64Array(1024);

  /** Appends an entry to the open row. */
  append(key: number, value: number): void {
    this.values[this.pushKey(key)] = value;
  }

  override truncate(rows: number): void {
    this.rows = Math.min(rows, this.rows);
    this.entries = this.start(this.rows);
  }

  /** Gives one more entry to each finished row in `[from, to)` that lacks the key. */
  addToRows(from: number, to: number, key: number, value: number): void {
    const rows = this.rows;
    const keys = this.keyIndex.slice(0, this.entries);
    const values = this.values.slice(0, this.entries);
    const ends = this.ends.slice(0, rows);
    this.truncate(from);
    for (let row = from; row < rows; row++) {
      let present = false;
      for (let entry = row === 0 ? 0 : ends[row - 1]!; entry < ends[row]!; entry++) {
        present ||= keys[entry] === key;
        this.append(keys[entry]!, values[entry]!);
      }
      if (row < to && !present) this.append(key, value);
      this.endRow();
    }
  }

  protected override growValues(capacity: number): void {
    const larger = new Float64Array(capacity);
    larger.set(this.values);
    this.values = larger;
  }
}
