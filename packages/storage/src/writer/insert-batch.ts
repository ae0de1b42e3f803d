import { clientStats } from '../schema/client-stats-table.ts';
import { spansKept, spansLive } from '../schema/span-tables.ts';
import type { Database, StagedBlock } from '../database.ts';
import { failpoint } from '../failpoint.ts';
import { encodeSpanBlock, type EncodedBlock } from '../native/span-block.ts';
import { encodeStatsBlock } from '../native/stats-block.ts';
import type { Batch } from './batch.ts';

/** A table a batch goes to, and the block for it. Until there is tail sampling every span is kept. */
export const SPAN_TARGETS: readonly { readonly name: string }[] = [spansLive, spansKept];

/** Where retries, timing and the checks of a replay come in. */
export interface InsertSteps {
  /** Makes a block ready. */
  readonly stage: (run: () => Promise<StagedBlock>) => Promise<StagedBlock>;
  /** Inserts it into one table. */
  readonly insert: (
    table: { readonly name: string },
    run: (token: string) => Promise<void>,
  ) => Promise<void>;
}

/**
 * Writes a batch into its tables. Each insert has a token made of table and number, so repeating all of this after a failure
 * or a crash adds nothing twice.
 */
export async function insertBatch(
  database: Database,
  batch: Batch,
  steps: InsertSteps,
): Promise<void> {
  if (batch.spans.length > 0) {
    const block = encodeSpanBlock(batch.spans, batch.seq);
    await insertBlock(database, block, SPAN_TARGETS, batch.seq, steps);
  }
  if (batch.stats.length > 0) {
    const block = encodeStatsBlock(batch.stats, batch.seq);
    await insertBlock(database, block, [clientStats], batch.seq, steps);
  }
  failpoint('after-inserts');
}

async function insertBlock(
  database: Database,
  block: EncodedBlock,
  tables: readonly { readonly name: string }[],
  seq: number,
  steps: InsertSteps,
): Promise<void> {
  await using staged = await steps.stage(() =>
    database.stage(block.bytes, `${tables[0]!.name}-${seq}`),
  );
  failpoint('before-insert');
  for (const [index, table] of tables.entries()) {
    if (index > 0) failpoint('between-inserts');
    await steps.insert(table, (token) => database.insert(table, block.columns, staged, { token }));
  }
}

/** What the engine remembers an insert by. */
export function insertToken(table: { readonly name: string }, seq: number): string {
  return `${table.name}-${seq}`;
}
