/** A segment's file: pending until its rows are inserted, then kept for a while under a name that says so. */
export interface SegmentName {
  readonly seq: number;
  /** Undefined while pending; how many span rows it came to once they are inserted. */
  readonly insertedRows: number | undefined;
}

/** `<seq, 20 digits>.wal`, or `<seq>.<rows>.done`. */
export function formatSegmentName({ seq, insertedRows }: SegmentName): string {
  const number = String(seq).padStart(20, '0');
  return insertedRows === undefined ? `${number}.wal` : `${number}.${insertedRows}.done`;
}

/** Undefined for a file that is not a segment. */
export function parseSegmentName(name: string): SegmentName | undefined {
  const match = /^(\d{20})(?:\.wal|\.(\d+)\.done)$/.exec(name);
  if (match === null) return undefined;
  return {
    seq: Number(match[1]),
    insertedRows: match[2] === undefined ? undefined : Number(match[2]),
  };
}
