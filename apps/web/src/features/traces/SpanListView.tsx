import type { SpanEvent } from '@spanloom/contract';
import { type ReactNode, useRef } from 'react';
import { ApiError } from '../../data/api.ts';
import type { UrlChange } from '../../data/url.ts';
import { formatCount, formatPlural } from '../../ui/format.ts';
import { EmptyRegion, ErrorRegion, SkeletonRows } from '../../ui/States.tsx';
import { readNumbers, useRemembered } from '../../ui/use-remembered.ts';
import { ColumnMenu } from './ColumnMenu.tsx';
import { clampWidth, columnsParam } from './columns.ts';
import { queryProblem } from './compose-query.ts';
import { EmptyResults } from './EmptyResults.tsx';
import styles from './explorer.module.css';
import { ListExport } from './ListExport.tsx';
import { ListTools } from './ListTools.tsx';
import { SpanTable } from './SpanTable.tsx';
import type { ExplorerView } from './url.ts';
import type { SpanList } from './use-span-list.ts';

interface Props {
  readonly view: ExplorerView;
  readonly list: SpanList;
  /** As sent, scope and environment included. */
  readonly query: string;
  /** Attributes of the loaded spans, with their sigil. */
  readonly attributes: readonly string[];
  readonly selected: string | undefined;
  readonly onSelect: (id: string | undefined) => void;
  readonly onOpen: (span: SpanEvent, newTab: boolean) => void;
  readonly onBusy: (busy: boolean) => void;
  readonly onChange: (change: UrlChange, options?: { readonly push?: boolean }) => void;
}

/** The matching spans as rows. */
export function SpanListView(props: Props): ReactNode {
  const { view, list, onChange } = props;
  const scroller = useRef<HTMLDivElement>(null);
  const [widths, setWidths] = useRemembered('columns.width', readNumbers);
  return (
    <>
      <ListTools
        view={view}
        list={list}
        onAccept={() => {
          list.acceptWaiting();
          if (view.live && view.paused) onChange({ paused: undefined });
          scroller.current?.scrollTo({ top: 0 });
        }}
      >
        <ListExport query={props.query} range={view.range} columns={view.columns} />
        <ColumnMenu
          chosen={view.columns}
          knownKeys={props.attributes}
          onChange={(columns) => onChange({ cols: columnsParam(columns) })}
          onResetWidths={() => setWidths({})}
        />
      </ListTools>
      <Results
        view={view}
        list={list}
        onChange={(change) => onChange(change, { push: true })}
        table={
          <SpanTable
            rows={list.rows}
            columns={view.columns}
            widths={widths}
            onWidth={(id, px) => setWidths({ ...widths, [id]: clampWidth(px) })}
            fresh={list.fresh}
            selected={props.selected}
            dimmed={list.error !== null || list.isStale}
            oldestFirst={view.oldestFirst}
            hasMore={list.hasMore}
            scroller={scroller}
            onSelect={props.onSelect}
            onOpen={props.onOpen}
            onSortTime={() =>
              onChange({ sort: view.oldestFirst ? undefined : 'timestamp' }, { push: true })
            }
            onLoadMore={list.loadMore}
            onBusy={props.onBusy}
          />
        }
      />
      <footer className={styles['footer']}>
        <span data-testid="span-count">
          {list.isPending
            ? 'loading'
            : list.hasMore
              ? `${formatCount(list.rows.length)} spans loaded, more below`
              : formatPlural(list.rows.length, 'span')}
        </span>
        {list.elapsedMs === undefined ? null : <span>answered in {list.elapsedMs} ms</span>}
        <span className={styles['spacer']} />
        <span>live and kept spans together, before any sampling here</span>
      </footer>
    </>
  );
}

interface ResultsProps {
  readonly view: ExplorerView;
  readonly list: SpanList;
  readonly onChange: (change: UrlChange) => void;
  readonly table: ReactNode;
}

function Results({ view, list, onChange, table }: ResultsProps): ReactNode {
  const problem = queryProblem(view.q);
  if (problem !== undefined && list.rows.length === 0) {
    return (
      <div className={styles['scroller']}>
        <EmptyRegion icon="filter" title="The query cannot run yet" testId="query-cannot-run">
          {problem.message}. Results appear as soon as it is put right.
        </EmptyRegion>
      </div>
    );
  }
  if (list.rows.length > 0 && (list.error === null || list.isStale)) return table;
  if (list.error !== null) {
    const isQuery = list.error instanceof ApiError && list.error.code === 'BAD_QUERY';
    return (
      <div className={styles['scroller']}>
        <ErrorRegion
          title={isQuery ? 'The server could not read the query' : 'Could not load spans'}
          error={list.error}
          onRetry={list.retry}
        />
      </div>
    );
  }
  if (list.isPending) {
    return (
      <div className={styles['scroller']}>
        <SkeletonRows rows={20} />
      </div>
    );
  }
  return (
    <div className={styles['scroller']}>
      <EmptyResults view={view} onChange={onChange} />
    </div>
  );
}
