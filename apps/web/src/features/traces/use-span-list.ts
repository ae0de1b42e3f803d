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

const PAGE = 100;
const LIVE_POLL_MS = 2_000;
const RELATIVE_POLL_MS = 10_000;
/** Above this many loaded rows new ones no longer go on top: the list starts over instead. */
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
  const poll = useQuery({
    queryKey: ['new-spans', ...key],
    queryFn: ({ signal }) => searchSpans(toRequest(wanted, undefined), signal),
    enabled: wanted.enabled && moves && !wanted.paused && list.isSuccess && !list.isPlaceholderData,
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
    if (wanted.paused || !moves || list.isPlaceholderData) return [];
    return (poll.data?.data ?? []).filter(
      (row) =>
        !known.has(row.id) && (newest === undefined || row.attributes.start_timestamp >= newest),
    );
  }, [poll.data, known, newest, moves, wanted.paused, list.isPlaceholderData]);
  const waitingIsPartial = waiting.length >= PAGE;

  const acceptWaiting = (): void => {
    const polled = poll.data;
    if (polled === undefined || waiting.length === 0) return;
    // A tint on every row would point at nothing.
    setFresh(new Set(waiting.length > MAX_TINTED ? [] : waiting.map((row) => row.id)));
    client.setQueryData<Pages>(key, (pages) => {
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
        pages: [{ ...first, data: [...waiting, ...first.data] }, ...pages.pages.slice(1)],
      };
    });
  };

  const last = list.data?.pages.at(-1);
  return {
    rows,
    waiting,
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
