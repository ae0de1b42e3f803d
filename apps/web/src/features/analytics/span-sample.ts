import type { SpanEvent } from '@spanloom/contract';
import { keepPreviousData, useQuery, type UseQueryResult } from '@tanstack/react-query';
import { searchSpans } from '../../data/api.ts';
import { AtMost } from '../../data/at-most.ts';
import { withClauses } from '../../data/facet-clauses.ts';
import { retryPolicy } from '../../data/queries.ts';
import { rangeMillis, type TimeRange } from '../../ui/time-range.ts';

/** Some of the spans of a range, those that failed first. */
export interface SpanSample {
  readonly spans: readonly SpanEvent[];
  /** Not every failed span fitted. */
  readonly errorsCut: boolean;
  /** Not every other span fitted. */
  readonly othersCut: boolean;
  readonly fromMs: number;
  readonly toMs: number;
}

const PAGE = 1_000;
const ERROR_PAGES = 3;
/** Many and small, or a busy range would look like stripes. */
const SLICES = 20;
const SLICE_PAGE = 600;

/** The page has other questions to ask meanwhile. */
const gate = new AtMost(3);

/** Stretches of equal length, the last one ending where the range ends. */
export function slicesOf(fromMs: number, toMs: number, count: number): readonly TimeRange[] {
  const edge = (i: number): number => Math.round(fromMs + ((toMs - fromMs) * i) / count);
  return Array.from({ length: count }, (_, i) => ({
    from: String(edge(i)),
    // Both ends belong to a search, so each slice ends before the next begins.
    to: String(i === count - 1 ? toMs : edge(i + 1) - 1),
  }));
}

/**
 * All errors that fit, and of everything else the newest of each slice of the range. Search answers newest first, so without
 * slices a busy range would be a sample of its last seconds.
 */
async function readSample(
  query: string,
  range: TimeRange,
  signal: AbortSignal,
): Promise<SpanSample> {
  const { from: fromMs, to: toMs } = rangeMillis(range, Date.now());
  const failed = withClauses(query, 'status:error') ?? query;
  const others = withClauses(query, 'status:ok') ?? query;
  const fixed = { from: String(fromMs), to: String(toMs) };
  const spans: SpanEvent[] = [];
  let cursor: string | undefined;
  for (let page = 0; page < ERROR_PAGES; page++) {
    // Each page's cursor comes with the page before.
    // oxlint-disable-next-line no-await-in-loop
    const answer = await search(failed, fixed, { limit: PAGE, cursor }, signal);
    spans.push(...answer.spans);
    cursor = answer.after;
    if (cursor === undefined) break;
  }
  const errorsCut = cursor !== undefined;
  const slices = await Promise.all(
    slicesOf(fromMs, toMs, SLICES).map((slice) =>
      gate.run(() => search(others, slice, { limit: SLICE_PAGE }, signal), signal),
    ),
  );
  for (const slice of slices) spans.push(...slice.spans);
  const othersCut = slices.some(({ after }) => after !== undefined);
  return { spans, errorsCut, othersCut, fromMs, toMs };
}

async function search(
  query: string,
  { from, to }: TimeRange,
  { limit, cursor }: { readonly limit: number; readonly cursor?: string | undefined },
  signal: AbortSignal,
): Promise<{ readonly spans: readonly SpanEvent[]; readonly after: string | undefined }> {
  const { data, meta } = await searchSpans(
    {
      data: {
        type: 'search_request',
        attributes: {
          filter: { query, from, to },
          page: { limit, ...(cursor !== undefined && { cursor }) },
        },
      },
    },
    signal,
  );
  return { spans: data, after: meta.page.after };
}

/** A sample, kept in view while the next one is awaited. */
export function useSpanSample(
  query: string,
  range: TimeRange,
  refreshMs: number | undefined,
): UseQueryResult<SpanSample> {
  return useQuery({
    queryKey: ['span-sample', query, range.from, range.to],
    queryFn: ({ signal }) => readSample(query, range, signal),
    staleTime: refreshMs ?? 60_000,
    gcTime: 30_000,
    refetchInterval: refreshMs ?? false,
    placeholderData: keepPreviousData,
    retry: retryPolicy,
  });
}
