import type { IntakeRecord, RecordDecoder, SpanBatch, TraceKey } from '@spanloom/model';
import type { ClientStatsRow } from '../native/stats-block.ts';

/** How records become rows. Given from outside: storage knows no wire format. */
export interface RecordReaders {
  readonly decode: RecordDecoder;
  /**
   * The rows of a payload of client statistics; a pure function of the record.
   * @throws {DecodeError} If the payload does not follow its format.
   */
  readonly statsRows: (record: IntakeRecord) => readonly ClientStatsRow[];
  /**
   * What the rows of a payload, from `fromRow` to the last, state of other traces they belong to; a pure function of the rows.
   * Without it no keys are stored.
   */
  readonly traceKeys?: (batch: SpanBatch, fromRow: number) => readonly TraceKey[];
}

/** Whether a record holds statistics rather than spans. */
export function isStatsRecord(record: IntakeRecord): boolean {
  return record.format === 'client-stats-msgpack' || record.format === 'agent-stats-msgpack';
}
