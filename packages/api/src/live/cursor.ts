/** A place in the order of arrival: everything before row `row` of batch `seq` has been seen. */
export interface Position {
  readonly seq: number;
  readonly row: number;
}

/** Behind the last row of a batch, however many it has. */
export const BATCH_END = 0xffff_ffff;

/** The text a client sends back to go on from a place. */
export function formatCursor({ seq, row }: Position): string {
  return `${seq}.${row}`;
}

/** The place, or undefined when the text is no cursor. No time a client may send instead looks like one. */
export function parseCursor(text: string): Position | undefined {
  const match = /^(\d{1,16})\.(\d{1,10})$/.exec(text);
  if (match === null) return undefined;
  const seq = Number(match[1]);
  return Number.isSafeInteger(seq) ? { seq, row: Number(match[2]) } : undefined;
}

/** Negative when `a` comes first. */
export function comparePositions(a: Position, b: Position): number {
  return a.seq === b.seq ? a.row - b.row : a.seq - b.seq;
}
