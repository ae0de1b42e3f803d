import { errorMessage } from '@spanloom/base';
import type { XRayTrace } from '@spanloom/metadata';
import { MAX_BATCH, MAX_RETRIEVAL } from './crawl-limits.ts';
import { FailedFetches } from './failed-fetches.ts';
import { type FetchPath, fetchPath, retrievalDenial } from './fetch-path.ts';
import { addPart, countRetrieved, fetchTraces, isCallFailure } from './fetch-traces.ts';
import { joinSources } from './join-sources.ts';
import { awaitPart, lackWaitMs } from './lacking-part.ts';
import type { RegionContext } from './region-context.ts';
import { RetrievalFailedError, retrieveTraces } from './retrieve-traces.ts';
import { TokenBucket } from './token-bucket.ts';
import { decideAbsence, decideFetch } from './trace-schedule.ts';
import { type HandledTrace, TraceWriter } from './trace-writer.ts';
import type { FetchedTrace } from './xray-calls.ts';

/** Longest sleep: a listing wakes the fetcher, so this is only for what nobody announces. */
const IDLE_MS = 30_000;
/** How long what the store did not take waits. */
const RETRY_MS = 60_000;

/** Fetches traces when they are due and hands them on. A trace is in at most one batch at a time. */
export class Fetcher {
  readonly #context: RegionContext;
  readonly #writer: TraceWriter;
  readonly #backfillPace: TokenBucket;
  readonly #failures: FailedFetches;
  readonly #inFlight = new Set<string>();
  readonly #batches = new Set<Promise<void>>();
  #wake = Promise.withResolvers<void>();
  /** Set when not even a failure could be noted. */
  #restsUntil = Number.NEGATIVE_INFINITY;

  constructor(context: RegionContext) {
    this.#context = context;
    this.#writer = new TraceWriter(context);
    this.#failures = new FailedFetches(context);
    const { limits, pacer } = context;
    this.#backfillPace = new TokenBucket(limits.rates.BatchGetTraces * limits.backfillShare, pacer);
  }

  get waitsForRoom(): boolean {
    return this.#writer.waitsForRoom;
  }

  /** There may be something to fetch sooner than thought. */
  wake(): void {
    this.#wake.resolve();
    this.#wake = Promise.withResolvers();
  }

  /**
   * Fetches what is due until `signal` aborts.
   * @throws The signal's reason, when all that was under way has ended.
   */
  async run(signal: AbortSignal): Promise<void> {
    try {
      for (;;) {
        signal.throwIfAborted();
        const restMs = this.#restMs();
        if (restMs > 0) {
          await this.#pause(Math.min(restMs, IDLE_MS), signal);
          continue;
        }
        if (await this.#startBatches(signal, this.#context.pacer.now())) continue;
        await this.#pause(await this.#idleMs(), signal);
      }
    } finally {
      await Promise.allSettled(this.#batches);
    }
  }

  /**
   * Fetches what is due by `before`, until nothing is or nothing can be.
   * @returns False when something is left that cannot be fetched now.
   * @throws {RetrievalFailedError} When that is because AWS gives up on retrievals, which no call shows.
   */
  async drain(before: () => number, signal: AbortSignal): Promise<boolean> {
    try {
      for (;;) {
        signal.throwIfAborted();
        const rests = this.#restMs() > 0;
        if (!rests && (await this.#startBatches(signal, before()))) continue;
        if (rests || this.#batches.size === 0) {
          // What it was about has been put off, and so is not due any more.
          if (this.#failures.retrievals.failure !== undefined)
            throw this.#failures.retrievals.failure;
          return !rests;
        }
        await Promise.race(this.#batches);
      }
    } finally {
      await Promise.allSettled(this.#batches);
    }
  }

  get #path(): FetchPath {
    return fetchPath(this.#context);
  }

  /** How long nothing may be fetched at all. */
  #restMs(): number {
    const { operations, budget, pacer } = this.#context;
    if (budget.level === 'stop') return IDLE_MS;
    const needed =
      this.#path === 'classic'
        ? [operations.BatchGetTraces]
        : [
            operations.StartTraceRetrieval,
            operations.ListRetrievedTraces,
            this.#failures.retrievals,
          ];
    return Math.max(this.#restsUntil, ...needed.map((one) => one.restsUntil)) - pacer.now();
  }

  /** @returns Whether a batch was started. */
  async #startBatches(signal: AbortSignal, before: number): Promise<boolean> {
    const { limits, pacer } = this.#context;
    const free = limits.concurrentFetches - this.#batches.size;
    if (free <= 0) {
      await Promise.race(this.#batches);
      return true;
    }
    const size = this.#path === 'classic' ? MAX_BATCH : MAX_RETRIEVAL;
    let due = await this.#due(before, size);
    if (due.length === 0) return false;
    if (due.length < size) {
      await pacer.sleep(limits.fillBatchMs, signal);
      due = await this.#due(before + limits.fillBatchMs, size);
      if (due.length === 0) return false;
    }
    this.#start(due, signal);
    return true;
  }

  /** Traces of today come before those of a backfill, and are never in one batch with them. */
  async #due(before: number, size: number): Promise<readonly XRayTrace[]> {
    const { id, metadata } = this.#context;
    const limit = size + this.#inFlight.size;
    for (const priority of ['now', 'backfill'] as const) {
      const rows = await metadata.xray.dueTraces(id, { before, limit, priority });
      const free = rows.filter(({ xrayId }) => !this.#inFlight.has(xrayId));
      if (free.length > 0) return this.#failures.pick(free, size);
    }
    return [];
  }

  #start(traces: readonly XRayTrace[], signal: AbortSignal): void {
    for (const { xrayId } of traces) this.#inFlight.add(xrayId);
    const batch = this.#fetchBatch(traces, signal)
      .catch((error: unknown) => this.#failed(error, traces, signal))
      .finally(() => {
        for (const { xrayId } of traces) this.#inFlight.delete(xrayId);
        this.#batches.delete(batch);
        this.wake();
      });
    this.#batches.add(batch);
  }

  /**
   * What AWS refuses has been noted where the call was made. The traces stay due; a while later, unless everything rests anyway.
   * After anything else each is tried alone.
   */
  async #failed(error: unknown, traces: readonly XRayTrace[], signal: AbortSignal): Promise<void> {
    if (signal.aborted) return;
    const { pacer } = this.#context;
    try {
      if (!isCallFailure(error)) {
        await this.#failures.allUnexpected(traces, error);
      } else if (this.#restMs() <= 0) await this.#failures.postpone(traces, () => RETRY_MS);
    } catch (second) {
      if (signal.aborted) return;
      // They are due as before: without a rest they would be fetched again at once.
      this.#restsUntil = pacer.now() + RETRY_MS;
      this.#context.record.say(`What failed could not be noted: ${errorMessage(second)}`);
    }
  }

  async #fetchBatch(traces: readonly XRayTrace[], signal: AbortSignal): Promise<void> {
    // What one way does not return, the other may: traces from before an account changed over are where they were.
    const other = traces.filter(({ absences }) => absences % 2 === 1);
    const own = traces.filter((trace) => !other.includes(trace));
    if (this.#path === 'classic') {
      await this.#fetchClassic(traces, signal);
    } else {
      if (own.length > 0) await this.#retrieve(own, signal);
      await this.#fetchIndexed(other, signal);
    }
  }

  async #fetchClassic(traces: readonly XRayTrace[], signal: AbortSignal): Promise<void> {
    const ids = traces.map(({ xrayId }) => xrayId);
    const pace = traces[0]?.priority === 'backfill' ? this.#backfillPace : undefined;
    let found = new Map<string, FetchedTrace>();
    let retrieved = 0;
    try {
      ({ found, retrieved } = await fetchTraces(this.#context, ids, signal, pace));
    } catch (error) {
      if (!isCallFailure(error, 'invalid_request')) throw error;
      if (traces.length > 1) {
        // One of them is at fault; alone it harms nobody.
        for (const trace of traces) await this.#fetchClassic([trace], signal);
        return;
      }
      this.#context.record.warn(
        'refused',
        `AWS refused a request for trace ${ids.join(', ')}: ${error.failure.message}`,
      );
    }
    await this.#take(traces, found, retrieved, signal);
  }

  async #retrieve(traces: readonly XRayTrace[], signal: AbortSignal): Promise<void> {
    const found = new Map<string, FetchedTrace>();
    try {
      await retrieveTraces(this.#context, traces, (trace) => addPart(found, trace), signal);
      this.#failures.retrievals.succeeded();
    } catch (error) {
      if (!isCallFailure(error)) throw error;
      if (retrievalDenial(this.#context) !== undefined) {
        await this.#fetchIndexed(traces, signal);
        return;
      }
      if (!(error instanceof RetrievalFailedError) && !isCallFailure(error, 'invalid_request')) {
        throw error;
      }
      if (await this.#failures.refused(traces, error)) return;
      found.clear();
    }
    await this.#take(traces, found, found.size, signal);
  }

  async #fetchIndexed(traces: readonly XRayTrace[], signal: AbortSignal): Promise<void> {
    for (let start = 0; start < traces.length; start += MAX_BATCH) {
      await this.#fetchClassic(traces.slice(start, start + MAX_BATCH), signal);
    }
  }

  /** Writes what was found, then remembers how it stands with each trace that was asked for. */
  async #take(
    traces: readonly XRayTrace[],
    found: Map<string, FetchedTrace>,
    retrieved: number,
    signal: AbortSignal,
  ): Promise<void> {
    const { id, metadata, record, pacer } = this.#context;
    await countRetrieved(this.#context, retrieved);
    const lacking = await joinSources(this.#context, traces, found, signal);
    const handled = new Map<string, HandledTrace | undefined>();
    const failed = new Map<string, number>();
    for (const [xrayId, { held }] of lacking) if (held) handled.set(xrayId, undefined);
    for (const trace of traces) {
      const fetched = found.get(trace.xrayId);
      if (fetched === undefined || fetched.documents.length === 0) continue;
      if (trace.contentHash !== undefined) {
        record.metrics.refetches.inc({ ...record.where, reason: trace.open ? 'open' : 'changed' });
      }
      try {
        handled.set(trace.xrayId, await this.#writer.handle(trace, fetched, signal));
      } catch (error) {
        signal.throwIfAborted();
        handled.set(trace.xrayId, undefined);
        failed.set(trace.xrayId, this.#failures.unexpected(trace.xrayId, error));
      }
    }
    const now = pacer.now();
    const isDenied = retrievalDenial(this.#context) !== undefined;
    const moves: [XRayTrace, XRayTrace][] = [];
    await metadata.xray.updateTraces(
      id,
      traces.map(({ xrayId }) => xrayId),
      (xrayId, latest) => {
        if (latest === undefined) return undefined;
        const lack = lacking.get(xrayId);
        let next: XRayTrace;
        const result = handled.get(xrayId)?.result;
        if (result !== undefined) {
          next = decideFetch(latest, result).trace;
          if (lack !== undefined) next = awaitPart(next, lack.reason, now);
        } else if (handled.has(xrayId)) {
          const heldMs = lack?.held === true ? lackWaitMs(latest, lack.reason, now) : undefined;
          const waitMs = failed.get(xrayId) ?? heldMs ?? RETRY_MS;
          next = { ...latest, nextFetch: now + waitMs };
        } else {
          next = decideAbsence(latest, now);
          // Denied the other way, X-Ray has not been asked for it as it should be: the next listing begins anew.
          if (isDenied && next.state === 'missing') next = { ...next, absences: 0 };
        }
        moves.push([latest, next]);
        return next;
      },
    );
    for (const [before, after] of moves) {
      record.moved(before.state, after.state);
      const absent = !handled.has(after.xrayId);
      if (absent ? after.nextFetch === undefined : handled.get(after.xrayId) !== undefined) {
        this.#failures.settled(after.xrayId);
      }
      if (absent) {
        record.counts.unprocessed++;
        record.metrics.unprocessed.inc(record.where);
      }
      if (after.state === before.state) continue;
      if (after.state === 'missing') record.counts.missing++;
      if (after.state === 'limit') record.counts.limit_exceeded++;
    }
  }

  /** Until the next trace is due that is not being fetched already; a batch that ends wakes the fetcher anyway. */
  async #idleMs(): Promise<number> {
    const { id, metadata, pacer } = this.#context;
    const now = pacer.now();
    const limit = this.#inFlight.size + 1;
    let next = now + IDLE_MS;
    for (const priority of ['now', 'backfill'] as const) {
      const rows = await metadata.xray.dueTraces(id, { before: next, limit, priority });
      const first = rows.find(({ xrayId }) => !this.#inFlight.has(xrayId));
      next = Math.min(next, first?.nextFetch ?? next);
    }
    return Math.max(1, next - now);
  }

  /** Sleeps until the time is over or something wakes it. */
  async #pause(ms: number, signal: AbortSignal): Promise<void> {
    const enough = new AbortController();
    const slept = this.#context.pacer
      .sleep(ms, AbortSignal.any([signal, enough.signal]))
      .catch(() => undefined);
    await Promise.race([slept, this.#wake.promise]);
    enough.abort();
    await slept;
    signal.throwIfAborted();
  }
}
