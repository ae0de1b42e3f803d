import type { EpochMillis } from '@spanloom/base';
import { DictionaryColumn, type RecordFormat, TextColumn } from '@spanloom/model';
import { NativeBlock } from './native-block.ts';
import type { EncodedBlock } from './span-block.ts';
import { wideColumn } from './wide-column.ts';

/** What a client counted, as one row of `client_stats`. */
export interface ClientStatsRow {
  /** When the intake took it, ms since the epoch. */
  readonly received: EpochMillis;
  readonly format: RecordFormat;
  readonly language: string;
  readonly tracerVersion: string;
  readonly runtimeId: string;
  /** The sender's number for the payload; 0 when it gives none. */
  readonly sequence: bigint;
  readonly hostname: string;
  readonly env: string;
  readonly service: string;
  readonly version: string;
  /** JSON. */
  readonly payload: string;
}

/** Rows of statistics as one block. They are few, so this takes the plain way. */
export function encodeStatsBlock(rows: readonly ClientStatsRow[], seq: number): EncodedBlock {
  const block = new NativeBlock(12, rows.length);
  const wide = (name: string, type: string, value: (row: ClientStatsRow) => bigint): void =>
    block.numbers(name, type, wideColumn(rows, value), 2);
  const dictionary = (name: string, value: (row: ClientStatsRow) => string): void => {
    const column = new DictionaryColumn();
    column.data = Uint32Array.from(rows, (row) => column.table.internText(value(row)));
    block.dictionary(name, column.table, column.data);
  };
  const text = (name: string, value: (row: ClientStatsRow) => string): void => {
    const column = new TextColumn();
    for (const row of rows) column.appendText(value(row));
    block.text(name, column);
  };
  block.constant64('seq', 'UInt64', seq);
  wide('received', "DateTime64(3, 'UTC')", (row) => BigInt(row.received));
  dictionary('format', (row) => row.format);
  dictionary('language', (row) => row.language);
  dictionary('tracer_version', (row) => row.tracerVersion);
  text('runtime_id', (row) => row.runtimeId);
  wide('sequence', 'UInt64', (row) => row.sequence);
  dictionary('hostname', (row) => row.hostname);
  dictionary('env', (row) => row.env);
  dictionary('service', (row) => row.service);
  dictionary('version', (row) => row.version);
  text('payload', (row) => row.payload);
  return { columns: block.columnNames, rows: rows.length, bytes: block.finish() };
}
