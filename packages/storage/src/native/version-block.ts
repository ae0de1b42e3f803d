import type { EpochMillis, TraceId } from '@spanloom/base';
import { NativeBlock } from './native-block.ts';
import type { EncodedBlock } from './span-block.ts';
import { wideColumn } from './wide-column.ts';

/** A fetched X-Ray trace: a payload that is the whole of it. */
export interface FetchedVersion {
  readonly traceId: TraceId;
  /** When the intake took the payload, ms since the epoch. */
  readonly received: EpochMillis;
}

/** The fetched traces of a batch as one block for `xray_versions`. */
export function encodeVersionBlock(versions: readonly FetchedVersion[], seq: number): EncodedBlock {
  const block = new NativeBlock(4, versions.length);
  block.numbers(
    'trace_hi',
    'UInt64',
    wideColumn(versions, ({ traceId }) => traceId.hi),
    2,
  );
  block.numbers(
    'trace_lo',
    'UInt64',
    wideColumn(versions, ({ traceId }) => traceId.lo),
    2,
  );
  block.constant64('seq', 'UInt64', seq);
  const received = wideColumn(versions, (version) => BigInt(version.received));
  block.numbers('ing', "DateTime64(3, 'UTC')", received, 2);
  return { columns: block.columnNames, rows: versions.length, bytes: block.finish() };
}
