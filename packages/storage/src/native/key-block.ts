import type { EpochMillis } from '@spanloom/base';
import { DictionaryColumn, type TraceKey } from '@spanloom/model';
import { NativeBlock } from './native-block.ts';
import type { EncodedBlock } from './span-block.ts';
import { wideColumn } from './wide-column.ts';

/** A key with the arrival of the payload that states it. */
export interface ReceivedKey {
  readonly key: TraceKey;
  /** ms since the epoch. */
  readonly received: EpochMillis;
}

/** The keys of a batch as one block for `trace_keys`. */
export function encodeKeyBlock(keys: readonly ReceivedKey[], seq: number): EncodedBlock {
  const block = new NativeBlock(8, keys.length);
  const dictionary = (name: string, value: (key: TraceKey) => string): void => {
    const column = new DictionaryColumn();
    const data = Uint32Array.from(keys, ({ key }) => column.table.internText(value(key)));
    block.dictionary(name, column.table, data);
  };
  const wide = (name: string, type: string, value: (key: TraceKey) => bigint): void =>
    block.numbers(
      name,
      type,
      wideColumn(keys, ({ key }) => value(key)),
      2,
    );
  dictionary('kind', ({ kind }) => kind);
  wide('key', 'UInt64', ({ key }) => key);
  wide('trace_hi', 'UInt64', ({ traceId }) => traceId.hi);
  wide('trace_lo', 'UInt64', ({ traceId }) => traceId.lo);
  dictionary('env', ({ env }) => env);
  wide('ts', "DateTime64(9, 'UTC')", ({ start }) => start);
  const received = wideColumn(keys, (key) => BigInt(key.received));
  block.numbers('ing', "DateTime64(3, 'UTC')", received, 2);
  block.constant64('seq', 'UInt64', seq);
  return { columns: block.columnNames, rows: keys.length, bytes: block.finish() };
}
