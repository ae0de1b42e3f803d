import { KINDS, NO_PRIORITY, SOURCES, SPAN_FLAGS, SpanBatch } from '@spanloom/model';

/** A row of a test's batch; what is left out is as for a plain server span. */
export interface TestRow {
  readonly spanId?: bigint;
  readonly service?: string;
  readonly resource?: string;
  readonly error?: boolean;
  readonly received?: number;
  readonly httpStatus?: number;
  readonly meta?: Readonly<Record<string, string>>;
  readonly metrics?: Readonly<Record<string, number>>;
}

/** Appends rows to a batch as a decoder would. */
export function appendRows(batch: SpanBatch, rows: readonly TestRow[]): SpanBatch {
  for (const given of rows) {
    const row = batch.appendRow();
    batch.traceHigh.setBigint(row, 0x66f2a1c48f3b0c5en);
    batch.traceLow.setBigint(row, 0x9a7d4b21e6c8f013n);
    batch.spanId.setBigint(row, given.spanId ?? BigInt(row + 1));
    batch.start.setBigint(row, 1_795_000_000_000_000_000n);
    batch.duration.setNumber(row, 250_000_000);
    batch.received.setNumber(row, given.received ?? 1_795_000_000_000);
    batch.source[row] = SOURCES.datadog;
    batch.kind[row] = KINDS.indexOf('server');
    batch.error[row] = Number(given.error ?? false);
    batch.flags[row] = SPAN_FLAGS.entry;
    batch.priority[row] = NO_PRIORITY;
    batch.httpStatus[row] = given.httpStatus ?? 0;
    for (const [column, text] of [
      [batch.service, given.service ?? 'checkout'],
      [batch.name, 'web.request'],
      [batch.resource, given.resource ?? 'GET /cart'],
      [batch.type, 'web'],
      [batch.env, 'prod'],
    ] as const) {
      column.data[row] = column.table.internText(text);
    }
    for (const [key, value] of Object.entries(given.meta ?? {})) {
      batch.meta.appendText(batch.meta.keys.internText(key), value);
    }
    for (const [key, value] of Object.entries(given.metrics ?? {})) {
      batch.metrics.append(batch.metrics.keys.internText(key), value);
    }
    batch.endRow();
  }
  return batch;
}
