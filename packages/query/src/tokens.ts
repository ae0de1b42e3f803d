import type { Place } from './ast.ts';
import { lex, type TokenKind } from './lexer.ts';

/** How an editor should colour a stretch of the query. */
export type Colour =
  | 'key'
  | 'value'
  | 'string'
  | 'pattern'
  | 'operator'
  | 'keyword'
  | 'bracket'
  | 'text';

/** A coloured stretch of query text. Stretches come in order and do not overlap; gaps are spaces. */
export interface ColouredToken extends Place {
  readonly colour: Colour;
}

/** Splits the text for syntax colouring. Works on half-written and wrong queries too. */
export function tokens(text: string): readonly ColouredToken[] {
  let expectsValue = false;
  let brackets = 0;
  return lex(text).tokens.map(({ kind, start, end }) => {
    // A word is a value behind a colon and inside the brackets that start there; elsewhere it is free text.
    if (expectsValue && (kind === 'open' || kind === 'range-open')) brackets++;
    else if (brackets > 0 && (kind === 'close' || kind === 'range-close')) brackets--;
    const isValue = expectsValue || brackets > 0;
    expectsValue = kind === 'colon' || (expectsValue && kind === 'comparison');
    return { start, end, colour: colourOf(kind, isValue) };
  });
}

function colourOf(kind: TokenKind, isValue: boolean): Colour {
  switch (kind) {
    case 'open':
    case 'close':
    case 'range-open':
    case 'range-close':
      return 'bracket';
    case 'and':
    case 'or':
    case 'to':
    case 'function':
      return 'keyword';
    case 'not':
    case 'comma':
    case 'colon':
    case 'comparison':
      return 'operator';
    case 'key':
      return 'key';
    case 'regex':
      return 'pattern';
    case 'string':
      return isValue ? 'string' : 'text';
    case 'word':
      return isValue ? 'value' : 'text';
  }
}
