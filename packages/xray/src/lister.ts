import type { AlongWithTraces, XRayPriority, XRayTrace } from '@spanloom/metadata';
import { CallFailedError } from './operation.ts';
import type { RegionContext } from './region-context.ts';
import { revisionGrowth } from './revision-growth.ts';
import { isSampled } from './span-records.ts';
import type { TokenBucket } from './token-bucket.ts';
import { decideListing, type ListingDecision, reopenForSource } from './trace-schedule.ts';
import type { ListPage, ListRequest } from './xray-calls.ts';

/** What the budget's end leaves of a listing. */
const DEGRADED_SAMPLING = 0.1;

/** Which part of time to list, why, and from where. */
export interface Slice {
  readonly sweep: 'hot' | 'late' | 'deep' | 'backfill';
  readonly from: number;
  readonly to: number;
  readonly by: ListRequest['by'];
  /** Leaves out traces with documents in progress. */
  readonly finishedOnly: boolean;
  /** X-Ray's summaries, or the log group that Transaction Search writes spans to. */
  readonly source: 'summaries' | 'records';
  readonly pace?: TokenBucket;
}

/** What is stored together with the last page of a slice: that it is read. */
export type SliceEnd = Omit<AlongWithTraces, 'usage'>;

/** A window that X-Ray will not list in one go; a smaller one may work. */
export class SliceRefusedError extends Error {
  override readonly name = 'SliceRefusedError';
  readonly refusal: CallFailedError;

  constructor(refusal: CallFailedError) {
    super(refusal.message, { cause: refusal });
    this.refusal = refusal;
  }
}

/** Lists traces and remembers them, page by page. */
export class Lister {
  readonly #context: RegionContext;
  readonly #onTraces: () => void;

  /** @param onTraces Called when there is something new to fetch. */
  constructor(context: RegionContext, onTraces: () => void) {
    this.#context = context;
    this.#onTraces = onTraces;
  }

  /**
   * Reads all pages of a slice. Each page's traces are remembered before the next is asked for; `end` only with the last one, since
   * pages come newest first and a slice read in part lacks its oldest.
   *
   * @throws {SliceRefusedError} If a smaller slice should be tried.
   * @throws {CallFailedError} If the slice cannot be read now.
   */
  async read(
    slice: Slice,
    end: (found: { readonly fresh: number }) => SliceEnd,
    signal: AbortSignal,
  ): Promise<{ readonly pages: number; readonly traces: number; readonly fresh: number }> {
    let nextToken: string | undefined;
    let pages = 0;
    let traces = 0;
    let fresh = 0;
    do {
      const page = await this.#page(slice, nextToken, signal);
      pages++;
      traces += page.traces.length;
      nextToken = page.nextToken;
      const last = nextToken === undefined;
      fresh += await this.#remember(
        slice,
        page,
        last ? (found) => end({ fresh: fresh + found }) : undefined,
      );
    } while (nextToken !== undefined);
    return { pages, traces, fresh };
  }

  async #page(slice: Slice, nextToken: string | undefined, signal: AbortSignal): Promise<ListPage> {
    const { operations, calls, account, budget } = this.#context;
    const { from, to, by, pace } = slice;
    try {
      if (slice.source === 'records') {
        const list = (): Promise<ListPage> =>
          calls.listSpanRecords({ from, to, nextToken }, signal);
        const page = await operations.FilterLogEvents.run(list, signal, pace);
        const rate = this.#samplingRate(budget.level === 'sample');
        return { ...page, traces: page.traces.filter(({ xrayId }) => isSampled(xrayId, rate)) };
      }
      const request: ListRequest = {
        from,
        to,
        by,
        filter: filterOf(account.filterExpression, slice.finishedOnly),
        samplingRate: this.#samplingRate(budget.level === 'sample'),
        nextToken,
      };
      const list = (): Promise<ListPage> => calls.listTraces(request, signal);
      return await operations.GetTraceSummaries.run(list, signal, pace);
    } catch (error) {
      // A token that is no longer known, or a window that is too wide: both are cured by starting again with less.
      if (error instanceof CallFailedError && error.failure.kind === 'invalid_request') {
        const { message } = error.failure;
        if (nextToken !== undefined || /time|range|token/i.test(message)) {
          throw new SliceRefusedError(error);
        }
      }
      throw error;
    }
  }

  #samplingRate(degraded: boolean): number {
    const configured = this.#context.account.samplingRate ?? 1;
    return degraded ? Math.min(configured, DEGRADED_SAMPLING) : configured;
  }

  /** @returns How many traces were not known. */
  async #remember(
    slice: Slice,
    page: ListPage,
    end: ((fresh: number) => SliceEnd) | undefined,
  ): Promise<number> {
    const { id, metadata, budget, record, pacer, peer } = this.#context;
    const isRead = (account: string, region: string): boolean =>
      peer({ account, region }) !== undefined;
    const { counts, metrics, where } = record;
    const { sweep } = slice;
    const priority: XRayPriority = sweep === 'backfill' ? 'backfill' : 'now';
    const context = { ...id, now: pacer.now(), priority, isRead };
    const listings = new Map(page.traces.map((listing) => [listing.xrayId, listing]));
    // Counted by what is decided, and only once that is stored.
    const decisions: { decision: ListingDecision; known: XRayTrace | undefined }[] = [];
    const copies: string[] = [];
    const reopened: XRayTrace[] = [];
    const reopen = (known: XRayTrace): XRayTrace | undefined => {
      const trace = reopenForSource(known, context.now);
      if (trace !== undefined) reopened.push(known);
      return trace;
    };
    const usage = { month: budget.month, scanned: page.scanned, retrieved: 0 };
    const along: { -readonly [Key in keyof AlongWithTraces]: AlongWithTraces[Key] } = { usage };
    if (listings.size > 0 || page.scanned > 0 || end !== undefined) {
      await metadata.xray.updateTraces(
        id,
        [...listings.keys()],
        (xrayId, known) => {
          const decision = decideListing(known, listings.get(xrayId)!, context);
          decisions.push({ decision, known });
          return decision.trace;
        },
        () => {
          const fresh = decisions.filter(({ decision }) => decision.event === 'new').length;
          const revisions = new Map(
            decisions.flatMap(({ decision, known }) =>
              decision.event === 'duplicate'
                ? [[known!.xrayId, listings.get(known!.xrayId)!.revision] as const]
                : [],
            ),
          );
          const elsewhere = {
            revisions,
            growth: revisionGrowth,
            onCopy: (xrayId: string) => copies.push(xrayId),
            reopen,
          };
          return { ...along, ...(revisions.size > 0 && { elsewhere }), ...end?.(fresh) };
        },
      );
    }
    budget.add(id, page.scanned, 0);
    counts.listed += page.traces.length;
    counts.scanned += page.scanned;
    metrics.listPages.inc({ ...where, sweep });
    metrics.listed.inc({ ...where, sweep }, page.traces.length);
    metrics.scanned.inc({ ...where, sweep }, page.scanned);
    let fresh = 0;
    let due = false;
    for (const { decision, known } of decisions) {
      const { event, trace } = decision;
      if (trace === undefined) continue;
      due = true;
      if (event === 'new') fresh++;
      else if (event === 'reopened') metrics.refetches.inc({ ...where, reason: 'revision' });
      record.moved(known?.state, trace.state);
    }
    if (due) this.#onTraces();
    for (const known of reopened) {
      const owner = peer(known);
      owner?.context.record.moved(known.state, 'growing');
      owner?.fetcher.wake();
    }
    counts.duplicates += copies.length;
    metrics.duplicates.inc(where, copies.length);
    return fresh;
  }
}

function filterOf(expression: string | undefined, finishedOnly: boolean): string | undefined {
  if (!finishedOnly) return expression;
  return expression === undefined ? '!partial' : `!partial AND (${expression})`;
}
