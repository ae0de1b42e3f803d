import { type Clock, errorMessage, OverloadedError } from '@spanloom/base';
import type { DecodeOutcome, IntakeRecord } from '@spanloom/model';
import type { Registry } from 'prom-client';
import type { Database } from '../database.ts';
import { failpoint } from '../failpoint.ts';
import type { Retention } from '../schema/retention.ts';
import { spansKept, spansLive, traceKeys, xrayVersions } from '../schema/tables.ts';
import { encodeFrame } from '../wal/record-frame.ts';
import { type Commit, LogWriteError, type SegmentFile } from '../wal/segment-file.ts';
import { type LeftSegment, WalDirectory } from '../wal/wal-directory.ts';
import { BatchContents } from './batch-contents.ts';
import type { BatchObserver } from './batch-observer.ts';
import { InsertQueue } from './insert-queue.ts';
import type { RecordReaders } from './record-readers.ts';
import { replaySegments } from './replay.ts';
import { DEFAULT_LIMITS, type RefusalReason, Room, type WriterLimits } from './room.ts';
import {
  DEFAULT_SUPERSEDED_SWEEP,
  SupersededSweep,
  type SupersededSweepOptions,
} from './superseded-sweep.ts';
import { WriterMetrics } from './writer-metrics.ts';

export interface WriterOptions extends RecordReaders {
  /** The folder of the log. */
  readonly directory: string;
  readonly clock: Clock;
  readonly registry: Registry;
  readonly retention: Retention;
  readonly limits?: Partial<WriterLimits>;
  readonly rotation?: Partial<Rotation>;
  /** How long the log keeps what is inserted, and what is deleted stays noted, against power failures. */
  readonly keepInsertedMs?: number;
  /** How often an insert is tried that the engine refuses for a reason of its rows. */
  readonly insertAttempts?: number;
  /** When replaced versions of fetched traces are deleted. */
  readonly supersededSweep?: Partial<SupersededSweepOptions>;
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
  readonly contents: BatchContents;
  readonly segment: SegmentFile;
  timer: NodeJS.Timeout | undefined;
  /** Its time is over, but the database is busy with the batch before. */
  due: boolean;
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
  readonly #queue: InsertQueue;
  #left: readonly LeftSegment[];
  #open: OpenBatch | undefined;
  #superseded: SupersededSweep | undefined;
  #sweeper: NodeJS.Timeout | undefined;
  #received = 0;
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
      queuedRows: this.#queue.rows,
      pendingBytes: this.#pendingBytes(),
      walBytes: this.#directory.bytes,
    }));
    this.#queue = new InsertQueue({
      directory,
      metrics: this.#metrics,
      attempts: options.insertAttempts ?? DEFAULT_INSERT_ATTEMPTS,
      settled: (seq) => this.#tell((observer) => observer.settled(seq)),
      idle: () => {
        if (this.#open?.due === true) this.#seal();
      },
      released: async () => {
        if (this.#directory.bytes > this.#limits.walBytes / 2) await this.#sweep();
      },
      problem: (message) => {
        this.#problem = message;
      },
      report: this.#report,
    });
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
      written: this.#queue.written,
      batches: this.#queue.length,
      rows: this.#queue.rows + (this.#open?.contents.spans.length ?? 0),
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
    const { open, rows, outcome, isEmpty } = this.#take(record);
    // Nothing to keep: every chunk was dropped, or there was none.
    if (isEmpty) return outcome;
    const length = open.contents.spans.length;
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
    if (rows > 0) this.#tell((observer) => observer.durable(open.segment.seq, length));
    return outcome;
  }

  /**
   * Gives the writer its database: replays what earlier processes left, then inserts what was accepted meanwhile. Resolves
   * when the replay is done.
   */
  async attach(database: Database): Promise<void> {
    const left = this.#left;
    this.#left = [];
    const now = this.#options.clock.now();
    const { liveMinutes, keptDays } = this.#options.retention;
    const expired = new Map<string, number>([
      [spansLive.name, now - liveMinutes * 60_000],
      ...[spansKept, traceKeys, xrayVersions].map(
        ({ name }) => [name, now - keptDays * 86_400_000] as const,
      ),
    ]);
    await replaySegments(left, {
      database,
      directory: this.#directory,
      readers: this.#options,
      metrics: this.#metrics,
      expiredMs: (table) => expired.get(table) ?? Number.NEGATIVE_INFINITY,
      retry: (what, run) => this.#queue.retry(what, run),
      report: this.#report,
    });
    this.#attached = true;
    if (this.#open?.due === true) this.#seal();
    this.#superseded = new SupersededSweep(database, {
      ...DEFAULT_SUPERSEDED_SWEEP,
      ...this.#options.supersededSweep,
      clock: this.#options.clock,
      settleMs: this.#options.keepInsertedMs ?? DEFAULT_KEEP_INSERTED_MS,
      swept: (versions) => this.#metrics.versionsSwept.inc(versions),
      report: this.#report,
    });
    this.#sweeper = setInterval(() => {
      void this.#sweep();
      void this.#superseded?.sweepIfDue(this.#directory.oldestInserted);
    }, SWEEP_MS).unref();
    this.#queue.start(database);
    await this.#sweep();
  }

  /** Closes the open batch and waits until everything accepted so far is inserted. Needs a database. */
  async flush(): Promise<void> {
    this.#seal();
    if (!this.#attached) throw new Error('Cannot flush: no database is attached yet');
    await this.#queue.drained();
  }

  /**
   * Deletes the rows of fetched traces that a later version replaced, but for what is still in the log. Happens by itself too,
   * see `supersededSweep`. Needs a database.
   * @returns How many versions.
   */
  async sweepSuperseded(): Promise<number> {
    if (this.#superseded === undefined) {
      throw new Error('Cannot delete replaced versions: no database is attached yet');
    }
    return this.#superseded.sweep(this.#directory.oldestInserted);
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
    await this.#queue.stop();
    await this.#superseded?.stop();
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
    const openBytes = open === undefined ? 0 : open.contents.byteSize + open.segment.waitingBytes;
    return this.#queue.bytes + openBytes;
  }

  /** Decodes a record into the open batch, or into the next one where it cannot share a batch with what is there. */
  #take(record: IntakeRecord): {
    open: OpenBatch;
    outcome: DecodeOutcome;
    rows: number;
    isEmpty: boolean;
  } {
    for (let repeats: 'refuse' | 'take' = 'refuse'; ; repeats = 'take') {
      const open = this.#openBatch();
      const { contents } = open;
      const before = { spans: contents.spans.length, stats: contents.stats.length };
      const outcome = contents.add(record, this.#options, repeats);
      if (outcome === undefined) {
        this.#seal();
        continue;
      }
      const rows = contents.spans.length - before.spans;
      const isEmpty =
        rows === 0 && contents.stats.length === before.stats && outcome.replaces === undefined;
      return { open, outcome, rows, isEmpty };
    }
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
      const contents = new BatchContents();
      this.#open = { contents, segment, timer: undefined, due: false };
      const { spans } = contents;
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
    const { spans } = open.contents;
    if (spans.length >= rows || spans.byteSize >= bytes) this.#seal();
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
    const { contents, segment } = open;
    if (contents.isEmpty && !this.#closed) return;
    clearTimeout(open.timer);
    this.#open = undefined;
    failpoint('after-seal');
    this.#queue.push({
      seq: segment.seq,
      contents,
      segment,
      closed: segment.close().then(() => this.#tell((observer) => observer.closed(segment.seq))),
      memoryBytes: contents.byteSize,
    });
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
