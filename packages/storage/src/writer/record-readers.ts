import type { IntakeRecord, RecordDecoder } from '@spanloom/model';
import type { ClientStatsRow } from '../native/stats-block.ts';

/** How records become rows. Given from outside: storage knows no wire format. */
export interface RecordReaders {
  readonly decode: RecordDecoder;
  /**
   * The rows of a payload of client statistics; a pure function of the record.
   * @throws {DecodeError} If the payload does not follow its format.
   */
  readonly statsRows: (record: IntakeRecord) => readonly ClientStatsRow[];
}

/** Whether a record holds statistics rather than spans. */
export function isStatsRecord(record: IntakeRecord): boolean {
  return record.format === 'client-stats-msgpack' || record.format === 'agent-stats-msgpack';
}
