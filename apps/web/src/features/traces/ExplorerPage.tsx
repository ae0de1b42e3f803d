import type { SpanEvent } from '@spanloom/contract';
import { useNavigate, useRouter } from '@tanstack/react-router';
import {
  lazy,
  type ReactNode,
  Suspense,
  useDeferredValue,
  useEffect,
  useMemo,
  useState,
} from 'react';
import { refreshOf } from '../../data/aggregate.ts';
import { facetSelection } from '../../data/facet-clauses.ts';
import { useUrl } from '../../data/url.ts';
import { Choice } from '../../ui/Choice.tsx';
import { Button } from '../../ui/controls.tsx';
import { SkeletonRows } from '../../ui/States.tsx';
import { useKeys } from '../../ui/use-keys.ts';
import { useMedia } from '../../ui/use-media.ts';
import { readFlags, useRemembered } from '../../ui/use-remembered.ts';
import { drillInto } from '../analytics/drill.ts';
import { readModel, type View } from '../analytics/model.ts';
import { composeQuery, queryProblem } from './compose-query.ts';
import styles from './explorer.module.css';
import { facetGroups } from './facets/facet-list.ts';
import { FacetRail } from './facets/FacetRail.tsx';
import { ProblemLine } from './ProblemLine.tsx';
import { QueryEditor } from './QueryEditor.tsx';
import { RedStrip } from './red/RedStrip.tsx';
import { SpanListView } from './SpanListView.tsx';
import { suggestionsFrom } from './suggestions.ts';
import { readExplorerView, type SpanScope } from './url.ts';
import { useSpanList } from './use-span-list.ts';
import { useZoom } from './use-zoom.ts';
import { ViewTools } from './ViewTools.tsx';

// Charts of figures are a part of the page that many visits never open.
const AnalyticsView = lazy(() =>
  import('../analytics/AnalyticsView.tsx').then((module) => ({ default: module.AnalyticsView })),
);

const scopes: readonly {
  readonly value: SpanScope;
  readonly text: string;
  readonly detail: string;
}[] = [
  { value: 'all', text: 'All spans', detail: '' },
  { value: 'entry', text: 'Service entry spans', detail: 'where a service is entered' },
  { value: 'root', text: 'Root spans', detail: 'where a trace begins' },
];

const looks: readonly { readonly value: View; readonly text: string }[] = [
  { value: 'list', text: 'List' },
  { value: 'timeseries', text: 'Timeseries' },
  { value: 'top', text: 'Top list' },
  { value: 'table', text: 'Table' },
  { value: 'scatter', text: 'Scatter' },
  { value: 'heatmap', text: 'Heatmap' },
];

/** Every span that arrives, by query: as rows, newest first, or as figures. */
export function ExplorerPage(): ReactNode {
  const [params, setUrl] = useUrl();
  const view = useMemo(() => readExplorerView(params), [params]);
  const model = useMemo(() => readModel(params), [params]);
  const isList = model.view === 'list';
  const navigate = useNavigate();
  const router = useRouter();
  const [draft, setDraft] = useState(view.q);
  const [selected, setSelected] = useState<string>();
  const [busy, setBusy] = useState(false);
  const problem = useMemo(() => queryProblem(view.q), [view.q]);
  const query = composeQuery(view.q, view.scope, view.env);
  const list = useSpanList({
    query,
    range: view.range,
    oldestFirst: view.oldestFirst,
    // Behind charts one page is enough, to know which keys there are.
    live: view.live && isList,
    paused: view.paused || !isList,
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
  const seen = useMemo(() => suggestionsFrom(settledRows), [settledRows]);
  // Keys change rarely, rows many times a second.
  const keyText = JSON.stringify(seen.attributes);
  const attributes = useMemo(() => JSON.parse(keyText) as readonly string[], [keyText]);
  const groupKeys = useMemo(
    () => [
      ...new Set([
        ...facetGroups([]).flatMap(({ facets }) => facets.map(({ key }) => key)),
        ...attributes,
      ]),
    ],
    [attributes],
  );
  const shownDraft = useDeferredValue(draft);
  const draftProblem = useMemo(() => queryProblem(shownDraft), [shownDraft]);
  const shownProblem = problem ?? (shownDraft === view.q ? undefined : draftProblem);

  const narrow = useMedia('(max-width: 1179px)');
  const small = useMedia('(max-width: 700px), (max-height: 560px)');
  const [shown, setShown] = useRemembered('explorer.shown', readFlags);
  const [overlaid, setOverlaid] = useState(false);
  const hasRail = narrow ? overlaid : shown['facets'] !== false;
  const zoom = useZoom(params, setUrl);
  const refreshMs = refreshOf(view);

  const submit = (q: string): void => {
    setDraft(q);
    setSelected(undefined);
    if (q.trim() === view.q) list.retry();
    else setUrl({ q: q.trim() }, { push: true });
  };
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
  const pause = (): void => setUrl({ paused: view.paused ? undefined : 'true' });
  useKeys({ ' ': () => (view.live ? pause() : false) });

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
          suggestions={seen}
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
      {small ? null : (
        <RedStrip
          query={query}
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
            knownKeys={attributes}
            over={narrow}
            onClose={() => setOverlaid(false)}
          />
        ) : null}
        <div className={styles['main']}>
          <ViewTools
            view={view}
            look={model.view}
            looks={looks}
            narrow={small}
            facets={{ shown: hasRail, chosen: chosenFacets(view.q) }}
            onLook={(look) =>
              setUrl({ view: look === 'list' ? undefined : look, sort: undefined }, { push: true })
            }
            onFacets={() =>
              narrow ? setOverlaid(!overlaid) : setShown({ ...shown, facets: !hasRail })
            }
            onPause={pause}
          />
          {isList || problem !== undefined ? (
            <SpanListView
              view={view}
              list={list}
              query={query}
              attributes={attributes}
              selected={selected}
              onSelect={setSelected}
              onOpen={open}
              onBusy={setBusy}
              onChange={setUrl}
            />
          ) : (
            <Suspense fallback={<SkeletonRows rows={14} />}>
              <AnalyticsView
                context={{
                  model,
                  query,
                  range: view.range,
                  live: view.live,
                  refreshMs,
                  onDrill: (part) => {
                    const change = drillInto(view.q, part);
                    if (change === undefined) return;
                    setDraft(change.q ?? '');
                    setUrl(change, { push: true });
                  },
                  onRange: zoom.into,
                  onReset: zoom.back,
                  onOpenSpan: open,
                }}
                keys={groupKeys}
                measures={seen.measures}
                onChange={(change) => setUrl(change, { push: true })}
              />
            </Suspense>
          )}
        </div>
      </div>
    </>
  );
}

/** How many facets the query says something of. */
function chosenFacets(q: string): number {
  return facetGroups([])
    .flatMap(({ facets }) => facets)
    .filter(({ key }) => {
      const { included, excluded, other } = facetSelection(q, key);
      return other || included.length + excluded.length > 0;
    }).length;
}
