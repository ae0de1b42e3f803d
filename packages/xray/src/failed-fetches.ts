import { errorMessage } from '@spanloom/base';
import type { XRayTrace } from '@spanloom/metadata';
import type { CallFailedError } from './operation.ts';
import type { RegionContext } from './region-context.ts';
import { Retries } from './retries.ts';
import { RetrievalHealth } from './retrieval-health.ts';
import { RetrievalFailedError } from './retrieve-traces.ts';

/** How long retrievals may fail, all of them, before a trace is blamed for it. */
const BLAME_MS = 6 * 3_600_000;

/** What becomes of traces whose fetch has failed, and what the region says of it. */
export class FailedFetches {
  readonly #context: RegionContext;
  readonly #retries = new Retries();
  /** Since when traces are refused. */
  readonly #refusedSince = new Map<string, number>();
  /** How retrievals are getting on. */
  readonly retrievals: RetrievalHealth;

  constructor(context: RegionContext) {
    this.#context = context;
    this.retrievals = new RetrievalHealth(context.pacer, context.record);
  }

  /** Of traces that are due, those for the next batch. */
  pick(due: readonly XRayTrace[], size: number): readonly XRayTrace[] {
    return this.#retries.pick(due, size);
  }

  /** Notes that a trace failed for a reason that nobody thought of. It is tried again alone. @returns How long after. */
  unexpected(xrayId: string, error: unknown): number {
    const { record } = this.#context;
    const isFirst = this.#retries.count('unexpected') === 0;
    this.#retries.failed(xrayId, 'unexpected', 1);
    record.counts.errors++;
    if (isFirst) record.say(`Trace ${xrayId} could not be read: ${stackOf(error)}`);
    const count = this.#retries.count('unexpected');
    record.warn(
      'unexpected',
      `${count === 1 ? '1 trace' : `${count} traces`} could not be read for a reason of our own and ${count === 1 ? 'is' : 'are'} ` +
        `tried again, one at a time and ever more rarely (the latest was ${xrayId}: ${errorMessage(error)})`,
    );
    return this.#retries.waitMs(xrayId);
  }

  /** As unexpected(), of a batch. */
  async allUnexpected(traces: readonly XRayTrace[], error: unknown): Promise<void> {
    const waits = new Map(traces.map(({ xrayId }) => [xrayId, this.unexpected(xrayId, error)]));
    await this.postpone(traces, ({ xrayId }) => waits.get(xrayId)!);
  }

  /**
   * Notes that AWS refused to retrieve traces. One of them may be at fault: in ever smaller batches it comes to be alone.
   * @returns Whether they are put off. A trace that is alone is not, once it is known that the service is not at fault: others have
   *   been retrieved meanwhile.
   */
  async refused(traces: readonly XRayTrace[], error: CallFailedError): Promise<boolean> {
    if (error instanceof RetrievalFailedError) this.retrievals.failed(error);
    const half = Math.ceil(traces.length / 2);
    for (const { xrayId } of traces) this.#retries.failed(xrayId, 'refused', half);
    if (traces.length > 1 || !this.#isToBlame(traces[0]!.xrayId, error)) {
      await this.postpone(traces, ({ xrayId }) => this.#retries.waitMs(xrayId));
      return true;
    }
    this.#context.record.warn(
      'refused',
      `AWS does not retrieve trace ${traces[0]!.xrayId}: ${error.failure.message}`,
    );
    return false;
  }

  #isToBlame(xrayId: string, error: CallFailedError): boolean {
    if (!(error instanceof RetrievalFailedError)) return true;
    const now = this.#context.pacer.now();
    const since = this.#refusedSince.get(xrayId) ?? now;
    this.#refusedSince.set(xrayId, since);
    return this.retrievals.lastSuccess > since || now - since >= BLAME_MS;
  }

  /** A trace was dealt with, and what was said of its failures may be taken back. */
  settled(xrayId: string): void {
    this.#retries.forget(xrayId);
    this.#refusedSince.delete(xrayId);
    if (this.#retries.count('unexpected') === 0) this.#context.record.warn('unexpected', undefined);
    if (this.#retries.count('refused') === 0) this.retrievals.recovered();
  }

  /** Makes traces due later. */
  async postpone(
    traces: readonly XRayTrace[],
    waitMs: (trace: XRayTrace) => number,
  ): Promise<void> {
    const { id, metadata, pacer } = this.#context;
    const now = pacer.now();
    const ids = traces.map(({ xrayId }) => xrayId);
    await metadata.xray.updateTraces(
      id,
      ids,
      (_, known) => known && { ...known, nextFetch: now + waitMs(known) },
    );
  }
}

function stackOf(error: unknown): string {
  return error instanceof Error ? (error.stack ?? error.message) : String(error);
}
