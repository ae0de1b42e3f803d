import { type Clock, errorMessage, OverloadedError } from '@spanloom/base';
import { type DecodeOutcome, type IntakeRecord, newOutcome, SpanBatch } from '@spanloom/model';
import type { Registry } from 'prom-client';
import type { Database } from '../database.ts';
import { failpoint } from '../failpoint.ts';
import type { ClientStatsRow } from '../native/stats-block.ts';
import type { Retention } from '../schema/migrate.ts';
import { clientStats } from '../schema/client-stats-table.ts';
import { spansKept, spansLive } from '../schema/span-tables.ts';
import { encodeFrame } from '../wal/record-frame.ts';
import { type Commit, LogWriteError, type SegmentFile } from '../wal/segment-file.ts';
import { type LeftSegment, WalDirectory } from '../wal/wal-directory.ts';
import { type Batch, statsBytes } from './batch.ts';
import type { BatchObserver } from './batch-observer.ts';
import { insertBatch, insertToken } from './insert-batch.ts';
import { isStatsRecord, type RecordReaders } from './record-readers.ts';
import { replaySegments } from './replay.ts';
import { retryInsert } from './retry-insert.ts';
import { DEFAULT_LIMITS, type RefusalReason, Room, type WriterLimits } from './room.ts';
import { WriterMetrics } from './writer-metrics.ts';

export interface WriterOptions extends RecordReaders {
  /** The folder of the log. */
  readonly directory: string;
  readonly clock: Clock;
  readonly registry: Registry;
  readonly retention: Retention;
  readonly limits?: Partial<WriterLimits>;
  readonly rotation?: Partial<Rotation>;
  /** How long the log keeps what is inserted, against power failures. */
  readonly keepInsertedMs?: number;
  /** How often an insert is tried that the engine refuses for a reason of its rows. */
  readonly insertAttempts?: number;
  /** Told of spans as they become durable. */
  readonly observer?: BatchObserver;
  /** What an operator should read: damage found, batches put aside. */
  readonly report?: (message: string) => void;
}

/** When a batch is closed: whichever comes first. */
export interface Rotation {
  readonly afterMs: number;
  readonly rows: number;
  readonly bytes: number;
}

const DEFAULT_ROTATION: Rotation = { afterMs: 200, rows: 10_000, bytes: 8 * 2 ** 20 };
/** Longer than the kernel leaves written pages unwritten (30 s by default), with room to spare. */
const DEFAULT_KEEP_INSERTED_MS = 120_000;
const DEFAULT_INSERT_ATTEMPTS = 5;
const SWEEP_MS = 10_000;

/** Where the writer stands. */
export interface WriterStatus {
  /** Replay is over and inserts run. */
  readonly attached: boolean;
  /** Spans acknowledged since the start. */
  readonly received: number;
  /** Spans inserted since the start, those of earlier processes included. */
  readonly written: number;
  readonly batches: number;
  readonly rows: number;
  readonly bytes: number;
  readonly maxBytes: number;
  readonly walBytes: number;
  /** Why inserts do not succeed at the moment. */
  readonly problem: string | undefined;
}

interface OpenBatch {
  readonly spans: SpanBatch;
  readonly stats: ClientStatsRow[];
  readonly segment: SegmentFile;
  timer: NodeJS.Timeout | undefined;
  /** Its time is over, but the database is busy with the batch before. */
  due: boolean;
}

interface SealedBatch extends Batch {
  readonly segment: SegmentFile;
  /** Settles when everything in the log is on disk. */
  readonly closed: Promise<void>;
  readonly memoryBytes: number;
}

/**
 * Takes payloads and promises that none is lost: decode, log, force to disk, acknowledge, insert.
 *
 * Decoding is synchronous and goes straight into the columns of the open batch; the payload goes to the batch's segment of the
 * log. A few times a second the batch is closed and queued, and batches are inserted one after another. Accepting starts
 * before the database is open. `attach` replays what earlier processes left and then drains the queue.
 *
 * When the queue, the log or the disk is full, payloads are refused with `OverloadedError` until there is room again.
 */
export class Writer implements AsyncDisposable {
  readonly #options: WriterOptions;
  readonly #rotation: Rotation;
  readonly #limits: WriterLimits;
  readonly #directory: WalDirectory;
  readonly #room: Room;
  readonly #metrics: WriterMetrics;
  readonly #queue: SealedBatch[] = [];
  readonly #stopping = new AbortController();
  #left: readonly LeftSegment[];
  #open: OpenBatch | undefined;
  #database: Database | undefined;
  #draining: Promise<void> | undefined;
  #sweeper: NodeJS.Timeout | undefined;
  #queuedBytes = 0;
  #queuedRows = 0;
  #received = 0;
  #written = 0;
  #attached = false;
  #closed = false;
  #problem: string | undefined;

  private constructor(
    options: WriterOptions,
    directory: WalDirectory,
    left: readonly LeftSegment[],
  ) {
    this.#options = options;
    this.#rotation = { ...DEFAULT_ROTATION, ...options.rotation };
    this.#limits = { ...DEFAULT_LIMITS, ...options.limits };
    this.#directory = directory;
    this.#left = left;
    this.#room = new Room(options.directory, this.#limits, options.clock);
    this.#metrics = new WriterMetrics(options.registry, () => ({
      queuedBatches: this.#queue.length,
      queuedRows: this.#queuedRows,
      pendingBytes: this.#pendingBytes(),
      walBytes: this.#directory.bytes,
    }));
  }

  /** Opens the log. From then on payloads can be accepted; nothing is inserted before `attach`. */
  static async open(options: WriterOptions): Promise<Writer> {
    const { directory, left } = await WalDirectory.open(options.directory, {
      clock: options.clock,
      keepMs: options.keepInsertedMs ?? DEFAULT_KEEP_INSERTED_MS,
    });
    const writer = new Writer(options, directory, left);
    await writer.#room.checkDisk();
    return writer;
  }

  get status(): WriterStatus {
    return {
      attached: this.#attached,
      received: this.#received,
      written: this.#written,
      batches: this.#queue.length,
      rows: this.#queuedRows + (this.#open?.spans.length ?? 0),
      bytes: this.#pendingBytes(),
      maxBytes: this.#limits.pendingBytes,
      walBytes: this.#directory.bytes,
      problem: this.#problem,
    };
  }

  /**
   * Decodes a payload and makes it durable. Its body must not change until the promise settles.
   *
   * @throws {DecodeError} If the payload does not follow its format. Nothing of it is taken.
   * @throws {OverloadedError} If a limit is reached or the log cannot be written. Nothing of it was promised.
   */
  async accept(record: IntakeRecord): Promise<DecodeOutcome> {
    if (this.#closed)
      throw this.#refuse('closed', new OverloadedError('The server is shutting down'));
    const refusal = this.#room.refusal(record.body.length, {
      pendingBytes: this.#pendingBytes(),
      walBytes: this.#directory.bytes,
    });
    if (refusal !== undefined) throw this.#refuse(refusal.reason, refusal.error);
    const open = this.#openBatch();
    const mark = open.spans.mark();
    let outcome: DecodeOutcome;
    if (isStatsRecord(record)) {
      open.stats.push(...this.#options.statsRows(record));
      outcome = newOutcome();
    } else {
      try {
        outcome = this.#options.decode(record, open.spans);
      } catch (error) {
        // A decoder takes its rows back itself when the payload is wrong. When the decoder is, the batch must not suffer.
        open.spans.rollback(mark);
        throw error;
      }
      // Nothing to keep: every chunk was dropped, or there was none.
      if (open.spans.length === mark.length) return outcome;
    }
    const rows = open.spans.length;
    const frame = encodeFrame(record);
    const durable = open.segment.append(frame);
    this.#directory.bytes += frame.bytes;
    failpoint('after-append');
    this.#scheduleRotation(open);
    try {
      await durable;
    } catch (error) {
      if (!(error instanceof LogWriteError)) throw error;
      this.#problem = error.message;
      // The rows are in the batch all the same. A sender that tries again makes duplicates, which reading folds; taking single
      // payloads out of the middle of a batch would cost every payload.
      if (this.#open === open) this.#seal();
      throw this.#refuse('log-failed', new OverloadedError(error.message, 5, { cause: error }));
    }
    this.#received += outcome.spans;
    if (rows > mark.length) this.#tell((observer) => observer.durable(open.segment.seq, rows));
    return outcome;
  }

  /**
   * Gives the writer its database: replays what earlier processes left, then inserts what was accepted meanwhile. Resolves
   * when the replay is done.
   */
  async attach(database: Database): Promise<void> {
    this.#database = database;
    const left = this.#left;
    this.#left = [];
    const now = this.#options.clock.now();
    const { liveMinutes, keptDays } = this.#options.retention;
    const expired = new Map<string, number>([
      [spansLive.name, now - liveMinutes * 60_000],
      [spansKept.name, now - keptDays * 86_400_000],
    ]);
    await replaySegments(left, {
      database,
      directory: this.#directory,
      readers: this.#options,
      metrics: this.#metrics,
      expiredMs: (table) => expired.get(table) ?? Number.NEGATIVE_INFINITY,
      retry: (what, run) => this.#retry(what, run),
      report: this.#report,
    });
    this.#attached = true;
    if (this.#open?.due === true) this.#seal();
    this.#sweeper = setInterval(() => void this.#sweep(), SWEEP_MS).unref();
    this.#drain();
    await this.#sweep();
  }

  /** Closes the open batch and waits until everything accepted so far is inserted. Needs a database. */
  async flush(): Promise<void> {
    this.#seal();
    if (!this.#attached) throw new Error('Cannot flush: no database is attached yet');
    this.#drain();
    await this.#draining;
  }

  /**
   * Refuses new payloads, makes the accepted ones durable and inserts them. What the database does not take now stays in the
   * log for the next start.
   */
  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#closed) return;
    this.#closed = true;
    clearInterval(this.#sweeper);
    this.#seal();
    // From here on a failing insert is not tried again.
    this.#stopping.abort();
    if (this.#attached) {
      this.#drain();
      await this.#draining;
    }
    await Promise.all(this.#queue.map((batch) => batch.closed));
  }

  /** Whatever goes wrong with somebody who only watches must not stop a payload. */
  #tell(what: (observer: BatchObserver) => void): void {
    const { observer } = this.#options;
    if (observer === undefined) return;
    try {
      what(observer);
    } catch (error) {
      this.#report(`Live spans could not follow a batch: ${errorMessage(error)}`);
    }
  }

  readonly #report = (message: string): void => this.#options.report?.(message);

  #refuse(reason: RefusalReason, error: OverloadedError): OverloadedError {
    this.#metrics.refusals.inc({ reason });
    return error;
  }

  #pendingBytes(): number {
    const open = this.#open;
    const openBytes =
      open === undefined
        ? 0
        : open.spans.byteSize + statsBytes(open.stats) + open.segment.waitingBytes;
    return this.#queuedBytes + openBytes;
  }

  #openBatch(): OpenBatch {
    if (this.#open?.segment.failure !== undefined) this.#seal();
    if (this.#open === undefined) {
      let segment: SegmentFile;
      try {
        segment = this.#directory.create(this.#onCommit);
      } catch (error) {
        if (!(error instanceof LogWriteError)) throw error;
        this.#problem = error.message;
        throw this.#refuse('log-failed', new OverloadedError(error.message, 5, { cause: error }));
      }
      this.#directory.bytes += segment.bytes;
      this.#open = { spans: new SpanBatch(), stats: [], segment, timer: undefined, due: false };
      const { spans } = this.#open;
      this.#tell((observer) => observer.opened(segment.seq, spans));
    }
    return this.#open;
  }

  readonly #onCommit = ({ frames, bytes, seconds }: Commit): void => {
    this.#metrics.walFrames.inc(frames);
    this.#metrics.walBytes.inc(bytes);
    this.#metrics.commitSeconds.observe(seconds);
  };

  #scheduleRotation(open: OpenBatch): void {
    const { afterMs, rows, bytes } = this.#rotation;
    if (open.spans.length >= rows || open.spans.byteSize >= bytes) this.#seal();
    else open.timer ??= setTimeout(() => this.#endTurn(open), afterMs);
  }

  /**
   * Closes a batch whose time is over, unless it would only wait behind another: then it goes on growing until the database is
   * free. Under load this makes fewer and larger inserts, which cost less, and delays nothing.
   */
  #endTurn(open: OpenBatch): void {
    if (this.#queue.length > 0 || !this.#attached) open.due = true;
    else this.#seal();
  }

  /** Closes the open batch, if it has rows, and queues it. */
  #seal(): void {
    const open = this.#open;
    if (open === undefined) return;
    if (open.spans.length === 0 && open.stats.length === 0 && !this.#closed) return;
    clearTimeout(open.timer);
    this.#open = undefined;
    const { spans, stats, segment } = open;
    const memoryBytes = spans.byteSize + statsBytes(stats);
    this.#queuedBytes += memoryBytes;
    this.#queuedRows += spans.length;
    this.#queue.push({
      seq: segment.seq,
      spans,
      stats,
      segment,
      closed: segment.close().then(() => this.#tell((observer) => observer.closed(segment.seq))),
      memoryBytes,
    });
    failpoint('after-seal');
    if (this.#attached) this.#drain();
  }

  #drain(): void {
    this.#draining ??= this.#insertQueued().finally(() => {
      this.#draining = undefined;
    });
  }

  async #insertQueued(): Promise<void> {
    for (let batch = this.#queue[0]; batch !== undefined; batch = this.#queue[0]) {
      await batch.closed;
      try {
        await this.#insert(batch);
        await this.#release(batch);
      } catch (error) {
        if (this.#stopping.signal.aborted) return; // it stays in the log
        await this.#reject(batch, error);
      }
      const { seq } = batch;
      this.#tell((observer) => observer.settled(seq));
      this.#queue.shift();
      this.#queuedBytes -= batch.memoryBytes;
      this.#queuedRows -= batch.spans.length;
      if (this.#queue.length === 0 && this.#open?.due === true) this.#seal();
    }
  }

  async #insert(batch: SealedBatch): Promise<void> {
    await insertBatch(this.#database!, batch, {
      stage: (run) => this.#retry('stage', run),
      insert: async (table, run) => {
        await this.#retry(table.name, () => run(insertToken(table, batch.seq)));
        const rows = table === clientStats ? batch.stats.length : batch.spans.length;
        this.#metrics.rowsWritten.inc({ table: table.name }, rows);
      },
    });
    this.#problem = undefined;
    this.#written += batch.spans.length;
  }

  async #release(batch: SealedBatch): Promise<void> {
    try {
      await this.#directory.markDone(batch.segment, batch.spans.length);
      failpoint('after-mark');
    } catch (error) {
      // It stays as it is. The next start finds its rows in the tables and leaves them alone.
      this.#report(`An inserted segment of the log could not be renamed: ${errorMessage(error)}`);
    }
    if (this.#directory.bytes > this.#limits.walBytes / 2) await this.#sweep();
  }

  /** @param what The table, or what comes before it: the label of counters. */
  #retry<Result>(what: string, run: () => Promise<Result>): Promise<Result> {
    const labels = { table: what };
    return retryInsert(
      async () => {
        const started = performance.now();
        const result = await run();
        this.#metrics.insertSeconds.observe(labels, (performance.now() - started) / 1000);
        return result;
      },
      {
        attempts: this.#options.insertAttempts ?? DEFAULT_INSERT_ATTEMPTS,
        signal: this.#stopping.signal,
        onRetry: (error) => {
          this.#problem = error.message;
          this.#metrics.retries.inc(labels);
        },
      },
    );
  }

  /** Puts a batch aside that the engine refuses, so that it never blocks the ones behind it. */
  async #reject(batch: SealedBatch, error: unknown): Promise<void> {
    this.#metrics.rejectedBatches.inc();
    const reason = errorMessage(error);
    const target = await this.#directory.reject(batch.segment, reason).catch(errorMessage);
    this.#report(
      `Batch ${batch.seq} with ${batch.spans.length} spans was put aside as ${target}: ${reason}`,
    );
  }

  async #sweep(): Promise<void> {
    try {
      // Half of what is allowed may be held against power failures; the rest is for what is not inserted yet.
      const early = await this.#directory.sweep(this.#limits.walBytes / 2);
      if (early > 0) this.#metrics.earlyDeletes.inc(early);
    } catch (error) {
      this.#report(`An inserted segment of the log could not be deleted: ${errorMessage(error)}`);
    }
  }
}
