import type { SpanBatch } from '@spanloom/model';
import type { Position } from './cursor.ts';

interface RecentBatch {
  readonly seq: number;
  readonly spans: SpanBatch;
  /** Durable ones. */
  rows: number;
  closed: boolean;
  settled: boolean;
}

/** Batches the tables have are kept up to here, so that a reader who was away for a moment goes on without a query. */
const KEPT_BYTES = 32 * 2 ** 20;
/** Beyond this not even a reader who still needs them keeps them: it reads them from the tables then. */
const MAX_BYTES = 4 * KEPT_BYTES;

/** What a batch takes before it has a row: columns begin with room for some. */
const EMPTY_BYTES = 2 ** 17;

/**
 * The newest batches in memory: all that the tables do not have yet, and some more. The writer tells of them; readers walk
 * through them, each at its own place.
 */
export class RecentBatches {
  readonly #batches: RecentBatch[] = [];
  /** The first batch this process ever had: older ones are in the tables only. */
  firstSeq: number | undefined;
  /** The newest batch that was let go; -1 before that. */
  evictedSeq = -1;
  /** Durable rows since the start. */
  received = 0;

  opened(seq: number, spans: SpanBatch): void {
    this.firstSeq ??= seq;
    this.#batches.push({ seq, spans, rows: 0, closed: false, settled: false });
  }

  durable(seq: number, rows: number): void {
    const batch = this.#find(seq);
    if (batch === undefined || rows <= batch.rows) return;
    this.received += rows - batch.rows;
    batch.rows = rows;
  }

  closed(seq: number): void {
    const batch = this.#find(seq);
    if (batch !== undefined) batch.closed = true;
  }

  /** @param needed The oldest batch that a reader still has to see. */
  settled(seq: number, needed: number): void {
    const batch = this.#find(seq);
    if (batch !== undefined) batch.settled = true;
    let bytes = this.#batches.reduce((sum, one) => sum + bytesOf(one), 0);
    while (this.#batches.length > 1 && bytes > KEPT_BYTES) {
      const oldest = this.#batches[0]!;
      if (!oldest.settled || (oldest.seq >= needed && bytes <= MAX_BYTES)) break;
      this.#batches.shift();
      this.evictedSeq = oldest.seq;
      bytes -= bytesOf(oldest);
    }
  }

  /** The oldest batch in memory. */
  get oldestSeq(): number | undefined {
    return this.#batches[0]?.seq;
  }

  /** The place behind the last row that can be read now: rows of a batch are readable once those of the one before are complete. */
  frontier(): Position {
    const batch = this.#batches.find(({ closed }) => !closed) ?? this.#batches.at(-1);
    return batch === undefined ? { seq: 0, row: 0 } : { seq: batch.seq, row: batch.rows };
  }

  /** The readable rows from a place on, in one batch, with the place behind them; undefined when there are none. */
  next(
    from: Position,
    maxRows: number,
  ): { seq: number; spans: SpanBatch; start: number; end: number } | undefined {
    for (let index = this.#indexFrom(from.seq); index < this.#batches.length; index++) {
      const { seq, spans, rows, closed } = this.#batches[index]!;
      const start = seq === from.seq ? Math.min(from.row, rows) : 0;
      if (start < rows) return { seq, spans, start, end: Math.min(rows, start + maxRows) };
      if (!closed) return undefined;
    }
    return undefined;
  }

  /** How many rows can be read from a place on. */
  rowsFrom(from: Position): number {
    let count = 0;
    for (let index = this.#indexFrom(from.seq); index < this.#batches.length; index++) {
      const { seq, rows, closed } = this.#batches[index]!;
      count += Math.max(0, rows - (seq === from.seq ? from.row : 0));
      if (!closed) break;
    }
    return count;
  }

  /** Where the first batch of at least this number is. Readers are near the end, so that is where the search begins. */
  #indexFrom(seq: number): number {
    let index = this.#batches.length;
    while (index > 0 && this.#batches[index - 1]!.seq >= seq) index--;
    return index;
  }

  #find(seq: number): RecentBatch | undefined {
    return this.#batches.findLast((batch) => batch.seq === seq);
  }
}

function bytesOf({ spans }: RecentBatch): number {
  return EMPTY_BYTES + spans.byteSize;
}
