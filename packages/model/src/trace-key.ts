import type { EpochNanos, TraceId } from '@spanloom/base';

/**
 * What a key is made of.
 *
 * - `trace`: the join key of another trace that this one says it continues.
 * - `request`: a Lambda request id, as 64 bits of it.
 */
export type TraceKeyKind = 'trace' | 'request';

/**
 * A fact by which traces of different ids are found to belong together. Stored beside the spans as they come, so that reading a
 * trace by any of its ids finds the others.
 */
export interface TraceKey {
  readonly kind: TraceKeyKind;
  readonly key: bigint;
  /** The trace with a span that states it. */
  readonly traceId: TraceId;
  /** Of that span; '' when it has none. */
  readonly env: string;
  /** Start of that span. */
  readonly start: EpochNanos;
}
