import type { Piece } from './ast.ts';
import { piecesText } from './scalar.ts';

/**
 * Compiles pieces to a test of texts: of the whole text, or of any part of it.
 *
 * Case is the caller's business: to ignore it, give both the pieces and the texts in lower case.
 */
export function pieceMatcher(
  pieces: readonly Piece[],
  extent: 'whole' | 'part',
): (text: string) => boolean {
  const literal = piecesText(pieces);
  if (literal !== undefined) {
    return extent === 'whole' ? (text) => text === literal : (text) => text.includes(literal);
  }
  // `s` so that wildcards cross line ends, `u` so that `?` takes a whole code point: as LIKE does.
  const source = pieces.map(toRegex).join('');
  const regex = new RegExp(extent === 'whole' ? `^${source}$` : source, 'su');
  return (text) => regex.test(text);
}

function toRegex(piece: Piece): string {
  if (typeof piece === 'object') return piece.wildcard === '*' ? '.*' : '.';
  return piece.replaceAll(/[\\^$.*+?()[\]{}|/-]/g, (character) =>
    character === '-' ? '\\x2d' : `\\${character}`,
  );
}
