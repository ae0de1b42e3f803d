import { errorMessage } from '@spanloom/base';
import { SpanBatch } from '@spanloom/model';
import type { Database } from '../database.ts';
import { failpoint } from '../failpoint.ts';
import type { ClientStatsRow } from '../native/stats-block.ts';
import { batchRows } from '../queries/batch-rows.ts';
import { readSegment } from '../wal/read-segment.ts';
import type { LeftSegment, WalDirectory } from '../wal/wal-directory.ts';
import type { Batch } from './batch.ts';
import { insertBatch, insertToken, SPAN_TARGETS } from './insert-batch.ts';
import { isStatsRecord, type RecordReaders } from './record-readers.ts';
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
  if (left.length === 0) return;
  const present = await countRows(options.database, left[0]!.seq, left.at(-1)!.seq);
  for (const segment of left) {
    const { seq, insertedRows: rows, writtenMs } = segment;
    const complete =
      rows !== undefined &&
      SPAN_TARGETS.every(
        ({ name }) => rowsOf(present, name, seq) >= rows || writtenMs < options.expiredMs(name),
      );
    if (complete) await options.directory.markDone(segment, rows);
    else await replaySegment(segment, present, options);
  }
}

type Present = ReadonlyMap<string, ReadonlyMap<number, number>>;

async function replaySegment(
  segment: LeftSegment,
  present: Present,
  options: ReplayOptions,
): Promise<void> {
  const { database, directory, metrics, report } = options;
  const batch = await decodeSegment(segment, options);
  const expected = batch.spans.length;
  try {
    await insertBatch(database, batch, {
      stage: (run) => options.retry('stage', run),
      insert: async (table, insert) => {
        const spans = SPAN_TARGETS.includes(table);
        if (spans && segment.writtenMs < options.expiredMs(table.name)) return;
        if (spans && rowsOf(present, table.name, batch.seq) >= expected) return;
        const token = insertToken(table, batch.seq);
        await options.retry(table.name, () => insert(token));
        if (!spans) return;
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
  await directory.markDone(segment, expected);
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
  const spans = new SpanBatch();
  const stats: ClientStatsRow[] = [];
  let problem = contents.corruptFrames > 0 ? 'damaged frames' : undefined;
  for (const record of contents.records) {
    const mark = spans.mark();
    try {
      if (isStatsRecord(record)) stats.push(...readers.statsRows(record));
      else readers.decode(record, spans);
    } catch (error) {
      // It could be decoded when it was accepted, so this version reads less than the one before. The others must not suffer.
      spans.rollback(mark);
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
  return { seq: segment.seq, spans, stats, segment };
}

async function countRows(database: Database, first: number, last: number): Promise<Present> {
  const present = new Map<string, Map<number, number>>();
  for (const table of SPAN_TARGETS) {
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
