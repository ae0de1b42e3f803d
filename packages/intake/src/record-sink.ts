import type { DecodeOutcome, IntakeRecord } from '@spanloom/model';

/**
 * Where payloads go once they are whole, inflated and of a known format.
 *
 * The promise settles when the payload is durable: what it resolves to is acknowledged to the sender.
 * It rejects with `DecodeError` (the payload is wrong), `LimitError` (too large) or `OverloadedError`
 * (nothing was taken, try again); anything else is our fault and becomes a 500.
 */
export interface RecordSink {
  accept(record: IntakeRecord): Promise<DecodeOutcome>;
}
