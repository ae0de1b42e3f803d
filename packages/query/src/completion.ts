import type { Place } from './ast.ts';
import { formatKey } from './format-query.ts';
import { findReservedKey, reservedKeys } from './keys.ts';
import { lex } from './lexer.ts';

/** One thing that could be typed at the caret. */
export interface CompletionItem {
  /** Text to put in place of the completion's range. */
  readonly insert: string;
  /** What it is, in a few words; '' when nothing is known. */
  readonly description: string;
  readonly kind: 'key' | 'value' | 'keyword';
}

/** What could be typed at the caret, replacing `start`..`end`. */
export interface Completion extends Place {
  readonly items: readonly CompletionItem[];
  /**
   * The key whose value is being written, with its sigil. The caller may know values where this package does not.
   */
  readonly valueFor?: string;
}

/** An attribute key that exists in the data. */
export interface SuppliedKey {
  readonly name: string;
  readonly description?: string;
}

/**
 * Completes keys (reserved ones, then those supplied) and the values of keys that have few.
 *
 * @param caret UTF-16 offset of the caret in `text`.
 */
export function completion(
  text: string,
  caret: number,
  keys: readonly SuppliedKey[] = [],
): Completion {
  const before = lex(text.slice(0, caret)).tokens;
  const last = before.at(-1);
  const touching = last !== undefined && last.end === caret ? last : undefined;
  const colonAt = touching?.kind === 'colon' ? before.length - 1 : before.length - 2;
  const colon = before[colonAt];
  const key = before[colonAt - 1];
  if (colon?.kind === 'colon' && key?.kind === 'key' && touching !== undefined) {
    const start = touching.kind === 'colon' ? caret : touching.start;
    const typed = text.slice(start, caret).toLowerCase();
    const values = key.sigil === '' ? (findReservedKey(key.text)?.values ?? []) : [];
    const items = values
      .filter((value) => value.startsWith(typed))
      .map((value): CompletionItem => ({ insert: value, description: '', kind: 'value' }));
    return { start, end: caret, items, valueFor: formatKey({ sigil: key.sigil, name: key.text }) };
  }
  const partial = touching?.kind === 'word' || touching?.kind === 'key' ? touching : undefined;
  const start = partial?.start ?? caret;
  const typed = text.slice(start, caret);
  const items = [...matchingKeys(typed, keys), ...matchingKeywords(typed, before.length > 1)];
  return { start, end: caret, items };
}

function matchingKeys(typed: string, supplied: readonly SuppliedKey[]): CompletionItem[] {
  const wanted = typed.replace(/^@/, '').toLowerCase();
  const items: { item: CompletionItem; rank: number }[] = [];
  const offer = (name: string, insert: string, description: string): void => {
    const at = name.toLowerCase().indexOf(wanted);
    // A key is found by any part of it, best by its beginning.
    if (at >= 0) items.push({ item: { insert, description, kind: 'key' }, rank: at === 0 ? 0 : 1 });
  };
  if (!typed.startsWith('@')) {
    for (const key of reservedKeys) {
      if (key.aliasOf === undefined) offer(key.name, `${key.name}:`, key.description);
    }
  }
  for (const key of supplied) {
    offer(key.name, `${formatKey({ sigil: '@', name: key.name })}:`, key.description ?? '');
  }
  return items.toSorted((left, right) => left.rank - right.rank).map(({ item }) => item);
}

function matchingKeywords(typed: string, followsTerm: boolean): CompletionItem[] {
  if (!followsTerm || typed === '') return [];
  return ['AND', 'OR', 'NOT']
    .filter((word) => word.startsWith(typed.toUpperCase()))
    .map((word) => ({ insert: `${word} `, description: '', kind: 'keyword' }));
}
