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
export type ExactJson = string | number | bigint | boolean | null | readonly ExactJson[] | { readonly [key: string]: ExactJson };

/** @throws {SyntaxError} If `text` is not JSON. */
export function parseExactJson(text: string): ExactJson {
  const parse = JSON.parse as (
    text: string,
    reviver: (key: string, value: unknown, context: { source?: string }) => unknown,
  ) => ExactJson;
  return parse(text, (_key, value, context) => {
    if (typeof value !== 'number' || context.source === undefined) return value;
    return /^-?\d+$/.test(context.source) ? BigInt(context.source) : value;
  });
}
