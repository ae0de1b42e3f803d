import type { XRayTrace } from '@spanloom/metadata';

const FIRST_WAIT_MS = 60_000;
const LAST_WAIT_MS = 3_600_000;
/** A batch that AWS refused is divided sooner: most of its traces are not at fault. */
const FIRST_SPLIT_MS = 15_000;
const LAST_SPLIT_MS = 120_000;

/** Why traces are tried again. */
export type RetryReason = 'unexpected' | 'refused';

interface Retry {
  readonly failures: number;
  /** How many traces a batch with this one may have. */
  readonly largest: number;
  readonly reason: RetryReason;
}

/**
 * Traces whose batch failed as a whole. They are tried in smaller batches until the one at fault is alone, and ever later, so that it
 * holds up no other. Kept in memory: after a restart they begin as any other.
 */
export class Retries {
  readonly #traces = new Map<string, Retry>();

  get size(): number {
    return this.#traces.size;
  }

  /** How many failed for a reason. */
  count(reason: RetryReason): number {
    let count = 0;
    for (const retry of this.#traces.values()) if (retry.reason === reason) count++;
    return count;
  }

  /** Of traces that are due, those for the next batch: the first, and those that may go with it. */
  pick(due: readonly XRayTrace[], size: number): readonly XRayTrace[] {
    const [first] = due;
    if (first === undefined) return [];
    const largest = this.#largest(first.xrayId);
    return due
      .filter(({ xrayId }) => this.#largest(xrayId) === largest)
      .slice(0, Math.min(size, largest));
  }

  failed(xrayId: string, reason: RetryReason, largest: number): void {
    const failures = (this.#traces.get(xrayId)?.failures ?? 0) + 1;
    this.#traces.set(xrayId, { failures, largest: Math.max(1, largest), reason });
  }

  /** The trace was dealt with. */
  forget(xrayId: string): void {
    this.#traces.delete(xrayId);
  }

  /** How long to wait until the next try. */
  waitMs(xrayId: string): number {
    const { failures, reason } = this.#traces.get(xrayId) ?? { failures: 1, reason: 'unexpected' };
    const [first, last] =
      reason === 'refused' ? [FIRST_SPLIT_MS, LAST_SPLIT_MS] : [FIRST_WAIT_MS, LAST_WAIT_MS];
    return Math.min(last, first * 2 ** (failures - 1));
  }

  #largest(xrayId: string): number {
    return this.#traces.get(xrayId)?.largest ?? Number.POSITIVE_INFINITY;
  }
}
