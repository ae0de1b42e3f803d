import type { SpanEvent, SpansSearchRequest, SpansSearchResponse } from '@spanloom/contract';
import {
  type InfiniteData,
  keepPreviousData,
  useInfiniteQuery,
  useQuery,
  useQueryClient,
} from '@tanstack/react-query';
import { useMemo, useState } from 'react';
import { searchSpans } from '../../data/api.ts';
import { retryPolicy } from '../../data/queries.ts';
import { isRelative, type TimeRange } from '../../ui/time-range.ts';
import { type LiveFeed, useLiveSpans } from './use-live-spans.ts';

const PAGE = 100;
const LIVE_POLL_MS = 2_000;
const RELATIVE_POLL_MS = 10_000;
/** Above this many loaded rows new ones push out the oldest, or where they were polled for the list starts over. */
const MAX_PREPENDED = 2_000;
const MAX_TINTED = 20;

export interface SpanListRequest {
  /** As sent, scope and environment included. */
  readonly query: string;
  readonly range: TimeRange;
  readonly oldestFirst: boolean;
  readonly live: boolean;
  readonly paused: boolean;
  readonly enabled: boolean;
}

export interface SpanList {
  readonly rows: readonly SpanEvent[];
  /** Arrived since the list was loaded, newest first; shown when asked for. */
  readonly waiting: readonly SpanEvent[];
  /** How many arrived, at least: not all of them need be in `waiting`. */
  readonly waitingCount: number;
  /** More than a page arrived at once: the rest is known only by starting over. */
  readonly waitingIsPartial: boolean;
  readonly acceptWaiting: () => void;
  /** Ids put on top last, to be tinted. */
  readonly fresh: ReadonlySet<string>;
  readonly isPending: boolean;
  /** The rows are those of the query before. */
  readonly isStale: boolean;
  readonly error: Error | null;
  readonly retry: () => void;
  readonly hasMore: boolean;
  readonly isLoadingMore: boolean;
  readonly loadMore: () => void;
  /** Of the newest page, ms. */
  readonly elapsedMs: number | undefined;
  readonly warnings: SpansSearchResponse['meta']['warnings'];
  /** The stream that new spans come by; undefined where they are polled for. */
  readonly feed: LiveFeed | undefined;
}

type Pages = InfiniteData<SpansSearchResponse, string | undefined>;

/** The spans that match, page by page, and those that arrive meanwhile, which wait until they are let in. */
export function useSpanList(wanted: SpanListRequest): SpanList {
  const client = useQueryClient();
  const [fresh, setFresh] = useState<ReadonlySet<string>>(new Set());
  const key = ['spans', wanted.query, wanted.range.from, wanted.range.to, wanted.oldestFirst];
  const list = useInfiniteQuery({
    queryKey: key,
    queryFn: ({ pageParam, signal }) => searchSpans(toRequest(wanted, pageParam), signal),
    initialPageParam: undefined as string | undefined,
    getNextPageParam: (last) => last.meta.page.after,
    enabled: wanted.enabled,
    staleTime: Number.POSITIVE_INFINITY,
    gcTime: 60_000,
    // The last results stay, dimmed, until the next ones are here.
    placeholderData: keepPreviousData,
    retry: retryPolicy,
  });
  const moves = isRelative(wanted.range) && !wanted.oldestFirst;
  const { feed, take } = useLiveSpans(wanted.query, wanted.enabled && wanted.live && moves);
  const streams = feed !== undefined && feed.state !== 'failed';
  const poll = useQuery({
    queryKey: ['new-spans', ...key],
    queryFn: ({ signal }) => searchSpans(toRequest(wanted, undefined), signal),
    enabled:
      wanted.enabled &&
      moves &&
      !streams &&
      !wanted.paused &&
      list.isSuccess &&
      !list.isPlaceholderData,
    refetchInterval: wanted.live ? LIVE_POLL_MS : RELATIVE_POLL_MS,
    // The first answer of the list is as new as the first poll would be.
    staleTime: wanted.live ? LIVE_POLL_MS : RELATIVE_POLL_MS,
    initialData: undefined,
    retry: false,
    gcTime: 0,
  });
  const rows = useMemo(() => list.data?.pages.flatMap((page) => page.data) ?? [], [list.data]);
  const known = useMemo(() => new Set(rows.map((row) => row.id)), [rows]);
  const newest = rows[0]?.attributes.start_timestamp;
  const waiting = useMemo(() => {
    if (!moves || !list.isSuccess || list.isPlaceholderData) return [];
    if (feed !== undefined && streams) return newSpans(feed, known, newest);
    if (wanted.paused) return [];
    return (poll.data?.data ?? []).filter(
      (row) =>
        !known.has(row.id) && (newest === undefined || row.attributes.start_timestamp >= newest),
    );
  }, [
    feed,
    streams,
    poll.data,
    known,
    newest,
    moves,
    wanted.paused,
    list.isSuccess,
    list.isPlaceholderData,
  ]);
  const waitingIsPartial = !streams && waiting.length >= PAGE;
  // Where more arrived than is kept, those that came again cannot be told any more: then it is all that arrived.
  const overflowed = streams && feed.arrivedCount > feed.arrived.length;
  const waitingCount = overflowed ? feed.arrivedCount : waiting.length;

  const acceptWaiting = (): void => {
    if (waiting.length === 0) return;
    const polled = poll.data;
    if (!streams && polled === undefined) return;
    // A tint on every row would point at nothing.
    setFresh(new Set(waiting.length > MAX_TINTED ? [] : waiting.map((row) => row.id)));
    if (streams) {
      client.setQueryData<Pages>(
        key,
        (pages) => pages && withArrived(pages, notIn(pages, waiting)),
      );
      take();
      return;
    }
    client.setQueryData<Pages>(key, (pages) => {
      if (polled === undefined) return undefined;
      const first = pages?.pages[0];
      if (
        pages === undefined ||
        first === undefined ||
        waitingIsPartial ||
        rows.length > MAX_PREPENDED
      ) {
        // The poll asks what the list asks, so its answer is the list's new first page.
        return { pages: [polled], pageParams: [undefined] };
      }
      return {
        ...pages,
        pages: [
          { ...first, data: [...notIn(pages, waiting), ...first.data] },
          ...pages.pages.slice(1),
        ],
      };
    });
  };

  const last = list.data?.pages.at(-1);
  return {
    rows,
    waiting,
    waitingCount,
    waitingIsPartial,
    acceptWaiting,
    fresh,
    isPending: list.isPending && wanted.enabled,
    isStale: list.isPlaceholderData,
    error: list.error,
    retry: () => void list.refetch(),
    hasMore: list.hasNextPage && !list.isPlaceholderData,
    isLoadingMore: list.isFetchingNextPage,
    loadMore: () => {
      if (list.hasNextPage && !list.isFetchingNextPage) void list.fetchNextPage();
    },
    elapsedMs: last?.meta.elapsed,
    warnings: list.data?.pages[0]?.meta.warnings ?? [],
    feed,
  };
}

/** What the stream brought that the list does not have, newest start first, as the list is. */
function newSpans(
  feed: LiveFeed,
  known: ReadonlySet<string>,
  newest: string | undefined,
): readonly SpanEvent[] {
  const spans = new Map<string, SpanEvent>();
  for (const { span, old } of feed.arrived) {
    if (known.has(span.id)) continue;
    // What was there when the stream began and is older than the list's first row is further down in the list.
    if (old && newest !== undefined && isBefore(span.attributes.start_timestamp, newest)) continue;
    spans.set(span.id, span);
  }
  return [...spans.values()].toSorted((a, b) =>
    isBefore(a.attributes.start_timestamp, b.attributes.start_timestamp) ? 1 : -1,
  );
}

/** Compares times to the nanosecond. They leave out trailing zeros, so the letter at the end must not take part. */
function isBefore(a: string, b: string): boolean {
  return a.slice(0, -1) < b.slice(0, -1);
}

/** Those the list does not have: it may be asked to take them twice before it is drawn with them once. */
function notIn(pages: Pages, spans: readonly SpanEvent[]): readonly SpanEvent[] {
  const ids = new Set(pages.pages.flatMap(({ data }) => data.map(({ id }) => id)));
  return spans.filter(({ id }) => !ids.has(id));
}

/** The list with these spans on top. It keeps so many, and lets go of the oldest; those are found by choosing a range. */
function withArrived(pages: Pages, arrived: readonly SpanEvent[]): Pages {
  const first = pages.pages[0]!;
  const rows = arrived.length + pages.pages.reduce((sum, { data }) => sum + data.length, 0);
  if (rows <= MAX_PREPENDED) {
    return {
      ...pages,
      pages: [{ ...first, data: [...arrived, ...first.data] }, ...pages.pages.slice(1)],
    };
  }
  const kept = [...arrived, ...pages.pages.flatMap(({ data }) => data)].slice(0, MAX_PREPENDED);
  return {
    pages: [{ ...first, data: kept, meta: { ...first.meta, page: {} } }],
    pageParams: [undefined],
  };
}

function toRequest(wanted: SpanListRequest, cursor: string | undefined): SpansSearchRequest {
  return {
    data: {
      type: 'search_request',
      attributes: {
        filter: { from: wanted.range.from, to: wanted.range.to, query: wanted.query },
        page: { limit: PAGE, ...(cursor !== undefined && { cursor }) },
        sort: wanted.oldestFirst ? 'timestamp' : '-timestamp',
      },
    },
  };
}
