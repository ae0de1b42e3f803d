import type { JsonObject } from '../json.ts';

/** How numbers with a fraction, and large ones, are written: `1727177156.25` or `1.72717715625E9`. */
export type NumberForm = 'plain' | 'exponent';

/** A compiled document as text. The service has rendered numbers in both forms over the years; JSON allows either. */
export function renderDocument(document: JsonObject, form: NumberForm): string {
  const text = JSON.stringify(document);
  if (form === 'plain') return text;
  // Numbers outside of strings; a string is matched first and left alone.
  return text.replace(/"(?:[^"\\]|\\.)*"|-?\d+(?:\.\d+)?(?:e[+-]?\d+)?/g, (token) =>
    token.startsWith('"') ? token : withExponent(token),
  );
}

function withExponent(token: string): string {
  const value = Number(token);
  if (Math.abs(value) < 1e7) return token;
  return value.toExponential().replace('e+', 'E');
}
