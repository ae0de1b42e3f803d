import type { TraceResponse } from '@spanloom/contract';
import {
  ancestors,
  branchRows,
  initiallyCollapsed,
  panWindow,
  waterfallRows,
  wholeWindow,
  windowAround,
  zoomWindow,
} from '@spanloom/flame';
import { useNavigate } from '@tanstack/react-router';
import { type ReactNode, useDeferredValue, useEffect, useMemo, useRef, useState } from 'react';
import { carriedParams, useUrl } from '../../data/url.ts';
import { setPreferences, usePreferences } from '../../ui/preferences.ts';
import { useKeys } from '../../ui/use-keys.ts';
import { emphasisOf } from './emphasis.ts';
import { findSpans } from './find-spans.ts';
import { FlameView } from './FlameView.tsx';
import { Grip } from './Grip.tsx';
import { noGroupFilter } from './group-filter.ts';
import { buildScene, groupingOf, type Scene } from './scene.ts';
import { SpanDetail } from './SpanDetail.tsx';
import { SpanList } from './SpanList.tsx';
import styles from './trace.module.css';
import { TraceHeader } from './TraceHeader.tsx';
import { TraceTools } from './TraceTools.tsx';
import { readTraceUrl } from './url.ts';
import { useZoom } from './use-zoom.ts';
import { Waterfall } from './Waterfall.tsx';

interface Folds {
  /** The scene whose rows these are. */
  readonly scene: Scene;
  readonly collapsed: ReadonlySet<number>;
  readonly openRepeats: ReadonlySet<number>;
}

const firstFoldsOf = new WeakMap<Scene, Folds>();

/** What is folded when a scene opens. Kept per scene, so that it is the same object on every render. */
function firstFolds(scene: Scene): Folds {
  let folds = firstFoldsOf.get(scene);
  if (folds === undefined) {
    folds = {
      scene,
      collapsed: initiallyCollapsed(scene.model, scene.self),
      openRepeats: new Set(),
    };
    firstFoldsOf.set(scene, folds);
  }
  return folds;
}

/** A loaded trace with its views. Selection, window, colours and search are shared by all of them and live in the URL. */
export function TraceWorkbench({ trace }: { readonly trace: TraceResponse }): ReactNode {
  const [params, setUrl] = useUrl();
  const url = readTraceUrl(params);
  const navigate = useNavigate();
  const preferences = usePreferences();
  const [showFolded, setShowFolded] = useState(false);
  const [closed, setClosed] = useState(false);
  const [filter, setFilter] = useState(noGroupFilter);
  const [find, setFind] = useState(url.find);
  const findInput = useRef<HTMLInputElement>(null);
  const cursorNs = useRef<number>(undefined);

  const scene = useMemo(() => buildScene(trace, showFolded), [trace, showFolded]);
  const grouping = useMemo(() => groupingOf(scene, url.colourBy), [scene, url.colourBy]);
  const foldedSpans = useMemo(
    () => trace.spans.reduce((sum, span) => sum + (span.hidden ? 1 : 0), 0),
    [trace],
  );
  const [folds, setFolds] = useState(() => firstFolds(scene));
  // Spans that arrive later, or are switched on, move the rows: what was folded by row number starts over.
  const { collapsed, openRepeats } = folds.scene === scene ? folds : firstFolds(scene);
  const setCollapsed = (next: ReadonlySet<number>): void =>
    setFolds({ scene, collapsed: next, openRepeats });
  const shownRows = useMemo(
    () => waterfallRows(scene.model, collapsed, scene.repeats, openRepeats),
    [scene, collapsed, openRepeats],
  );
  const zoom = useZoom(scene.model.durationNs, url.zoom, (text) => setUrl({ zoom: text }));
  const searched = useDeferredValue(find);
  const found = useMemo(() => findSpans(scene, searched), [scene, searched]);
  const hits = 'hits' in found ? found.hits : [];
  const emphasis = useMemo(
    () =>
      emphasisOf(scene, grouping, {
        filter,
        errorsOnly: url.errorsOnly,
        hits: searched.trim() === '' || 'problem' in found ? undefined : found.hits,
      }),
    [scene, grouping, filter, url.errorsOnly, searched, found],
  );

  const named = url.spanId === undefined ? undefined : scene.model.rowById.get(url.spanId);
  const [placeholder, setPlaceholder] = useState(-1);
  const row = closed ? -1 : placeholder !== -1 ? placeholder : (named ?? scene.root);

  const select = (next: number): void => {
    if (next === -1) return;
    setClosed(false);
    const span = scene.span(next);
    bringIntoView(next);
    setPlaceholder(span === undefined ? next : -1);
    if (url.view === 'waterfall') reveal(next);
    if (span !== undefined)
      setUrl({
        span: span.span_id,
        tab: url.tab === 'errors' && span.error !== 1 ? undefined : url.tab,
      });
  };
  const bringIntoView = (next: number): void => {
    const { window } = zoom;
    const [start, end] = [scene.model.start[next]!, scene.model.end[next]!];
    if (end >= window.startNs && start <= window.endNs) return;
    zoom.setWindow(
      panWindow(
        window,
        (start + Math.min(end, start + window.endNs - window.startNs)) / 2 -
          (window.startNs + window.endNs) / 2,
        scene.model.durationNs,
      ),
    );
  };
  const reveal = (next: number): void => {
    const closedAbove = ancestors(scene.model, next).filter((up) => collapsed.has(up));
    const repeat = scene.repeats.firstOf[next]!;
    if (closedAbove.length === 0 && (repeat === -1 || openRepeats.has(repeat))) return;
    setFolds({
      scene,
      collapsed: new Set([...collapsed].filter((one) => !closedAbove.includes(one))),
      openRepeats: repeat === -1 ? openRepeats : new Set([...openRepeats, repeat]),
    });
  };
  const toggle = (next: number): void => {
    if (scene.model.size[next] === 1) return;
    const changed = new Set(collapsed);
    if (!changed.delete(next)) changed.add(next);
    setCollapsed(changed);
  };
  const stepIn = (rows: readonly number[], by: 1 | -1): void => {
    if (rows.length === 0) return;
    const at = rows.indexOf(row);
    const after = rows.findIndex((one) => one > row);
    const next =
      at !== -1
        ? at + by
        : by === 1
          ? after === -1
            ? 0
            : after
          : (after === -1 ? rows.length : after) - 1;
    select(rows[(next + rows.length) % rows.length]!);
  };
  const fit = (next: number): void =>
    zoom.jump(
      windowAround(scene.model.start[next]!, scene.model.end[next]!, scene.model.durationNs),
    );
  const pan = (share: number): void => {
    const { window } = zoom;
    zoom.setWindow(
      panWindow(window, (window.endNs - window.startNs) * share, scene.model.durationNs),
    );
  };
  const scale = (factor: number): void => {
    const { window } = zoom;
    zoom.setWindow(
      zoomWindow(
        window,
        factor,
        cursorNs.current ?? (window.startNs + window.endNs) / 2,
        scene.model.durationNs,
      ),
    );
  };
  const sibling = (by: 1 | -1): void => {
    const { parent, size } = scene.model;
    if (row === -1) return;
    const up = parent[row]!;
    const family: number[] = [];
    const stop = up === -1 ? scene.model.count : up + size[up]!;
    for (let child = up + 1; child < stop; child += size[child]!) family.push(child);
    stepIn(family, by);
  };
  const walk = (by: 1 | -1): boolean => {
    if (url.view !== 'waterfall' || row === -1) return false;
    let at = shownRows.indexOf(row) + by;
    while (at >= 0 && at < shownRows.length && shownRows[at]! < 0) at += by;
    if (at >= 0 && at < shownRows.length) select(shownRows[at]!);
    return true;
  };
  const inWaterfall = (act: () => void) => (): boolean => {
    if (url.view !== 'waterfall') return false;
    act();
    return true;
  };

  // The URL keeps the search once the typing rests.
  useEffect(() => {
    const timer = setTimeout(() => {
      if ((params.tq ?? '') !== find) setUrl({ tq: find });
    }, 400);
    return () => clearTimeout(timer);
  });

  useKeys({
    '1': () => setUrl({ tv: undefined }),
    '2': () => setUrl({ tv: 'waterfall' }),
    '3': () => setUrl({ tv: 'list' }),
    w: () => scale(0.7),
    s: () => scale(1 / 0.7),
    a: () => pan(-0.15),
    d: () => pan(0.15),
    'Shift+w': () => scale(0.3),
    'Shift+s': () => scale(1 / 0.3),
    'Shift+a': () => pan(-0.6),
    'Shift+d': () => pan(0.6),
    '0': () => zoom.jump(wholeWindow(scene.model.durationNs)),
    z: () => (row === -1 ? false : fit(row)),
    p: () => (row === -1 ? false : select(scene.model.parent[row]!)),
    'Shift+p': () => select(scene.root),
    ',': () => sibling(-1),
    '.': () => sibling(1),
    n: () => stepIn(hits, 1),
    'Shift+n': () => stepIn(hits, -1),
    e: () => stepIn(scene.errorRows, 1),
    'Shift+e': () => stepIn(scene.errorRows, -1),
    f: () => findInput.current?.focus(),
    j: () => walk(1),
    k: () => walk(-1),
    ArrowDown: () => walk(1),
    ArrowUp: () => walk(-1),
    ArrowLeft: inWaterfall(() =>
      row !== -1 && scene.model.size[row]! > 1 && !collapsed.has(row)
        ? toggle(row)
        : select(scene.model.parent[row] ?? -1),
    ),
    ArrowRight: inWaterfall(() => (row !== -1 && collapsed.has(row) ? toggle(row) : void walk(1))),
    '[': () =>
      setFolds({ scene, collapsed: new Set(), openRepeats: new Set(scene.repeats.byFirst.keys()) }),
    ']': () => setFolds({ scene, collapsed: branchRows(scene.model), openRepeats: new Set() }),
    Escape: () => {
      if (!zoom.back()) setClosed(true);
    },
  });

  const detail =
    row === -1 ? null : (
      <SpanDetail
        scene={scene}
        grouping={grouping}
        row={row}
        tab={url.tab}
        onTab={(tab) => setUrl({ tab })}
        onSelect={select}
        onFilter={(clause) =>
          void navigate({ to: '/traces', search: { ...carriedParams(params), q: clause } })
        }
        onClose={() => setClosed(true)}
      />
    );
  return (
    <div className={styles['page']} data-testid="trace-page">
      <TraceHeader scene={scene} grouping={grouping} onSelect={select} />
      <TraceTools
        url={url}
        find={find}
        findInput={findInput}
        hits={hits}
        hitIndex={hits.indexOf(row)}
        findProblem={'problem' in found ? found.problem : undefined}
        foldedSpans={foldedSpans}
        showFolded={showFolded}
        onView={(view) => setUrl({ tv: view === 'flame' ? undefined : view })}
        onColour={(by) => {
          setFilter(noGroupFilter);
          setUrl({ colorBy: by === 'service' ? undefined : by });
        }}
        onCriticalPath={(on) => setUrl({ cp: on ? undefined : 'off' })}
        onErrorsOnly={(on) => setUrl({ eo: on ? 'on' : undefined })}
        onShowFolded={(on) => {
          setPlaceholder(-1);
          setShowFolded(on);
        }}
        onFind={setFind}
        onStep={(by) => stepIn(hits, by)}
      />
      {url.view === 'flame' ? (
        <div className={styles['below']}>
          <FlameView
            scene={scene}
            grouping={grouping}
            colourBy={url.colourBy}
            emphasis={emphasis}
            criticalPath={url.criticalPath}
            selected={row}
            window={zoom.window}
            history={zoom.history}
            onCursor={(ns) => {
              cursorNs.current = ns;
            }}
            filter={filter}
            onFilter={setFilter}
            onWindow={zoom.setWindow}
            onJump={zoom.jump}
            onSelect={select}
            onFit={fit}
          />
          {detail === null ? null : (
            <>
              <Grip
                axis="y"
                label="Height of span details"
                size={preferences.detailHeight}
                onSize={(detailHeight) => setPreferences({ detailHeight })}
              />
              <div
                style={{
                  flex: `1 0 ${preferences.detailHeight}px`,
                  minHeight: 0,
                  display: 'grid',
                  gridTemplateRows: 'minmax(0, 1fr)',
                }}
              >
                {detail}
              </div>
            </>
          )}
        </div>
      ) : (
        <div className={styles['beside']}>
          {url.view === 'waterfall' ? (
            <Waterfall
              scene={scene}
              grouping={grouping}
              emphasis={emphasis}
              criticalPath={url.criticalPath}
              selected={row}
              rows={shownRows}
              collapsed={collapsed}
              openRepeats={openRepeats}
              window={zoom.window}
              onWindow={zoom.jump}
              onSelect={select}
              onToggle={toggle}
              onToggleRepeat={(first) => {
                const changed = new Set(openRepeats);
                if (!changed.delete(first)) changed.add(first);
                setFolds({ scene, collapsed, openRepeats: changed });
              }}
            />
          ) : (
            <SpanList scene={scene} grouping={grouping} emphasis={emphasis} onSelect={select} />
          )}
          {detail === null ? null : (
            <>
              <Grip
                axis="x"
                label="Width of span details"
                size={preferences.detailWidth}
                onSize={(detailWidth) => setPreferences({ detailWidth })}
              />
              <div
                style={{
                  flex: `0 0 ${preferences.detailWidth}px`,
                  minWidth: 0,
                  display: 'grid',
                  gridTemplateRows: 'minmax(0, 1fr)',
                }}
              >
                {detail}
              </div>
            </>
          )}
        </div>
      )}
    </div>
  );
}
