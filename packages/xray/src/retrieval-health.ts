import type { Pacer } from './pacer.ts';
import type { RegionRecord } from './region-record.ts';
import type { RetrievalFailedError } from './retrieve-traces.ts';

const FIRST_REST_MS = 15_000;
const LAST_REST_MS = 300_000;
/** Under which the problem is shown: what such a retrieval fails in. */
const OPERATION = 'ListRetrievedTraces';

/**
 * Retrievals that AWS accepts and then gives up on. No call fails, so nobody else notices. Each failure with no success between
 * makes the next retrieval wait longer.
 */
export class RetrievalHealth {
  readonly #pacer: Pacer;
  readonly #record: RegionRecord;
  #lastSuccess = Number.NEGATIVE_INFINITY;
  #failures = 0;
  #failure: RetrievalFailedError | undefined;
  #restsUntil = Number.NEGATIVE_INFINITY;

  constructor(pacer: Pacer, record: RegionRecord) {
    this.#pacer = pacer;
    this.#record = record;
  }

  /** When one may be started again; in the past when it may be now. */
  get restsUntil(): number {
    return this.#restsUntil;
  }

  /** When one last succeeded. */
  get lastSuccess(): number {
    return this.#lastSuccess;
  }

  /** The last failure, until one succeeds. */
  get failure(): RetrievalFailedError | undefined {
    return this.#failure;
  }

  failed(error: RetrievalFailedError): void {
    this.#failure = error;
    this.#record.failed(OPERATION, error.failure);
    this.#record.problem(OPERATION, error.failure);
    const now = this.#pacer.now();
    // One of several that were under way at once: they say the same.
    if (now < this.#restsUntil) return;
    this.#restsUntil = now + Math.min(LAST_REST_MS, FIRST_REST_MS * 2 ** this.#failures++);
  }

  succeeded(): void {
    this.#lastSuccess = this.#pacer.now();
    this.recovered();
  }

  /** One has succeeded, or those that failed are done with. */
  recovered(): void {
    if (this.#failures === 0) return;
    this.#failures = 0;
    this.#failure = undefined;
    this.#restsUntil = Number.NEGATIVE_INFINITY;
    this.#record.problem(OPERATION, undefined);
  }
}
