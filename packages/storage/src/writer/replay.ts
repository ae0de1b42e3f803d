import { errorMessage } from '@spanloom/base';
import type { Database } from '../database.ts';
import { failpoint } from '../failpoint.ts';
import { batchRows } from '../queries/batch-rows.ts';
import { readSegment } from '../wal/read-segment.ts';
import type { InsertedRows } from '../wal/segment-name.ts';
import type { LeftSegment, WalDirectory } from '../wal/wal-directory.ts';
import { xrayVersions } from '../schema/tables.ts';
import type { Batch } from './batch.ts';
import { BatchContents } from './batch-contents.ts';
import { FACT_TARGETS, insertBatch, insertToken, SPAN_TARGETS } from './insert-batch.ts';
import type { RecordReaders } from './record-readers.ts';
import { SUPERSEDE, supersedeOlderVersions } from './supersede.ts';
import type { WriterMetrics } from './writer-metrics.ts';

export interface ReplayOptions {
  readonly database: Database;
  readonly directory: WalDirectory;
  readonly readers: RecordReaders;
  readonly metrics: WriterMetrics;
  /** Before when rows of a table are gone by themselves, ms since the epoch. */
  readonly expiredMs: (table: string) => number;
  /** Runs with retries; rejects when the engine refuses the batch for good. */
  readonly retry: <Result>(what: string, run: () => Promise<Result>) => Promise<Result>;
  readonly report: (message: string) => void;
}

/**
 * Inserts what earlier processes made durable and may not have inserted.
 *
 * The deduplication token alone does not make this exact. The engine notes a token just before the rows become visible, so a
 * kill between the two leaves a token without rows, and a power failure can take rows and leave the token. So rows are counted
 * by batch number: a table that has them is skipped, one that lacks them gets them, and one that claims to have had them
 * although it has not is emptied of the batch and gets it under another token.
 */
export async function replaySegments(
  left: readonly LeftSegment[],
  options: ReplayOptions,
): Promise<void> {
  const [first, last] = [left[0], left.at(-1)];
  if (first === undefined || last === undefined) return;
  const { database } = options;
  const present = await countRows(database, first.seq, last.seq);
  for (const segment of left) {
    const { inserted } = segment;
    if (inserted !== undefined && isComplete(segment, inserted, present, options)) {
      await options.directory.markDone(segment, inserted);
    } else await replaySegment(segment, present, options);
  }
  // A power failure can also take what was noted of these batches and leave all they consist of.
  if (left.some(({ seq }) => rowsOf(present, xrayVersions.name, seq) > 0)) {
    await options.retry(SUPERSEDE.name, () =>
      supersedeOlderVersions(database, first.seq, last.seq),
    );
  }
}

/** Whether the tables have everything of a batch, or would have dropped it by now. */
function isComplete(
  { seq, writtenMs }: LeftSegment,
  inserted: InsertedRows,
  present: Present,
  { expiredMs }: ReplayOptions,
): boolean {
  const spansThere = SPAN_TARGETS.every(
    ({ name }) => rowsOf(present, name, seq) >= inserted.spans || writtenMs < expiredMs(name),
  );
  // Of keys that a later batch stated again one row is left, under the number of either; then this batch is read once more.
  const facts = FACT_TARGETS.reduce((sum, { name }) => sum + rowsOf(present, name, seq), 0);
  const factsExpired = FACT_TARGETS.every(({ name }) => writtenMs < expiredMs(name));
  return spansThere && (facts >= inserted.facts || factsExpired);
}

type Present = ReadonlyMap<string, ReadonlyMap<number, number>>;

async function replaySegment(
  segment: LeftSegment,
  present: Present,
  options: ReplayOptions,
): Promise<void> {
  const { database, directory, metrics, report } = options;
  const batch = await decodeSegment(segment, options);
  const { contents } = batch;
  const expected = contents.spans.length;
  try {
    await insertBatch(database, batch, {
      stage: (run) => options.retry('stage', run),
      run: (step, run) => options.retry(step.name, run),
      insert: async (table, _rows, insert) => {
        const spans = SPAN_TARGETS.includes(table);
        if (spans && segment.writtenMs < options.expiredMs(table.name)) return;
        if (spans && rowsOf(present, table.name, batch.seq) >= expected) return;
        if (!spans) {
          await options.retry(table.name, () => insert(insertToken(table, batch.seq)));
          return;
        }
        const token = insertToken(table, batch.seq);
        await options.retry(table.name, () => insert(token));
        const found = (await countRows(database, batch.seq, batch.seq)).get(table.name);
        if ((found?.get(batch.seq) ?? 0) >= expected) return;
        metrics.replayRepairs.inc({ table: table.name });
        report(
          `Batch ${batch.seq} is missing from ${table.name} although its token is known there; written again`,
        );
        await options.retry(table.name, async () => {
          await database.command(
            `ALTER TABLE ${table.name} DELETE WHERE seq = ${batch.seq} SETTINGS mutations_sync = 2`,
          );
          await insert(`${token}-${Date.now()}`);
        });
      },
    });
  } catch (error) {
    const target = await directory.reject(segment, errorMessage(error));
    metrics.rejectedBatches.inc();
    report(
      `Batch ${batch.seq} of an earlier run was put aside as ${target}: ${errorMessage(error)}`,
    );
    return;
  }
  metrics.batchesReplayed.inc();
  metrics.rowsReplayed.inc(expected);
  await directory.markDone(segment, { spans: expected, facts: contents.facts });
  failpoint('during-replay');
}

async function decodeSegment(segment: LeftSegment, options: ReplayOptions): Promise<Batch> {
  const { metrics, readers, report } = options;
  const contents = await readSegment(segment.path);
  if (contents.tornBytes > 0) metrics.tornSegments.inc();
  if (contents.corruptFrames > 0) {
    metrics.corruptFrames.inc(contents.corruptFrames);
    report(
      `${contents.corruptFrames} payloads in ${segment.path} are damaged on disk and lost; check the disk`,
    );
  }
  const batch = new BatchContents();
  let problem = contents.corruptFrames > 0 ? 'damaged frames' : undefined;
  for (const record of contents.records) {
    try {
      batch.add(record, readers, 'take');
    } catch (error) {
      // It could be decoded when it was accepted, so this version reads less than the one before. The others must not suffer.
      problem = `${record.format}: ${errorMessage(error)}`;
      metrics.undecodableRecords.inc();
      report(
        `A ${record.format} payload in ${segment.path} can no longer be decoded: ${errorMessage(error)}`,
      );
    }
  }
  if (problem !== undefined) {
    report(
      `A copy of the segment is kept as ${await options.directory.preserve(segment, problem)}`,
    );
  }
  return { seq: segment.seq, contents: batch, segment };
}

async function countRows(database: Database, first: number, last: number): Promise<Present> {
  const present = new Map<string, Map<number, number>>();
  for (const table of [...SPAN_TARGETS, ...FACT_TARGETS]) {
    const rows = await database.query(batchRows(table, first, last), {
      tag: 'batch-rows',
      limits: { seconds: 300 },
    });
    present.set(table.name, new Map(rows.map(({ seq, rows: count }) => [seq, count])));
  }
  return present;
}

function rowsOf(present: Present, table: string, seq: number): number {
  return present.get(table)?.get(seq) ?? 0;
}
