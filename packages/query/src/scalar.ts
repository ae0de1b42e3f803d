import type { Piece, Scalar } from './ast.ts';

/** The scalar's text when it has no wildcards. */
export function literalText(scalar: Scalar): string | undefined {
  return piecesText(scalar.pieces);
}

/** The text of pieces without wildcards. */
export function piecesText(pieces: readonly Piece[]): string | undefined {
  let text = '';
  for (const piece of pieces) {
    if (typeof piece !== 'string') return undefined;
    text += piece;
  }
  return text;
}

/** Whether the scalar is a lone `*`. */
export function isAnything(scalar: Scalar): boolean {
  const [first, second] = scalar.pieces;
  return second === undefined && typeof first === 'object' && first.wildcard === '*';
}

/** The scalar as text for messages: wildcards as written, nothing escaped. */
export function showScalar(scalar: Scalar): string {
  return scalar.pieces
    .map((piece) => (typeof piece === 'string' ? piece : piece.wildcard))
    .join('');
}

/** The pieces in lower case, for comparisons that ignore case. */
export function lowerPieces(pieces: readonly Piece[]): readonly Piece[] {
  return pieces.map((piece) => (typeof piece === 'string' ? piece.toLowerCase() : piece));
}

/** Collects literal characters and wildcards into the normal form of pieces. */
export class PieceBuilder {
  readonly #pieces: Piece[] = [];
  #literal = '';

  literal(text: string): void {
    this.#literal += text;
  }

  wildcard(wildcard: '*' | '?'): void {
    this.#flush();
    const last = this.#pieces.at(-1);
    // `**` means what `*` means; one spelling keeps patterns comparable.
    if (wildcard === '*' && typeof last === 'object' && last.wildcard === '*') return;
    this.#pieces.push({ wildcard });
  }

  build(): readonly Piece[] {
    this.#flush();
    return this.#pieces;
  }

  #flush(): void {
    if (this.#literal === '') return;
    this.#pieces.push(this.#literal);
    this.#literal = '';
  }
}
