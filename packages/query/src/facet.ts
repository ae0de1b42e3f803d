import { resolveKey, type Target } from './keys.ts';

/** A key whose values are counted, grouped by or computed with: `service`, `@http.method`, `@duration`. */
export interface Facet {
  /** As written. */
  readonly text: string;
  readonly target: Target;
}

/** Reads a key as it stands in front of the colon of a query; undefined for what is no key. */
export function parseFacet(text: string): Facet | undefined {
  const sigil = text.startsWith('@') ? '@' : '';
  const name = text.slice(sigil.length);
  if (!/^[^\s@:()"]+$/.test(name)) return undefined;
  return { text, target: resolveKey(sigil, name) };
}
