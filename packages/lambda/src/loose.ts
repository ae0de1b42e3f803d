/** A value out of JSON, of which nothing is known: any path may be tried with `?.`, what it ends in must be tested. */
export interface Loose {
  readonly [key: string]: Loose | undefined;
  readonly [index: number]: Loose | undefined;
}

/** The text, or `undefined` if it is anything else or empty. */
export function textOf(value: unknown): string | undefined {
  return typeof value === 'string' && value !== '' ? value : undefined;
}

/** Whether it is an object (or array). */
export function isObject(value: unknown): value is Loose {
  return typeof value === 'object' && value !== null;
}

/** A carrier larger than this is nobody's trace context. */
const jsonLimit = 65_536;

/** The object in a JSON text; `undefined` for everything else. A key `__proto__` cannot set a prototype. */
export function parseObject(json: unknown, limit: number = jsonLimit): Loose | undefined {
  if (typeof json !== 'string' || json.length > limit) return undefined;
  try {
    const value: unknown = JSON.parse(json);
    return isObject(value) ? value : undefined;
  } catch {
    return undefined;
  }
}

/** Base64 as text. */
export function fromBase64(text: unknown, limit: number = jsonLimit * 2): string | undefined {
  return typeof text === 'string' && text.length <= limit
    ? Buffer.from(text, 'base64').toString()
    : undefined;
}
