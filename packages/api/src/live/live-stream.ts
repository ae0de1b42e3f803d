import type { Clock, EpochMillis } from '@spanloom/base';
import type { LiveDropped, LiveLag, LiveRate } from '@spanloom/contract';
import { SPAN_FLAGS, type SpanBatch } from '@spanloom/model';
import type { SpanTest } from '@spanloom/query';
import type { StoredSpan } from '@spanloom/storage';
import { toSpanEvent } from '../span-event.ts';
import { BATCH_END, comparePositions, formatCursor, type Position } from './cursor.ts';
import { DisplaySampler } from './display-sampler.ts';
import type { RecentBatches } from './recent-batches.ts';
import { RowView } from './row-view.ts';
import { formatEvent, SseBody } from './sse-body.ts';

/** Rows searched in one go, so that one reader's backlog delays neither intake nor the others. */
const ROWS_PER_TURN = 4_000;
/** A reader may stay this many rows behind before spans are left out for it. */
const PATIENCE_ROWS = 20_000;
/** What a span takes at least: how many may be chosen at once for the room there is. */
const LEAST_EVENT_LENGTH = 1_000;

/** What all streams share. */
export interface StreamParts {
  readonly recent: RecentBatches;
  readonly clock: Clock;
  readonly random: () => number;
  /** The event of one row: made once however many streams show it. */
  readonly eventOf: (position: Position) => string;
}

/** One reader of live spans: what it searches for, how far it is, and what it was sent. */
export class LiveStream {
  readonly body: SseBody;
  /** Everything before it has been searched. */
  position: Position = { seq: 0, row: 0 };
  readonly #parts: StreamParts;
  readonly #test: SpanTest;
  readonly #sampler: DisplaySampler;
  readonly #view = new RowView();
  /** Matching rows of one turn. Kept, because a turn comes many times a second. */
  readonly #matching: number[] = [];
  readonly #gone: () => void;
  #live = false;
  #second = { searched: 0, matched: 0, errors: 0, shown: 0, lagMs: 0, startMs: 0, received: 0 };
  #dropped = { rate: 0, slow: 0 };

  /** @param rowsPerSecond How many matching spans to send at most; `Infinity` for all. */
  constructor(
    parts: StreamParts,
    options: {
      readonly test: SpanTest;
      readonly rowsPerSecond: number;
      readonly gone: () => void;
      readonly room: () => void;
    },
  ) {
    this.#parts = parts;
    this.#test = options.test;
    const now = parts.clock.now();
    this.#sampler = new DisplaySampler(options.rowsPerSecond, now, parts.random);
    this.#gone = options.gone;
    this.body = new SseBody(options);
    this.body.write('retry: 1000\n\n');
    this.#startSecond(now);
  }

  /**
   * The newest matching rows that are in memory, and the place behind them, where `start` shall begin. The rows stay readable:
   * what lies behind `position` is kept.
   */
  newest(limit: number, since: EpochMillis): readonly Position[] {
    const { recent } = this.#parts;
    const end = recent.frontier();
    let at: Position = { seq: recent.oldestSeq ?? 0, row: 0 };
    const found: Position[] = [];
    if (limit === 0) at = end;
    for (;;) {
      const next = recent.next(at, ROWS_PER_TURN);
      if (next === undefined || comparePositions({ seq: next.seq, row: next.start }, end) >= 0) {
        break;
      }
      for (let row = next.start; row < next.end; row++) {
        if (next.spans.received.asNumber(row) < since) continue;
        if (this.#isWanted(next.spans, row)) found.push({ seq: next.seq, row });
      }
      if (found.length > 2 * limit) found.splice(0, found.length - limit);
      at = { seq: next.seq, row: next.end };
    }
    this.position = end;
    return found.slice(Math.max(0, found.length - limit));
  }

  /** A note that was only sent for merging is shown to nobody. */
  #isWanted(spans: SpanBatch, row: number): boolean {
    if ((spans.flags[row]! & SPAN_FLAGS.note) !== 0) return false;
    return this.#test(this.#view.at(spans, row));
  }

  /**
   * Sends what was there already, oldest first, and begins to follow at `position`. Rows from the tables have no number within
   * their batch, so the place to come back to moves from batch to batch.
   */
  start(stored: readonly StoredSpan[], events: readonly string[], omitted: number): void {
    stored.forEach((one, index) => {
      const last = stored[index + 1]?.batch !== one.batch;
      this.body.write(
        formatEvent({
          event: 'span',
          ...(last && { id: formatCursor({ seq: Number(one.batch), row: BATCH_END }) }),
          data: toSpanEvent(one).attributes,
        }),
      );
    });
    for (const event of events) this.body.write(event);
    const backfilled = stored.length + events.length;
    if (omitted > 0)
      this.#writeDropped({ count: omitted, reason: 'resume', matched: omitted + backfilled });
    this.body.write(formatEvent({ event: 'ready', ...this.#place(), data: { backfilled } }));
    this.#live = true;
    this.#startSecond(this.#parts.clock.now());
  }

  /**
   * Searches what became readable and sends what matches. Stops early when much is left to do or the reader takes nothing: a
   * reader that is slow for a moment finds its spans in memory later, one that stays slow has them counted instead.
   * @returns Whether there is more to do right away.
   */
  advance(): boolean {
    if (!this.#live) return false;
    const { recent } = this.#parts;
    const slow = this.body.room <= 0;
    if (slow && recent.rowsFrom(this.position) <= PATIENCE_ROWS) return false;
    if (recent.evictedSeq >= this.position.seq) {
      // What it has not seen is in the tables only. It comes back with its cursor and is given it from there.
      this.#gone();
      return false;
    }
    const next = recent.next(this.position, ROWS_PER_TURN);
    if (next === undefined) return false;
    const { seq, spans, start } = next;
    const now = this.#parts.clock.now();
    const matching = this.#matching;
    matching.length = 0;
    for (let row = start; row < next.end; row++) {
      if (this.#isWanted(spans, row)) matching.push(row);
    }
    const isError = (index: number): boolean => spans.error[matching[index]!] !== 0;
    const room = slow ? 0 : Math.max(1, Math.floor(this.body.room / LEAST_EVENT_LENGTH));
    const shown =
      matching.length === 0
        ? matching
        : this.#sampler.choose({ count: matching.length, isError }, now, slow ? 0 : Infinity);
    let sent = 0;
    let end = next.end;
    for (const index of shown) {
      const row = matching[index]!;
      if (sent === room) {
        // The rest of the turn waits for room.
        end = row;
        break;
      }
      this.body.write(this.#parts.eventOf({ seq, row }));
      sent++;
    }
    const searched =
      end === next.end ? matching.length : matching.filter((row) => row < end).length;
    const second = this.#second;
    second.searched += end - start;
    second.matched += searched;
    second.shown += sent;
    for (let index = 0; index < searched; index++) second.errors += isError(index) ? 1 : 0;
    this.#dropped[slow ? 'slow' : 'rate'] += searched - sent;
    second.lagMs = Math.max(second.lagMs, now - spans.received.asNumber(end - 1));
    this.position = { seq, row: end };
    return true;
  }

  /** Tells of the second that is over. */
  report(heartbeat: boolean): void {
    // A reader who takes nothing needs no more of this either; drops go on being counted.
    if (!this.#live || this.body.room <= 0) return;
    const now = this.#parts.clock.now();
    const { matched, errors, shown, lagMs, startMs, received } = this.#second;
    const seconds = Math.max(0.001, (now - startMs) / 1000);
    const rate = (count: number): number => Math.round(count / seconds);
    const data: LiveRate = {
      spans_per_second: rate(this.#parts.recent.received - received),
      matches_per_second: rate(matched),
      errors_per_second: rate(errors),
      shown_per_second: rate(shown),
    };
    this.body.write(formatEvent({ event: 'rate', ...this.#place(), data }));
    const lag: LiveLag = { lag_ms: Math.max(0, lagMs) };
    this.body.write(formatEvent({ event: 'lag', data: lag }));
    for (const reason of ['rate', 'slow'] as const) {
      const count = this.#dropped[reason];
      if (count > 0) this.#writeDropped({ count, reason, matched });
    }
    this.#dropped = { rate: 0, slow: 0 };
    if (heartbeat) this.body.write(': heartbeat\n\n');
    this.#startSecond(now);
  }

  /** Where to come back to. Before this process has had a batch, that is where the spans from the tables say. */
  #place(): { id: string } | undefined {
    return this.position.seq === 0 ? undefined : { id: formatCursor(this.position) };
  }

  #writeDropped(data: LiveDropped): void {
    this.body.write(formatEvent({ event: 'dropped', data }));
  }

  #startSecond(startMs: number): void {
    const { received } = this.#parts.recent;
    this.#second = { searched: 0, matched: 0, errors: 0, shown: 0, lagMs: 0, startMs, received };
  }
}
