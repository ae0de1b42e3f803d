import type { SpansSearchRequest, SpansSearchResponse } from '@spanloom/contract';
import type { ServerClient } from './server-client.ts';

/** As many as the server gives at once. */
const MAX_PAGE = 1_000;

/** What to search for. */
export interface SpanSearch {
  readonly query: string;
  readonly from: string;
  readonly to: string;
  readonly order: 'newest' | 'oldest';
  /** How many spans in all. */
  readonly limit: number;
  /** Where an earlier search stopped. */
  readonly cursor?: string | undefined;
}

/** Answers page by page until there is no more, or `limit` spans have come. */
export async function* searchSpans(
  server: ServerClient,
  search: SpanSearch,
): AsyncGenerator<SpansSearchResponse> {
  let { cursor } = search;
  let left = search.limit;
  while (left > 0) {
    const request: SpansSearchRequest = {
      data: {
        type: 'search_request',
        attributes: {
          filter: {
            query: search.query === '' ? '*' : search.query,
            from: search.from,
            to: search.to,
          },
          page: { limit: Math.min(left, MAX_PAGE), ...(cursor === undefined ? {} : { cursor }) },
          sort: search.order === 'newest' ? '-timestamp' : 'timestamp',
        },
      },
    };
    const page = await server.post<SpansSearchResponse>('/api/v2/spans/events/search', request);
    yield page;
    left -= page.data.length;
    cursor = page.meta.page.after;
    if (cursor === undefined) return;
  }
}
