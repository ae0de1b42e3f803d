import { errorMessage } from '@spanloom/base';
import type { Database } from '../database.ts';
import { failpoint } from '../failpoint.ts';
import type { WalDirectory } from '../wal/wal-directory.ts';
import type { SegmentFile } from '../wal/segment-file.ts';
import type { Batch } from './batch.ts';
import { insertBatch, insertToken } from './insert-batch.ts';
import { retryInsert } from './retry-insert.ts';
import type { WriterMetrics } from './writer-metrics.ts';

/** A batch that takes no more rows. */
export interface SealedBatch extends Batch {
  readonly segment: SegmentFile;
  /** Settles when everything in the log is on disk. */
  readonly closed: Promise<void>;
  readonly memoryBytes: number;
}

export interface InsertQueueOptions {
  readonly directory: WalDirectory;
  readonly metrics: WriterMetrics;
  /** How often an insert is tried that the engine refuses for a reason of its rows. */
  readonly attempts: number;
  /** The tables have a batch, or it was put aside. */
  readonly settled: (seq: number) => void;
  /** A batch has just left, and none is behind it. */
  readonly idle: () => void;
  /** The log has one inserted segment more. */
  readonly released: () => Promise<void>;
  /** Why inserts do not succeed at the moment; undefined when they do again. */
  readonly problem: (message: string | undefined) => void;
  readonly report: (message: string) => void;
}

/**
 * Batches on their way to the database, inserted one after another in the order of their numbers. One that the engine refuses for
 * good is put aside, so that it never blocks the ones behind it.
 */
export class InsertQueue {
  readonly #options: InsertQueueOptions;
  readonly #batches: SealedBatch[] = [];
  readonly #stopping = new AbortController();
  #database: Database | undefined;
  #draining: Promise<void> | undefined;
  #bytes = 0;
  #rows = 0;
  #written = 0;

  constructor(options: InsertQueueOptions) {
    this.#options = options;
  }

  /** Batches that wait, the one being inserted included. */
  get length(): number {
    return this.#batches.length;
  }

  get rows(): number {
    return this.#rows;
  }

  get bytes(): number {
    return this.#bytes;
  }

  /** Spans inserted so far. */
  get written(): number {
    return this.#written;
  }

  push(batch: SealedBatch): void {
    this.#bytes += batch.memoryBytes;
    this.#rows += batch.contents.spans.length;
    this.#batches.push(batch);
    this.#drain();
  }

  /** Begins to insert. Before, batches only wait. */
  start(database: Database): void {
    this.#database = database;
    this.#drain();
  }

  /** Waits until what is there now is inserted. */
  async drained(): Promise<void> {
    this.#drain();
    await this.#draining;
  }

  /** Inserts what is there, but tries nothing again: what the database does not take now stays in the log. */
  async stop(): Promise<void> {
    this.#stopping.abort();
    await this.drained();
    await Promise.all(this.#batches.map((batch) => batch.closed));
  }

  /**
   * Runs a step of an insert until it succeeds or is refused for good.
   * @param what The table, or what comes before it: the label of counters.
   */
  retry<Result>(what: string, run: () => Promise<Result>): Promise<Result> {
    const { metrics, attempts, problem } = this.#options;
    const labels = { table: what };
    return retryInsert(
      async () => {
        const started = performance.now();
        const result = await run();
        metrics.insertSeconds.observe(labels, (performance.now() - started) / 1000);
        return result;
      },
      {
        attempts,
        signal: this.#stopping.signal,
        onRetry: (error) => {
          problem(error.message);
          metrics.retries.inc(labels);
        },
      },
    );
  }

  #drain(): void {
    if (this.#database === undefined) return;
    this.#draining ??= this.#insertAll(this.#database).finally(() => {
      this.#draining = undefined;
    });
  }

  async #insertAll(database: Database): Promise<void> {
    for (let batch = this.#batches[0]; batch !== undefined; batch = this.#batches[0]) {
      await batch.closed;
      try {
        await this.#insert(database, batch);
        await this.#release(batch);
      } catch (error) {
        if (this.#stopping.signal.aborted) return; // it stays in the log
        await this.#reject(batch, error);
      }
      this.#options.settled(batch.seq);
      this.#batches.shift();
      this.#bytes -= batch.memoryBytes;
      this.#rows -= batch.contents.spans.length;
      if (this.#batches.length === 0) this.#options.idle();
    }
  }

  async #insert(database: Database, batch: SealedBatch): Promise<void> {
    await insertBatch(database, batch, {
      stage: (run) => this.retry('stage', run),
      run: (step, run) => this.retry(step.name, run),
      insert: async (table, rows, run) => {
        await this.retry(table.name, () => run(insertToken(table, batch.seq)));
        this.#options.metrics.rowsWritten.inc({ table: table.name }, rows);
      },
    });
    this.#options.problem(undefined);
    this.#written += batch.contents.spans.length;
  }

  async #release({ segment, contents }: SealedBatch): Promise<void> {
    try {
      const inserted = { spans: contents.spans.length, facts: contents.facts };
      await this.#options.directory.markDone(segment, inserted);
      failpoint('after-mark');
    } catch (error) {
      // It stays as it is. The next start finds its rows in the tables and leaves them alone.
      this.#options.report(
        `An inserted segment of the log could not be renamed: ${errorMessage(error)}`,
      );
    }
    await this.#options.released();
  }

  async #reject({ seq, segment, contents }: SealedBatch, error: unknown): Promise<void> {
    this.#options.metrics.rejectedBatches.inc();
    const reason = errorMessage(error);
    const target = await this.#options.directory.reject(segment, reason).catch(errorMessage);
    this.#options.report(
      `Batch ${seq} with ${contents.spans.length} spans was put aside as ${target}: ${reason}`,
    );
  }
}
