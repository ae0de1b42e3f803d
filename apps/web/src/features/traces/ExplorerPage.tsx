import type { SpanEvent } from '@spanloom/contract';
import { useNavigate, useRouter } from '@tanstack/react-router';
import { type ReactNode, useDeferredValue, useEffect, useMemo, useRef, useState } from 'react';
import { ApiError } from '../../data/api.ts';
import { refreshOf } from '../../data/aggregate.ts';
import { facetSelection } from '../../data/facet-clauses.ts';
import { type UrlChange, useUrl } from '../../data/url.ts';
import { Choice } from '../../ui/Choice.tsx';
import { Button } from '../../ui/controls.tsx';
import { formatCount, formatPlural } from '../../ui/format.ts';
import { Icon } from '../../ui/Icon.tsx';
import { EmptyRegion, ErrorRegion, SkeletonRows } from '../../ui/States.tsx';
import { useKeys } from '../../ui/use-keys.ts';
import { useMedia } from '../../ui/use-media.ts';
import { readFlags, useRemembered } from '../../ui/use-remembered.ts';
import { ColumnMenu } from './ColumnMenu.tsx';
import { defaultColumns } from './columns.ts';
import { composeQuery, queryProblem } from './compose-query.ts';
import { EmptyResults } from './EmptyResults.tsx';
import styles from './explorer.module.css';
import { facetGroups } from './facets/facet-list.ts';
import { FacetRail } from './facets/FacetRail.tsx';
import { ListTools } from './ListTools.tsx';
import { QueryEditor } from './QueryEditor.tsx';
import { RedStrip } from './red/RedStrip.tsx';
import { SpanTable } from './SpanTable.tsx';
import { suggestionsFrom } from './suggestions.ts';
import { type ExplorerView, readExplorerView, type SpanScope } from './url.ts';
import { type SpanList, useSpanList } from './use-span-list.ts';
import { useZoom } from './use-zoom.ts';

const scopes: readonly {
  readonly value: SpanScope;
  readonly text: string;
  readonly detail: string;
}[] = [
  { value: 'all', text: 'All spans', detail: '' },
  { value: 'entry', text: 'Service entry spans', detail: 'where a service is entered' },
  { value: 'root', text: 'Root spans', detail: 'where a trace begins' },
];

/** Every span that arrives, by query, newest first. */
export function ExplorerPage(): ReactNode {
  const [params, setUrl] = useUrl();
  const view = readExplorerView(params);
  const navigate = useNavigate();
  const router = useRouter();
  const scroller = useRef<HTMLDivElement>(null);
  const [draft, setDraft] = useState(view.q);
  const [selected, setSelected] = useState<string>();
  const [busy, setBusy] = useState(false);
  const problem = useMemo(() => queryProblem(view.q), [view.q]);
  const list = useSpanList({
    query: composeQuery(view.q, view.scope, view.env),
    range: view.range,
    oldestFirst: view.oldestFirst,
    live: view.live,
    paused: view.paused,
    enabled: problem === undefined,
  });
  const { waiting, acceptWaiting } = list;
  // Rows may move by themselves only while nobody points at them, reads on, or walks them.
  const letIn =
    waiting.length > 0 &&
    !(view.live && view.paused) &&
    (list.rows.length === 0 || (view.live && !busy && selected === undefined));
  useEffect(() => {
    if (letIn) acceptWaiting();
  });
  const settledRows = useDeferredValue(list.rows);
  const suggestions = useMemo(() => suggestionsFrom(settledRows), [settledRows]);
  const shownDraft = useDeferredValue(draft);
  const draftProblem = useMemo(() => queryProblem(shownDraft), [shownDraft]);
  const shownProblem = problem ?? (shownDraft === view.q ? undefined : draftProblem);

  const submit = (q: string): void => {
    setDraft(q);
    setSelected(undefined);
    if (q.trim() === view.q) list.retry();
    else setUrl({ q: q.trim() }, { push: true });
  };
  const narrow = useMedia('(max-width: 1179px)');
  const small = useMedia('(max-width: 700px), (max-height: 560px)');
  const [shown, setShown] = useRemembered('explorer.shown', readFlags);
  const [overlaid, setOverlaid] = useState(false);
  const hasRail = narrow ? overlaid : shown['facets'] !== false;
  const zoom = useZoom(params, setUrl);
  const refreshMs = refreshOf(view);
  const changeQuery = (q: string, keepsEnv: boolean): void => {
    setDraft(q);
    setSelected(undefined);
    setUrl({ q, ...(!keepsEnv && { env: undefined }) }, { push: true });
  };
  const open = (span: SpanEvent, newTab: boolean): void => {
    const { trace_id: traceId, span_id: spanId, env } = span.attributes;
    const to = {
      to: '/trace/$traceId',
      params: { traceId },
      search: { ...params, span: spanId, ...(env !== '' && { env }) },
    } as const;
    if (newTab) window.open(router.buildLocation(to).href, '_blank', 'noopener');
    else void navigate(to);
  };
  useKeys({
    ' ': () => (view.live ? setUrl({ paused: view.paused ? undefined : 'true' }) : false),
  });

  const chosenFacets = facetGroups([])
    .flatMap(({ facets }) => facets)
    .filter(({ key }) => {
      const { included, excluded, other } = facetSelection(view.q, key);
      return other || included.length + excluded.length > 0;
    }).length;

  return (
    <>
      <div className={styles['bar']} role="search" aria-label="Spans">
        <Choice
          label="Scope"
          hideLabel
          value={view.scope}
          options={scopes}
          testId="scope-select"
          onChange={(scope) =>
            setUrl({ spanScope: scope === 'all' ? undefined : scope }, { push: true })
          }
        />
        <QueryEditor
          value={view.q}
          invalid={problem !== undefined}
          suggestions={suggestions}
          onSubmit={submit}
          onDraft={setDraft}
        />
        <Button onClick={() => submit(draft)} data-testid="run-query">
          Run
        </Button>
      </div>
      {shownProblem === undefined ? null : (
        <ProblemLine
          problem={shownProblem}
          onUse={(suggestion) =>
            submit(draft.slice(0, shownProblem.start) + suggestion + draft.slice(shownProblem.end))
          }
        />
      )}
      {list.warnings.map((warning) => (
        <p key={warning.detail} className={styles['hint']}>
          {warning.detail}
        </p>
      ))}
      {small || problem !== undefined ? null : (
        <RedStrip
          query={composeQuery(view.q, view.scope, view.env)}
          range={view.range}
          refreshMs={refreshMs}
          enabled={problem === undefined}
          onRange={zoom.into}
          onReset={zoom.back}
        />
      )}
      <div className={styles['body']}>
        {hasRail ? (
          <FacetRail
            context={{ view, refreshMs, onQuery: changeQuery }}
            knownKeys={suggestions.keys.map(({ name }) => `@${name}`)}
            over={narrow}
          />
        ) : null}
        <div className={styles['main']}>
          <ListTools
            view={view}
            start={
              <Button
                look="ghost"
                pressed={hasRail}
                data-testid="facets-toggle"
                onClick={() =>
                  narrow ? setOverlaid(!overlaid) : setShown({ ...shown, facets: !hasRail })
                }
              >
                <Icon name="filter" size={14} />
                Facets
                {chosenFacets === 0 ? null : <b>{chosenFacets}</b>}
              </Button>
            }
            list={list}
            onPause={() => setUrl({ paused: view.paused ? undefined : 'true' })}
            onAccept={() => {
              acceptWaiting();
              if (view.live && view.paused) setUrl({ paused: undefined });
              scroller.current?.scrollTo({ top: 0 });
            }}
          >
            <ColumnMenu
              chosen={view.columns}
              onChange={(columns) =>
                setUrl({
                  cols: columns.join(',') === defaultColumns.join(',') ? undefined : columns.join(','),
                })
              }
            />
          </ListTools>
          <Results
            view={view}
            list={list}
            onChange={(change) => setUrl(change, { push: true })}
            table={
              <SpanTable
                rows={list.rows}
                columns={view.columns}
                fresh={list.fresh}
                selected={selected}
                dimmed={list.error !== null || list.isStale}
                oldestFirst={view.oldestFirst}
                hasMore={list.hasMore}
                scroller={scroller}
                onSelect={setSelected}
                onOpen={open}
                onSortTime={() =>
                  setUrl({ sort: view.oldestFirst ? undefined : 'timestamp' }, { push: true })
                }
                onLoadMore={list.loadMore}
                onBusy={setBusy}
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
        </div>
      </div>
    </>
  );
}

interface ProblemLineProps {
  readonly problem: {
    readonly message: string;
    readonly start: number;
    readonly suggestion?: string;
  };
  readonly onUse: (suggestion: string) => void;
}

function ProblemLine({ problem, onUse }: ProblemLineProps): ReactNode {
  const { suggestion } = problem;
  return (
    <p className={styles['problem']} role="alert" data-testid="query-problem">
      At {problem.start + 1}: {problem.message}{' '}
      {suggestion === undefined ? null : (
        <button type="button" className="link" onClick={() => onUse(suggestion)}>
          Use <span className="mono">{suggestion}</span>
        </button>
      )}
    </p>
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
