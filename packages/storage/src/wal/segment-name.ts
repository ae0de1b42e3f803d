/** A segment's file: pending until its rows are inserted, then kept for a while under a name that says so. */
export interface SegmentName {
  readonly seq: number;
  /** Undefined while pending. */
  readonly inserted: InsertedRows | undefined;
}

/** How many rows a segment came to. */
export interface InsertedRows {
  readonly spans: number;
  /** Keys and versions, which are stored beside the spans. */
  readonly facts: number;
}

/** `<seq, 20 digits>.wal`, `<seq>.<spans>.done`, or `<seq>.<spans>+<facts>.done`. */
export function formatSegmentName({ seq, inserted }: SegmentName): string {
  const number = String(seq).padStart(20, '0');
  if (inserted === undefined) return `${number}.wal`;
  const facts = inserted.facts === 0 ? '' : `+${inserted.facts}`;
  return `${number}.${inserted.spans}${facts}.done`;
}

/** Undefined for a file that is not a segment. */
export function parseSegmentName(name: string): SegmentName | undefined {
  const match = /^(\d{20})(?:\.wal|\.(\d+)(?:\+(\d+))?\.done)$/.exec(name);
  if (match === null) return undefined;
  const [, seq, spans, facts = '0'] = match;
  return {
    seq: Number(seq),
    inserted: spans === undefined ? undefined : { spans: Number(spans), facts: Number(facts) },
  };
}
