import { JsonReader } from './json-reader.ts';

/**
 * JSON text in which integers and doubles stay apart: `1` is an integer, `1.0` a double. What JSON cannot write as a number
 * becomes text, as OTLP does it.
 */

/** A double as JSON. */
export function doubleJson(value: number): string {
  if (!Number.isFinite(value)) return `"${value}"`;
  if (Object.is(value, -0)) return '-0.0';
  const text = String(value);
  return /[.e]/.test(text) ? text : `${text}.0`;
}

/** A value read back from such text: integers as bigint, doubles as number. */
export type ExactJson =
  | string
  | number
  | bigint
  | boolean
  | null
  | readonly ExactJson[]
  | { readonly [key: string]: ExactJson };

/**
 * Reads JSON with integers exact. `JSON.parse` would round them.
 * @throws {DecodeError} If `text` is not JSON, or nested deeper than 64 levels.
 */
export function parseExactJson(text: string): ExactJson {
  const reader = new JsonReader(Buffer.from(text, 'utf8'));
  const value = readValue(reader);
  reader.finish();
  return value;
}

function readValue(reader: JsonReader): ExactJson {
  const token = reader.peek();
  switch (token) {
    case 'object': {
      // No prototype: a sender may well name a member `__proto__`.
      const object = Object.create(null) as Record<string, ExactJson>;
      reader.enter();
      for (let first = true; reader.nextKey(first); first = false)
        object[reader.string()] = readValue(reader);
      return object;
    }
    case 'array': {
      const array: ExactJson[] = [];
      reader.enter();
      for (let first = true; reader.nextElement(first); first = false)
        array.push(readValue(reader));
      return array;
    }
    case 'string':
      reader.readString();
      return reader.string();
    case 'number': {
      const digits = reader.readNumberText();
      return /^-?\d+$/.test(digits) ? BigInt(digits) : Number(digits);
    }
    case 'true':
    case 'false':
      reader.readWord(token);
      return token === 'true';
    case 'null':
      reader.readWord(token);
      return null;
  }
}
