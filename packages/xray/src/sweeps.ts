import type { XRayBackfillFacts } from '@spanloom/metadata';
import { RETENTION_MS } from './crawl-limits.ts';
import { type Lister, type Slice, SliceRefusedError } from './lister.ts';
import { CallFailedError } from './operation.ts';
import type { RegionContext } from './region-context.ts';
import { SliceSize } from './slice-size.ts';
import { TokenBucket } from './token-bucket.ts';

/** The sweeps that run by themselves. */
export type SweepName = 'hot' | 'late' | 'deep';

interface Progress {
  checkpoint: number | undefined;
  lastRun: number | undefined;
  running: boolean;
}

const HOUR = 3_600_000;
/** How long the store may be behind before listing looks again. */
const CROWDED_MS = 1000;
/** How far a checkpoint that was ahead of time is taken back at most: what is older, the late sweep or a backfill finds. */
const MOST_BACK_MS = HOUR;
/** A budget that was used up begins a month later where the month begins, not where the last one ended. */
const AFTER_BUDGET_MS = HOUR;

/** Goes through a region's traces: what is new, what has grown, what was missed, what is asked for. */
export class Sweeps {
  readonly #context: RegionContext;
  readonly #lister: Lister;
  readonly #backfillPace: TokenBucket;
  readonly #sizes = { hot: new SliceSize(), late: new SliceSize(), deep: new SliceSize() };
  readonly #progress: Record<SweepName, Progress> = {
    hot: { checkpoint: undefined, lastRun: undefined, running: false },
    late: { checkpoint: undefined, lastRun: undefined, running: false },
    deep: { checkpoint: undefined, lastRun: undefined, running: false },
  };

  constructor(context: RegionContext, lister: Lister) {
    this.#context = context;
    this.#lister = lister;
    const { limits, pacer } = context;
    this.#backfillPace = new TokenBucket(
      limits.rates.GetTraceSummaries * limits.backfillShare,
      pacer,
    );
  }

  /** Reads where the last run stopped. */
  async load(): Promise<void> {
    const { id, metadata, pacer } = this.#context;
    for (const { sweep, until, lastRun } of await metadata.xray.checkpoints(id)) {
      if (sweep !== 'hot' && sweep !== 'late' && sweep !== 'deep') continue;
      this.#progress[sweep].checkpoint = until;
      this.#progress[sweep].lastRun = lastRun;
    }
    for (const sweep of ['late', 'deep'] as const) {
      const progress = this.#progress[sweep];
      if (progress.lastRun !== undefined) continue;
      // Written down, or a process that is restarted again and again would never come to its first such sweep.
      progress.lastRun = pacer.now();
      await metadata.xray.saveCheckpoint(id, {
        sweep,
        until: undefined,
        lastRun: progress.lastRun,
      });
    }
  }

  progress(name: SweepName): Readonly<Progress> {
    return this.#progress[name];
  }

  /** Everything before has been listed. */
  get checkpoint(): number | undefined {
    return this.#progress.hot.checkpoint;
  }

  /** Makes the hot sweep begin no later than `ms`: what it has seen since may have been a part. */
  async rewind(ms: number): Promise<void> {
    const { hot } = this.#progress;
    if (hot.checkpoint === undefined || hot.checkpoint <= ms) return;
    hot.checkpoint = ms;
    await this.#saveHot();
  }

  /** Gives up on what is older, which an exhausted budget kept from being read. @returns What is left out. */
  async skipToNow(): Promise<{ readonly from: number; readonly to: number } | undefined> {
    const { hot } = this.#progress;
    const to = this.#context.awsNow() - AFTER_BUDGET_MS;
    if (hot.checkpoint === undefined || hot.checkpoint >= to) return undefined;
    const from = hot.checkpoint;
    hot.checkpoint = to;
    await this.#saveHot();
    return { from, to };
  }

  async #saveHot(): Promise<void> {
    const { id, metadata } = this.#context;
    const { checkpoint: until, lastRun } = this.#progress.hot;
    await metadata.xray.saveCheckpoint(id, { sweep: 'hot', until, lastRun });
  }

  /**
   * Lists what is new or has grown since the last time, oldest first, so that the checkpoint can follow slice by slice.
   * @param until Tells of each slice.
   */
  async hot(signal: AbortSignal, until?: (checkpoint: number) => void): Promise<void> {
    const { limits, pacer, awsNow, record } = this.#context;
    const progress = this.#progress.hot;
    await this.#while(progress, async () => {
      const end = awsNow() - limits.settleMs;
      let checkpoint = progress.checkpoint ?? end - limits.firstLookbackMs;
      if (checkpoint > end) {
        // It was written by a clock ahead of AWS's, when AWS had nothing yet of as much before it.
        checkpoint = Math.max(end - (checkpoint - end), end - MOST_BACK_MS);
      }
      const oldest = end - RETENTION_MS;
      if (checkpoint < oldest) {
        record.warn(
          'gap',
          `Nothing was read from ${iso(checkpoint)} to ${iso(oldest)}, and X-Ray keeps traces for 30 days`,
        );
        checkpoint = oldest;
      }
      let from = checkpoint - limits.overlapMs;
      while (from < end) {
        await this.#room(signal);
        const to = Math.min(from + this.#sizes.hot.ms, end);
        const reached = Math.max(to, checkpoint);
        const read = await this.#slice(
          'hot',
          { sweep: 'hot', from, to, by: 'event', finishedOnly: false },
          { until: reached },
          signal,
        );
        if (!read) continue;
        progress.checkpoint = reached;
        checkpoint = reached;
        from = to;
        until?.(reached);
      }
      progress.lastRun = pacer.now();
      await this.#saveHot();
    });
  }

  /** Lists what was active some minutes ago once more, for growth that came in late. */
  async late(signal: AbortSignal): Promise<void> {
    const { limits, awsNow } = this.#context;
    const now = awsNow();
    await this.#window(
      'late',
      {
        from: now - limits.lateFromMs,
        to: now - limits.lateToMs,
        by: 'event',
        finishedOnly: false,
      },
      signal,
    );
  }

  /** Lists what ended in the last hours. */
  async deep(signal: AbortSignal): Promise<void> {
    const { limits, awsNow } = this.#context;
    const to = awsNow() - limits.settleMs;
    await this.#window(
      'deep',
      { from: to - limits.deepPeriodMs, to, by: 'service', finishedOnly: true },
      signal,
    );
  }

  /**
   * Lists the rest of a backfill, newest first.
   * @param ended Whether somebody has cancelled it.
   */
  async backfill(
    backfill: XRayBackfillFacts,
    ended: () => Promise<boolean>,
    signal: AbortSignal,
  ): Promise<void> {
    const { limits } = this.#context;
    let sizeMs = limits.backfillSliceMs;
    let to = backfill.listedDownTo;
    while (to > backfill.from) {
      if (await ended()) return;
      await this.#roomForBackfill(signal);
      const from = Math.max(backfill.from, to - sizeMs);
      try {
        await this.#lister.read(
          {
            sweep: 'backfill',
            from,
            to,
            by: 'id',
            finishedOnly: false,
            source: this.#sources()[0]!,
            pace: this.#backfillPace,
          },
          ({ fresh }) => ({ backfill: { id: backfill.id, listedDownTo: from, traces: fresh } }),
          signal,
        );
        to = from;
      } catch (error) {
        if (!(error instanceof SliceRefusedError) || sizeMs <= 5000) throw error;
        sizeMs = Math.max(5000, sizeMs / 2);
      }
    }
  }

  async #window(
    name: 'late' | 'deep',
    window: Pick<Slice, 'from' | 'to' | 'by' | 'finishedOnly'>,
    signal: AbortSignal,
  ): Promise<void> {
    const { metadata, id } = this.#context;
    const progress = this.#progress[name];
    const started = this.#context.pacer.now();
    await this.#while(progress, async () => {
      let { from } = window;
      while (from < window.to) {
        await this.#room(signal);
        const to = Math.min(from + this.#sizes[name].ms, window.to);
        if (await this.#slice(name, { ...window, sweep: name, from, to }, undefined, signal)) {
          from = to;
        }
      }
      progress.checkpoint = window.to;
      progress.lastRun = started;
      await metadata.xray.saveCheckpoint(id, { sweep: name, until: window.to, lastRun: started });
    });
  }

  /** @returns False when a smaller slice should be tried. */
  async #slice(
    name: SweepName,
    slice: Omit<Slice, 'source'>,
    checkpoint: { readonly until: number } | undefined,
    signal: AbortSignal,
  ): Promise<boolean> {
    const size = this.#sizes[name];
    const sources = this.#sources();
    const { lastRun } = this.#progress[name];
    try {
      for (const [index, source] of sources.entries()) {
        const last = index === sources.length - 1;
        const read = (from: Slice['source']): ReturnType<Lister['read']> =>
          this.#lister.read(
            { ...slice, source: from },
            () =>
              last && checkpoint !== undefined
                ? { checkpoint: { sweep: name, until: checkpoint.until, lastRun } }
                : {},
            signal,
          );
        size.read(await (source === 'records' ? this.#readRecords(read) : read(source)));
      }
      const { operations, record } = this.#context;
      if (operations.GetTraceSummaries.failure === undefined) {
        record.problem('GetTraceSummaries', undefined);
      }
      return true;
    } catch (error) {
      if (!(error instanceof SliceRefusedError)) throw error;
      if (size.shrink()) return false;
      throw error;
    }
  }

  /** Reads the log group, or where it does not exist, as it does not before its first span, what X-Ray itself lists. */
  async #readRecords(
    read: (from: Slice['source']) => ReturnType<Lister['read']>,
  ): ReturnType<Lister['read']> {
    const { record } = this.#context;
    try {
      const result = await read('records');
      record.warn('no-records', undefined);
      return result;
    } catch (error) {
      const refused = error instanceof CallFailedError && error.failure.kind === 'invalid_request';
      if (!refused) throw error;
      record.warn(
        'no-records',
        `Transaction Search is on and its log group aws/spans cannot be listed: ${error.failure.message}; what X-Ray indexes is read`,
      );
      return read('summaries');
    }
  }

  /**
   * Where traces are listed from. In an account that is changing over they are in both places. Where the log group may not be read,
   * X-Ray still lists the few that it indexes.
   */
  #sources(): readonly Slice['source'][] {
    const { mode, changingMode, operations, record, pacer } = this.#context;
    if (mode() !== 'transaction-search') return ['summaries'];
    const { failure } = operations.FilterLogEvents;
    // What passes by itself is waited for: X-Ray's own listing would skip over nearly everything meanwhile.
    const denied = failure?.kind === 'denied' || failure?.kind === 'kms' ? failure : undefined;
    record.warn(
      'records-denied',
      denied === undefined
        ? undefined
        : `Transaction Search is on and its log group aws/spans cannot be read (${denied.name}), so only the traces X-Ray ` +
            'indexes are seen, 1 % by default; allow logs:FilterLogEvents on log-group:aws/spans',
    );
    if (denied !== undefined && pacer.now() < operations.FilterLogEvents.restsUntil) {
      return ['summaries'];
    }
    return changingMode() ? ['summaries', 'records'] : ['records'];
  }

  /** Waits while more traces than allowed have not been fetched once. */
  async #room(signal: AbortSignal): Promise<void> {
    const { limits, record, pacer } = this.#context;
    while ((record.states.get('new') ?? 0) >= limits.maxWaiting) {
      await pacer.sleep(CROWDED_MS, signal);
    }
    signal.throwIfAborted();
  }

  /** The same for traces of backfills, which may be fewer. */
  async #roomForBackfill(signal: AbortSignal): Promise<void> {
    const { id, metadata, limits, pacer } = this.#context;
    const limit = limits.maxWaitingBackfill;
    while ((await metadata.xray.waiting(id, 'backfill', limit)) >= limit) {
      await pacer.sleep(CROWDED_MS, signal);
    }
    signal.throwIfAborted();
  }

  async #while(progress: Progress, run: () => Promise<void>): Promise<void> {
    progress.running = true;
    try {
      await run();
    } catch (error) {
      const refusal = error instanceof SliceRefusedError ? error.refusal : error;
      // The call works and this request does not, now or later: a filter that cannot be parsed, most likely.
      if (refusal instanceof CallFailedError && refusal.failure.kind === 'invalid_request') {
        this.#context.record.problem('GetTraceSummaries', refusal.failure);
      }
      throw error;
    } finally {
      progress.running = false;
    }
  }
}

/** Whether a sweep stopped for a reason that has been noted and may pass. */
export function isExpectedStop(error: unknown): boolean {
  return error instanceof CallFailedError || error instanceof SliceRefusedError;
}

function iso(ms: number): string {
  return new Date(ms).toISOString();
}
