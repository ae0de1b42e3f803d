import { isJsonObject } from '@spanloom/base';
import type { RowParser } from '@spanloom/sql';

/** A row as the engine sends it: JSON with 64-bit integers as text. */
export type Row = Readonly<Record<string, unknown>>;

/** A parser from a function that reads fields. */
export function rowParser<Parsed>(read: (row: Row) => Parsed): RowParser<Parsed> {
  return {
    parse: (row) => {
      if (!isJsonObject(row)) throw new TypeError('Cannot read a row: expected an object');
      return read(row);
    },
  };
}

export function textField(row: Row, name: string): string {
  const value = row[name];
  if (typeof value !== 'string') throw unexpected(name, 'text', value);
  return value;
}

/** A number, or the decimal text of one that fits a double. */
export function numberField(row: Row, name: string): number {
  const value = row[name];
  const number = typeof value === 'string' && value !== '' ? Number(value) : value;
  if (typeof number !== 'number' || Number.isNaN(number)) throw unexpected(name, 'a number', value);
  return number;
}

export function bigintField(row: Row, name: string): bigint {
  const value = row[name];
  if (typeof value !== 'string' || !/^-?\d+$/.test(value)) {
    throw unexpected(name, 'an integer as text', value);
  }
  return BigInt(value);
}

export function recordField(row: Row, name: string): Readonly<Record<string, unknown>> {
  const value = row[name];
  if (!isJsonObject(value)) throw unexpected(name, 'a map', value);
  return value;
}

function unexpected(name: string, wanted: string, found: unknown): TypeError {
  return new TypeError(
    `Cannot read field ${name} of a row: expected ${wanted}, found ${JSON.stringify(found)}`,
  );
}
