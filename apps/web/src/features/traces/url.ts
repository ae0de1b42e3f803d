import type { UrlParams } from '../../data/url.ts';
import { LIVE, readRange, type TimeRange } from '../../ui/time-range.ts';
import { type ColumnId, readColumns } from './columns.ts';

export type SpanScope = 'all' | 'entry' | 'root';

/** What the explorer shows. Each field falls back on its own, so that one bad value does not lose the rest. */
export interface ExplorerView {
  /** Exactly as typed. */
  readonly q: string;
  readonly scope: SpanScope;
  readonly env: string | undefined;
  readonly range: TimeRange;
  /** The default range, which arrives while one looks. */
  readonly live: boolean;
  readonly paused: boolean;
  readonly columns: readonly ColumnId[];
  readonly oldestFirst: boolean;
}

export function readExplorerView(params: UrlParams): ExplorerView {
  return {
    q: params.q ?? '',
    scope: params.spanScope === 'entry' || params.spanScope === 'root' ? params.spanScope : 'all',
    env: params.env,
    range: readRange(params.from, params.to, LIVE),
    live: params.from === undefined,
    paused: params.paused === 'true',
    columns: readColumns(params.cols),
    oldestFirst: params.sort === 'timestamp',
  };
}
