import type { Piece } from '@spanloom/query';

/** The pattern for `LIKE`: `*` becomes `%`, `?` becomes `_`, and literal text loses any meaning it has there. */
export function likePattern(pieces: readonly Piece[], extent: 'whole' | 'part'): string {
  const body = pieces
    .map((piece) => {
      if (typeof piece === 'string') return piece.replaceAll(/[\\%_]/g, '\\$&');
      return piece.wildcard === '*' ? '%' : '_';
    })
    .join('');
  return extent === 'whole' ? body : `%${body}%`;
}

/** Whether the empty text follows the pattern. */
export function matchesEmpty(pieces: readonly Piece[]): boolean {
  return pieces.every((piece) => typeof piece === 'object' && piece.wildcard === '*');
}
