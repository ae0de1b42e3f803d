import { randomUUID } from 'node:crypto';
import type { Database, StagedBlock } from '../database.ts';
import { failpoint } from '../failpoint.ts';
import { encodeKeyBlock } from '../native/key-block.ts';
import { encodeSpanBlock, type EncodedBlock } from '../native/span-block.ts';
import { encodeStatsBlock } from '../native/stats-block.ts';
import { encodeVersionBlock } from '../native/version-block.ts';
import {
  clientStats,
  spansKept,
  spansLive,
  type TableName,
  traceKeys,
  xrayVersions,
} from '../schema/tables.ts';
import type { Batch } from './batch.ts';
import { SUPERSEDE, supersedeOlderVersions } from './supersede.ts';

/** A table a batch goes to, and the block for it. Until there is tail sampling every span is kept. */
export const SPAN_TARGETS: readonly TableName[] = [spansLive, spansKept];

/** Where what follows from spans is stored. These tables keep one row of equal ones by themselves. */
export const FACT_TARGETS: readonly TableName[] = [traceKeys, xrayVersions];

/** Where retries, timing and the checks of a replay come in. */
export interface InsertSteps {
  /** Makes a block ready. */
  readonly stage: (run: () => Promise<StagedBlock>) => Promise<StagedBlock>;
  /** Inserts the rows of a block into one table. */
  readonly insert: (
    table: TableName,
    rows: number,
    run: (token: string) => Promise<void>,
  ) => Promise<void>;
  /** Runs a statement that may be repeated. */
  readonly run: (step: { readonly name: string }, run: () => Promise<void>) => Promise<void>;
}

/**
 * Writes a batch into its tables: spans and statistics, then what follows from them. Repeating all of this after a failure or a
 * crash adds nothing twice: inserts of spans have a token made of table and number, and the other tables keep one of equal rows.
 *
 * Earlier versions of a fetched trace give way when the new one is there: for some milliseconds both count, rather than none.
 */
export async function insertBatch(
  database: Database,
  batch: Batch,
  steps: InsertSteps,
): Promise<void> {
  const { seq, contents } = batch;
  const { spans, stats, keys, versions } = contents;
  if (spans.length > 0) {
    await insertBlock(database, encodeSpanBlock(spans, seq), SPAN_TARGETS, seq, steps);
  }
  if (stats.length > 0) {
    await insertBlock(database, encodeStatsBlock(stats, seq), [clientStats], seq, steps);
  }
  if (keys.length > 0) {
    failpoint('before-keys');
    await insertBlock(database, encodeKeyBlock(keys, seq), [traceKeys], seq, steps);
  }
  if (versions.length > 0) {
    failpoint('before-versions');
    await insertBlock(database, encodeVersionBlock(versions, seq), [xrayVersions], seq, steps);
    failpoint('before-supersede');
    await steps.run(SUPERSEDE, () => supersedeOlderVersions(database, seq, seq));
  }
  failpoint('after-inserts');
}

async function insertBlock(
  database: Database,
  block: EncodedBlock,
  tables: readonly TableName[],
  seq: number,
  steps: InsertSteps,
): Promise<void> {
  await using staged = await steps.stage(() =>
    database.stage(block.bytes, `${tables[0]!.name}-${seq}`),
  );
  failpoint('before-insert');
  for (const [index, table] of tables.entries()) {
    if (index > 0) failpoint('between-inserts');
    await steps.insert(table, block.rows, (token) =>
      database.insert(table, block.columns, staged, { token }),
    );
  }
}

/**
 * What the engine remembers an insert by. A table that keeps one of equal rows needs no memory, and must not be kept from
 * inserting again by one: the engine notes a token just before the rows become visible, and a kill can come between.
 */
export function insertToken(table: TableName, seq: number): string {
  const token = `${table.name}-${seq}`;
  return FACT_TARGETS.includes(table) ? `${token}-${randomUUID()}` : token;
}
