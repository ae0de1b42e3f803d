import { DecodeError, errorMessage, LimitError, OverloadedError } from '@spanloom/base';
import type { XRayTrace } from '@spanloom/metadata';
import type { DecodeOutcome } from '@spanloom/model';
import { fullJitterMs } from './backoff.ts';
import { contentHash } from './content-hash.ts';
import type { RegionContext } from './region-context.ts';
import { type DocumentScan, scanDocuments } from './scan-documents.ts';
import { traceRecord } from './trace-record.ts';
import { decideFetch, type FetchResult } from './trace-schedule.ts';
import type { FetchedTrace } from './xray-calls.ts';

/** How often the store is tried when it fails for a reason of its own. The trace stays due, so nothing is lost by giving up. */
const TRIES = 5;

/** A trace that is dealt with: what was found, to be remembered. */
export interface HandledTrace {
  readonly xrayId: string;
  readonly result: FetchResult;
}

/** Takes fetched traces to the store. */
export class TraceWriter {
  readonly #context: RegionContext;
  #waitingForRoom = 0;

  constructor(context: RegionContext) {
    this.#context = context;
  }

  /** Whether something waits for the store to have room. */
  get waitsForRoom(): boolean {
    return this.#waitingForRoom > 0;
  }

  /**
   * Writes a trace if it has changed.
   *
   * @returns What was found, once it is durable; undefined if the store does not take it for now.
   */
  async handle(
    known: XRayTrace,
    fetched: FetchedTrace,
    signal: AbortSignal,
  ): Promise<HandledTrace | undefined> {
    const { id, account, pacer, record } = this.#context;
    const { counts, metrics, where } = record;
    const scan = scanDocuments(fetched.documents);
    counts.fetched++;
    counts.segments += fetched.documents.length;
    metrics.fetched.inc(where);
    metrics.segments.inc(where, fetched.documents.length);
    metrics.bytes.inc(
      where,
      fetched.documents.reduce((sum, text) => sum + text.length, 0),
    );
    this.#noteOddities(known.xrayId, scan);
    const result: FetchResult = {
      contentHash: contentHash(scan.documents),
      open: scan.open,
      limitExceeded: fetched.limitExceeded,
      endMs: scan.endMs,
      revision: known.revision,
      now: pacer.now(),
    };
    const { trace, write } = decideFetch(known, result);
    if (write) {
      const outcome = await this.#store(
        (documents) =>
          traceRecord(
            { ...id, xrayId: known.xrayId, env: account.env ?? '', state: trace.state, documents },
            result.now,
          ),
        scan,
        known.xrayId,
        signal,
      );
      if (outcome === 'not-now') return undefined;
      const again = known.writtenState !== undefined;
      if (again) counts.rewritten++;
      else counts.written++;
      metrics.written.inc({ ...where, kind: again ? 'again' : 'new' });
      if (outcome !== 'unusable') counts.spans += outcome.spans;
      if (!again && result.endMs !== undefined) {
        metrics.age.observe(where, Math.max(0, pacer.now() - result.endMs) / 1000);
      }
    }
    return { xrayId: known.xrayId, result };
  }

  async #store(
    record: (documents: readonly string[]) => ReturnType<typeof traceRecord>,
    scan: DocumentScan,
    xrayId: string,
    signal: AbortSignal,
  ): Promise<DecodeOutcome | 'not-now' | 'unusable'> {
    const all = scan.documents.map(({ text }) => text);
    try {
      return await this.#accept(record(all), signal);
    } catch (error) {
      signal.throwIfAborted();
      if (!(error instanceof DecodeError || error instanceof LimitError))
        return this.#notNow(error);
      const sound = scan.documents.flatMap(({ text, parsed }) =>
        parsed === undefined ? [] : text,
      );
      if (sound.length > 0 && sound.length < all.length) {
        try {
          return await this.#accept(record(sound), signal);
        } catch (second) {
          signal.throwIfAborted();
          if (!(second instanceof DecodeError || second instanceof LimitError)) {
            return this.#notNow(second);
          }
        }
      }
      this.#context.record.counts.errors++;
      this.#context.record.warn(
        'undecodable',
        `Trace ${xrayId} was the first that cannot be stored: ${errorMessage(error)}`,
      );
      return 'unusable';
    }
  }

  #notNow(error: unknown): 'not-now' {
    this.#context.record.problem('store', {
      kind: 'other',
      name: error instanceof Error ? error.name : 'Error',
      message: errorMessage(error),
      action: undefined,
      status: undefined,
      fix: 'Traces are read and cannot be stored: look at /ready and at the disk',
      retryable: true,
    });
    return 'not-now';
  }

  /** Waits as long as there is no room: fetching then waits too, and listing behind it. */
  async #accept(
    record: ReturnType<typeof traceRecord>,
    signal: AbortSignal,
  ): Promise<DecodeOutcome> {
    const { accept, pacer } = this.#context;
    let waiting = false;
    let failures = 0;
    try {
      for (let tries = 1; ; tries++) {
        try {
          const outcome = await accept(record);
          this.#context.record.problem('store', undefined);
          return outcome;
        } catch (error) {
          signal.throwIfAborted();
          if (error instanceof DecodeError || error instanceof LimitError) throw error;
          const jitter = fullJitterMs(tries, () => pacer.random());
          if (error instanceof OverloadedError) {
            if (!waiting) this.#waitingForRoom++;
            waiting = true;
            await pacer.sleep(Math.max(error.retryAfterSeconds * 1000, jitter), signal);
          } else {
            if (++failures >= TRIES) throw error;
            await pacer.sleep(jitter, signal);
          }
        }
      }
    } finally {
      if (waiting) this.#waitingForRoom--;
    }
  }

  #noteOddities(xrayId: string, scan: DocumentScan): void {
    const { record } = this.#context;
    if (scan.malformed > 0) {
      record.metrics.malformed.inc(record.where, scan.malformed);
      record.warn(
        'malformed',
        `Some documents are not JSON objects and show no spans (trace ${xrayId} was the first with one); the others of their traces are stored`,
      );
    }
    if (scan.truncated > 0) {
      record.metrics.truncated.inc(record.where, scan.truncated);
      record.warn(
        'truncated',
        `Some traces are too large and were cut (trace ${xrayId} was the first); they carry the tag xray.truncated`,
      );
    }
  }
}
