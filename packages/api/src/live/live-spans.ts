import { type Clock, type EpochMillis, OverloadedError } from '@spanloom/base';
import type { SpanBatch } from '@spanloom/model';
import { compileMatcher, type Query } from '@spanloom/query';
import type { RecentReader } from '../ports.ts';
import { toSpanEvent } from '../span-event.ts';
import { BATCH_END, formatCursor, type Position } from './cursor.ts';
import { LiveStream } from './live-stream.ts';
import { RecentBatches } from './recent-batches.ts';
import { formatEvent } from './sse-body.ts';

/** Streams at a time. Each one tests every span that arrives. */
const MAX_STREAMS = 20;
/** What arrives within this time is searched together. */
const TURN_MS = 15;
const REPORT_MS = 1_000;
const HEARTBEAT_REPORTS = 10;
/** How many spans a reader that was away is given from the tables. */
const RESUME_LIMIT = 2_000;
/** Events kept for other streams that show the same spans. */
const MAX_SHARED_EVENTS = 2_000;

export interface LiveSpansOptions {
  /** What is not in memory any more. */
  readonly stored: RecentReader;
  readonly clock: Clock;
  /** How long ago a span may have arrived to be live. */
  readonly windowMs: number;
  readonly random?: () => number;
}

/** What a reader wants to follow. */
export interface LiveRequest {
  readonly query: Query;
  /** Spans of the past to begin with: the newest `limit` since a time, or all behind a place. */
  readonly from: { readonly since: EpochMillis; readonly limit: number } | Position;
  readonly rowsPerSecond: number;
}

/**
 * Live Search: tells readers of spans as soon as these are durable, which is before the tables have them.
 *
 * The writer reports batches; while nobody reads, that is all that happens. With readers, all that arrived in a few milliseconds
 * is searched in one turn, by each of them from the place where it is.
 */
export class LiveSpans implements Disposable {
  readonly #options: LiveSpansOptions;
  readonly #recent = new RecentBatches();
  readonly #streams = new Set<LiveStream>();
  readonly #events = new Map<string, string>();
  #turn: NodeJS.Timeout | undefined;
  #reports: NodeJS.Timeout | undefined;
  #reported = 0;
  #closed = false;

  constructor(options: LiveSpansOptions) {
    this.#options = options;
  }

  /** How many streams are open. */
  get streams(): number {
    return this.#streams.size;
  }

  /** As the writer's observer wants it. */
  opened(seq: number, spans: SpanBatch): void {
    this.#recent.opened(seq, spans);
  }

  durable(seq: number, rows: number): void {
    this.#recent.durable(seq, rows);
    this.#plan();
  }

  closed(seq: number): void {
    this.#recent.closed(seq);
    this.#plan();
  }

  settled(seq: number): void {
    let needed = Number.MAX_SAFE_INTEGER;
    for (const { position } of this.#streams) needed = Math.min(needed, position.seq);
    this.#recent.settled(seq, needed);
  }

  /**
   * Opens a stream and answers its body, which begins with the spans of the past that were asked for.
   * @throws {OverloadedError} If there are too many streams already, or the server is stopping.
   */
  async open(request: LiveRequest, signal: AbortSignal): Promise<ReadableStream<Uint8Array>> {
    if (this.#closed) throw new OverloadedError('The server is shutting down');
    if (this.#streams.size >= MAX_STREAMS) {
      throw new OverloadedError(
        `Cannot open another live stream: ${MAX_STREAMS} are open already; close one, or search instead`,
        10,
      );
    }
    const { clock, random = Math.random } = this.#options;
    const stream: LiveStream = new LiveStream(
      { recent: this.#recent, clock, random, eventOf: (position) => this.#eventOf(position) },
      {
        test: compileMatcher(request.query.predicate),
        rowsPerSecond: request.rowsPerSecond,
        gone: () => this.#remove(stream),
        room: () => this.#plan(),
      },
    );
    this.#streams.add(stream);
    signal.addEventListener('abort', () => this.#remove(stream), { once: true });
    this.#reports ??= setInterval(() => this.#report(), REPORT_MS).unref();
    try {
      await this.#backfill(stream, request, signal);
    } catch (error) {
      this.#remove(stream);
      throw error;
    }
    this.#plan();
    return stream.body.stream;
  }

  /** Ends every stream: readers get what waits for them, and the end. */
  [Symbol.dispose](): void {
    this.#closed = true;
    for (const stream of this.#streams) this.#remove(stream);
    clearTimeout(this.#turn);
  }

  /**
   * What is in memory comes from memory, everything older from the tables: these have every batch that was let go, and while a
   * stream is here none is let go that it still needs.
   */
  async #backfill(stream: LiveStream, request: LiveRequest, signal: AbortSignal): Promise<void> {
    const { query, from } = request;
    const window = (this.#options.clock.now() - this.#options.windowMs) as EpochMillis;
    const oldest = this.#recent.oldestSeq;
    let newest: readonly Position[] = [];
    let wanted: { fromBatch: number; since: EpochMillis; limit: number };
    if ('seq' in from) {
      if (oldest !== undefined && from.seq >= oldest) {
        const frontier = this.#recent.frontier();
        // A place that is yet to come is from a database that is gone.
        stream.position = from.seq > frontier.seq ? frontier : from;
        stream.start([], [], 0);
        return;
      }
      stream.position = { seq: oldest ?? 0, row: 0 };
      // Where a batch was left in the middle all of it comes again: the tables do not keep its order.
      const fromBatch = from.row === BATCH_END ? from.seq + 1 : from.seq;
      wanted = { fromBatch, since: window, limit: RESUME_LIMIT };
    } else {
      const since = Math.max(from.since, window) as EpochMillis;
      newest = stream.newest(from.limit, since);
      wanted = { fromBatch: 0, since, limit: from.limit - newest.length };
    }
    // Their batches might be let go while the tables are asked.
    const events = newest.map((position) => this.#eventOf(position));
    if (wanted.limit <= 0) {
      stream.start([], events, 0);
      return;
    }
    const { spans, omitted } = await this.#options.stored.recent(
      { query, ...wanted, beforeBatch: oldest ?? Number.MAX_SAFE_INTEGER },
      signal,
    );
    // The first batch of this process may have come, and reached the tables, while they were asked.
    const before = oldest ?? this.#recent.firstSeq ?? Number.MAX_SAFE_INTEGER;
    const older = spans.filter(({ batch }) => batch < before);
    stream.start(older, events, 'seq' in from ? omitted : 0);
  }

  #eventOf(position: Position): string {
    // The place to come back to is the one behind it.
    const id = formatCursor({ seq: position.seq, row: position.row + 1 });
    const known = this.#events.get(id);
    if (known !== undefined) return known;
    const { spans } = this.#recent.next(position, 1)!;
    const { attributes } = toSpanEvent({
      span: spans.span(position.row),
      tier: 'live',
      batch: BigInt(position.seq),
    });
    const event = formatEvent({ event: 'span', id, data: attributes });
    if (this.#streams.size > 1) {
      if (this.#events.size >= MAX_SHARED_EVENTS) this.#events.clear();
      this.#events.set(id, event);
    }
    return event;
  }

  #plan(): void {
    if (this.#streams.size === 0) return;
    this.#turn ??= setTimeout(() => {
      this.#turn = undefined;
      this.#advance();
    }, TURN_MS);
  }

  #advance(): void {
    let more = false;
    for (const stream of this.#streams) more = stream.advance() || more;
    if (more) {
      // Whatever else waits, payloads first of all, comes in between.
      setImmediate(() => this.#advance());
    } else {
      this.#events.clear();
    }
  }

  #report(): void {
    this.#reported++;
    const heartbeat = this.#reported % HEARTBEAT_REPORTS === 0;
    for (const stream of this.#streams) stream.report(heartbeat);
  }

  #remove(stream: LiveStream): void {
    stream.body.end();
    if (!this.#streams.delete(stream) || this.#streams.size > 0) return;
    clearInterval(this.#reports);
    this.#reports = undefined;
    this.#events.clear();
  }
}
