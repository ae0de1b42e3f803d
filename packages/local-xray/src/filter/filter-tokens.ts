import { invalidRequest } from '../errors.ts';

/** A piece of a filter expression. */
export interface FilterToken {
  readonly kind: 'word' | 'string' | 'number' | 'mark' | 'end';
  readonly text: string;
}

const piece =
  /\s+|("(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*')|(-?\d+(?:\.\d+)?(?![\w.]))|([A-Za-z_][\w.:-]*)|(!=|<=|>=|[!=<>(){},:[\]])/y;

/** Cuts a filter expression into words, values and marks. @throws {ServiceError} At a character that fits nowhere. */
export function filterTokens(text: string): FilterToken[] {
  const tokens: FilterToken[] = [];
  piece.lastIndex = 0;
  while (piece.lastIndex < text.length) {
    const at = piece.lastIndex;
    const match = piece.exec(text);
    if (match === null) {
      throw invalidRequest(`Invalid filter expression: unexpected '${text[at]}' at position ${at}`);
    }
    const [, string, number, word, mark] = match;
    if (string !== undefined) {
      tokens.push({ kind: 'string', text: string.slice(1, -1).replace(/\\(.)/g, '$1') });
    } else if (number !== undefined) tokens.push({ kind: 'number', text: number });
    else if (word !== undefined) {
      // `id(name:"…")`: the colon after a name is a mark, the ones inside of a key are not.
      const bare = word.replace(/:+$/, '');
      piece.lastIndex -= word.length - bare.length;
      tokens.push({ kind: 'word', text: bare });
    } else if (mark !== undefined) tokens.push({ kind: 'mark', text: mark });
  }
  tokens.push({ kind: 'end', text: 'the end' });
  return tokens;
}
