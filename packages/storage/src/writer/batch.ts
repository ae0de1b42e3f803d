import { SpanBatch } from '@spanloom/model';
import type { ClientStatsRow } from '../native/stats-block.ts';

/** Rows on their way to the database, and where the log has them. */
export interface Batch {
  readonly seq: number;
  readonly spans: SpanBatch;
  readonly stats: readonly ClientStatsRow[];
  readonly segment: { readonly seq: number; readonly path: string; readonly bytes: number };
}

/** Memory a batch of statistics takes, roughly. */
export function statsBytes(rows: readonly ClientStatsRow[]): number {
  return rows.reduce((sum, row) => sum + 256 + row.payload.length, 0);
}
