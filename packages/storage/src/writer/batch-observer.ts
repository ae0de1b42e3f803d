import type { SpanBatch } from '@spanloom/model';

/**
 * Sees spans between the moment they are safe and the moment the tables have them. It is called on the way of every payload, so
 * nothing it does may throw or take long.
 */
export interface BatchObserver {
  /** Batch `seq` is about to be filled. Numbers grow. */
  opened(seq: number, spans: SpanBatch): void;
  /**
   * The first `rows` rows of a batch are on disk. Called again, with more, as it grows. Those rows never change any more, but the
   * columns may be replaced: read them through the batch. The batch after may be told of before this one has its last rows.
   */
  durable(seq: number, rows: number): void;
  /** No more rows of this batch will become durable. */
  closed(seq: number): void;
  /** The tables have the batch and all before it; or they refused it and it was put aside. */
  settled(seq: number): void;
}
