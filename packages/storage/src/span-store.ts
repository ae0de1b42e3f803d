import type { EpochMillis, EpochNanos, TraceId } from '@spanloom/base';
import { type Span, SPAN_FLAGS, type TraceKey } from '@spanloom/model';
import type { Query } from '@spanloom/query';
import type { BrokenPart, Database } from './database.ts';
import { brokenParts } from './queries/broken-parts.ts';
import { type Environment, environments } from './queries/environments.ts';
import { newestSpan } from './queries/newest-span.ts';
import { decodeCursor, encodeCursor, positionOf } from './queries/search-cursor.ts';
import { recentSpanCount, recentSpans } from './queries/recent-spans.ts';
import { type FoundSpan, searchSpans, type TimeRange } from './queries/search-spans.ts';
import { spansAt } from './queries/spans-at.ts';
import { type TableSize, tableSizes } from './queries/table-sizes.ts';
import { rawTraceRows, traceSpanCount, traceSpans } from './queries/trace-spans.ts';
import { tracesByKey } from './queries/traces-by-key.ts';
import type { StoredSpan } from './stored-span.ts';

/** What to search for. */
export interface SpanSearch {
  readonly query: Query;
  readonly range: TimeRange;
  readonly order: 'newest' | 'oldest';
  readonly limit: number;
  /** `next` of the page before. */
  readonly cursor: string | undefined;
}

/** One page of a search. */
export interface SearchPage {
  readonly spans: readonly StoredSpan[];
  /** Where the next page starts; undefined on the last one. */
  readonly next: string | undefined;
}

/** What to read back of what arrived lately. */
export interface RecentSearch {
  readonly query: Query;
  /** Received at or after. */
  readonly since: EpochMillis;
  /** Batches from this one on; and only those before the other. */
  readonly fromBatch: number;
  readonly beforeBatch: number;
  readonly limit: number;
}

/** The engine reads no statement above 256 KiB, and a key takes some 60 bytes of it. */
const KEYS_PER_STATEMENT = 1000;

/** A page this many rows larger than asked for leaves room for copies in both tables. */
const SPARE_ROWS = 16;

/** Reads spans, live and kept together. */
export class SpanStore {
  readonly #database: Database;

  constructor(database: Database) {
    this.#database = database;
  }

  /** Spans of one trace, at most `limit`, and how many more there are. A span that was received twice comes twice. */
  trace(
    id: TraceId,
    options: { limit: number; signal?: AbortSignal },
  ): Promise<{ spans: readonly Span[]; omitted: number }> {
    return this.traces([id], options);
  }

  /** As `trace`, of several traces at once: the oldest `limit` spans of all of them. */
  async traces(
    ids: readonly TraceId[],
    options: { limit: number; signal?: AbortSignal },
  ): Promise<{ spans: readonly Span[]; omitted: number }> {
    if (ids.length === 0) return { spans: [], omitted: 0 };
    const rows = await this.#database.query(traceSpans(ids, options.limit), {
      tag: 'trace',
      limits: TRACE_LIMITS,
      ...signalOf(options),
    });
    let omitted = 0;
    if (rows.length === options.limit) {
      const [count] = await this.#database.query(traceSpanCount(ids), {
        tag: 'trace-count',
        ...signalOf(options),
      });
      omitted = Math.max(0, (count ?? 0) - rows.length);
    }
    return { spans: rows.map(({ span }) => span), omitted };
  }

  /**
   * Which traces state one of these keys, the earliest first, at most `limit` of each thousand keys. A trace that states two of
   * them comes twice; one whose spans state a key with different environments comes once for each.
   *
   * @param options.except Join keys of traces to leave out.
   */
  async tracesByKey(
    keys: readonly Pick<TraceKey, 'kind' | 'key'>[],
    options: {
      around?: TimeRange;
      except?: readonly bigint[];
      limit: number;
      signal?: AbortSignal;
    },
  ): Promise<readonly TraceKey[]> {
    const { around, except = [], limit } = options;
    const found: TraceKey[] = [];
    for (let from = 0; from < keys.length; from += KEYS_PER_STATEMENT) {
      const some = keys.slice(from, from + KEYS_PER_STATEMENT);
      const rows = await this.#database.query(tracesByKey({ keys: some, around, except, limit }), {
        tag: 'traces-by-key',
        ...signalOf(options),
      });
      for (const row of rows) found.push(row);
    }
    return found;
  }

  /** Every stored row of one trace, tier by tier, marked where a later version has replaced it. */
  rawTrace(
    id: TraceId,
    options: { limit: number; signal?: AbortSignal },
  ): Promise<readonly StoredSpan[]> {
    return this.#database.query(rawTraceRows(id, options.limit), {
      tag: 'raw-trace',
      limits: TRACE_LIMITS,
      ...signalOf(options),
    });
  }

  /**
   * One page of spans that match, each span once: of a copy in each table, or of several receptions, the most complete.
   * @throws {BadRequestError} If the cursor is not one of ours.
   */
  async search(search: SpanSearch, signal?: AbortSignal): Promise<SearchPage> {
    let after = search.cursor === undefined ? undefined : decodeCursor(search.cursor);
    const { order, range, limit } = search;
    const places: FoundSpan[] = [];
    // One more than asked for tells whether there is another page. Where copies leave too few, the search goes on behind them.
    for (let rows = limit + 1 + SPARE_ROWS; places.length <= limit; rows *= 2) {
      const found = await this.#database.query(
        searchSpans({ predicate: search.query.predicate, range, order, after, limit: rows }),
        { tag: 'search', ...signalOf({ signal }) },
      );
      const certain = certainRows(found, rows);
      places.push(...foldCopies(certain.rows));
      if (certain.complete) break;
      after = certain.rows.at(-1);
    }
    const page = places.slice(0, limit);
    const last = page.at(-1);
    const more = places.length > limit && last !== undefined;
    return {
      spans: await this.#spansAt(page, signal),
      next: more ? encodeCursor(last) : undefined,
    };
  }

  /**
   * The newest matching spans of the live tier, at most `limit`, in the order in which they arrived; and how many older ones were
   * left out. A span that came twice is there twice.
   */
  async recent(
    search: RecentSearch,
    signal?: AbortSignal,
  ): Promise<{ spans: readonly StoredSpan[]; omitted: number }> {
    const { query, ...where } = search;
    const wanted = { ...where, predicate: query.predicate };
    const options = signalOf({ signal });
    const places = await this.#database.query(recentSpans(wanted), { tag: 'recent', ...options });
    if (places.length === 0) return { spans: [], omitted: 0 };
    let count: number | undefined;
    if (places.length === search.limit) {
      [count] = await this.#database.query(recentSpanCount(wanted), { tag: 'recent', ...options });
    }
    return {
      spans: await this.#spansAt(places.toReversed(), signal),
      omitted: Math.max(0, (count ?? 0) - places.length),
    };
  }

  /** Reads rows whole, in the order of their places. One that has expired since it was found is left out. */
  async #spansAt(
    places: readonly FoundSpan[],
    signal: AbortSignal | undefined,
  ): Promise<readonly StoredSpan[]> {
    const read = new Map<string, StoredSpan>();
    for (const tier of ['kept', 'live'] as const) {
      const ofTier = places.filter((place) => place.tier === tier);
      if (ofTier.length === 0) continue;
      const rows = await this.#database.query(spansAt(tier, ofTier), {
        tag: 'search-page',
        ...signalOf({ signal }),
      });
      for (const row of rows) read.set(placeKey(placeOf(row)), row);
    }
    return places.flatMap((place) => read.get(placeKey(place)) ?? []);
  }

  /** Environments seen in a range, most spans first. */
  environments(range: TimeRange, signal?: AbortSignal): Promise<readonly Environment[]> {
    return this.#database.query(environments(range), {
      tag: 'environments',
      ...signalOf({ signal }),
    });
  }

  /** Size of every table. */
  tableSizes(signal?: AbortSignal): Promise<readonly TableSize[]> {
    return this.#database.query(tableSizes(), { tag: 'table-sizes', ...signalOf({ signal }) });
  }

  /** Start of the newest span; undefined when there is none. */
  async newestSpan(signal?: AbortSignal): Promise<EpochNanos | undefined> {
    const [newest] = await this.#database.query(newestSpan(), {
      tag: 'newest-span',
      ...signalOf({ signal }),
    });
    return newest === undefined || newest <= 0n ? undefined : newest;
  }

  /** Parts the engine set aside because it could not read them. */
  brokenParts(signal?: AbortSignal): Promise<readonly BrokenPart[]> {
    return this.#database.query(brokenParts(), { tag: 'broken-parts', ...signalOf({ signal }) });
  }
}

/** A trace of 200,000 spans is read whole, attributes included. */
const TRACE_LIMITS = { memoryBytes: 1_000_000_000 } as const;

function signalOf(options: { signal?: AbortSignal | undefined }): { signal?: AbortSignal } {
  return options.signal === undefined ? {} : { signal: options.signal };
}

function placeOf(stored: StoredSpan): FoundSpan {
  const { span, tier, batch } = stored;
  const { start, flags, duration } = span;
  return { ...positionOf(stored), start, tier, batch, flags, durationNanos: duration };
}

function placeKey(place: FoundSpan): string {
  const { tier, batch, start, spanId, joinKey, source, flags, durationNanos, service } = place;
  return `${tier} ${batch} ${start} ${spanId} ${joinKey} ${source} ${flags} ${durationNanos} ${service}`;
}

/**
 * The rows nothing can be missing from. A table that gave as many rows as it was asked for may have more behind its last one,
 * so rows of the other table behind that place have to wait. When both ended by themselves, that was all.
 */
function certainRows(
  found: readonly FoundSpan[],
  rowsPerTable: number,
): { rows: readonly FoundSpan[]; complete: boolean } {
  const seen = { live: 0, kept: 0 };
  for (const [index, { tier }] of found.entries()) {
    if (++seen[tier] === rowsPerTable) return { rows: found.slice(0, index + 1), complete: false };
  }
  return { rows: found, complete: true };
}

/** Leaves one of each span. Copies stand next to each other, because everything that tells spans apart is in the order. */
function foldCopies(found: readonly FoundSpan[]): FoundSpan[] {
  const spans: FoundSpan[] = [];
  for (const place of found) {
    const last = spans.at(-1);
    if (last === undefined || !isSameSpan(last, place)) spans.push(place);
    else if (completeness(place) > completeness(last)) spans[spans.length - 1] = place;
  }
  return spans;
}

function isSameSpan(a: FoundSpan, b: FoundSpan): boolean {
  return (
    a.start === b.start &&
    a.spanId === b.spanId &&
    a.joinKey === b.joinKey &&
    a.service === b.service &&
    a.source === b.source
  );
}

/** A final version tells more than a snapshot, then the longer, by a rough measure that needs no second look. */
function completeness({ flags, durationNanos }: FoundSpan): number {
  const final = (flags & SPAN_FLAGS.partial) === 0;
  return (final ? 1e18 : 0) + durationNanos;
}
