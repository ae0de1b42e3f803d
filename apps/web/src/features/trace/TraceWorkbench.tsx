import type { TraceResponse } from '@spanloom/contract';
import {
  ancestors,
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
import { useMedia } from '../../ui/use-media.ts';
import { emphasisOf } from './emphasis.ts';
import { findSpans } from './find-spans.ts';
import { FlameView } from './FlameView.tsx';
import { Grip } from './Grip.tsx';
import { noGroupFilter } from './group-filter.ts';
import { buildScene, groupingOf } from './scene.ts';
import { sidePanelOf } from './side-panel-choice.ts';
import { SidePanel } from './SidePanel.tsx';
import { SpanDetail } from './SpanDetail.tsx';
import { SpanList } from './SpanList.tsx';
import styles from './trace.module.css';
import { TraceHeader } from './TraceHeader.tsx';
import { TraceNotices } from './TraceNotices.tsx';
import { TraceTools } from './TraceTools.tsx';
import { readTraceUrl, type SidePanelName } from './url.ts';
import { useFolds } from './use-folds.ts';
import { useFreshRows } from './use-fresh-rows.ts';
import { useZoom } from './use-zoom.ts';
import { Waterfall } from './Waterfall.tsx';

/** A loaded trace with its views. Selection, window, colours and search are shared by all of them and live in the URL. */
export function TraceWorkbench({ trace }: { readonly trace: TraceResponse }): ReactNode {
  const [params, setUrl] = useUrl();
  const url = readTraceUrl(params);
  const navigate = useNavigate();
  const preferences = usePreferences();
  const [closed, setClosed] = useState(false);
  const [filter, setFilter] = useState(noGroupFilter);
  const [find, setFind] = useState(url.find);
  const findInput = useRef<HTMLInputElement>(null);
  const cursorNs = useRef<number>(undefined);
  const hasRoom = useMedia('(min-width: 1101px)');

  const { hideDuplicates, alignClocks } = url;
  const scene = useMemo(
    () => buildScene(trace, { includeHidden: !hideDuplicates, alignClocks }),
    [trace, hideDuplicates, alignClocks],
  );
  const grouping = useMemo(() => groupingOf(scene, url.colourBy), [scene, url.colourBy]);
  const folds = useFolds(scene);
  const fresh = useFreshRows(scene);
  const { collapsed, openRepeats } = folds;
  const panel = sidePanelOf(trace, url.panel, hasRoom);
  const shownRows = useMemo(
    () => waterfallRows(scene.model, collapsed, scene.repeats, openRepeats),
    [scene, collapsed, openRepeats],
  );
  const zoom = useZoom(
    { originNs: scene.model.originNs, totalNs: scene.model.durationNs },
    url.zoom,
    (text) => setUrl({ zoom: text }),
  );
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

  // What opened without being asked for stays selected when a parent of it arrives.
  const [home] = useState(() => (scene.root === -1 ? '' : scene.idOf(scene.root)));
  const [picked, setPicked] = useState({ scene, row: -1 });
  const wanted = url.spanId ?? home;
  // Rows may share an id: the one clicked on is the one meant, as long as it is there.
  const named =
    picked.scene === scene && picked.row !== -1 && scene.idOf(picked.row) === wanted
      ? picked.row
      : scene.rowOf(wanted);
  const row = closed ? -1 : (named ?? scene.root);
  const selectedId = row === -1 ? '' : scene.idOf(row);

  const select = (next: number): void => {
    if (next === -1) return;
    setClosed(false);
    setPicked({ scene, row: next });
    bringIntoView(next);
    if (url.view === 'waterfall') reveal(next);
    const failed = scene.span(next)?.error === 1;
    setUrl({
      span: scene.idOf(next),
      tab: url.tab === 'errors' && !failed ? undefined : url.tab,
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
    folds.open(
      ancestors(scene.model, next).filter((up) => collapsed.has(up)),
      scene.repeats.firstOf[next]!,
    );
  };
  const toggle = (next: number): void => {
    if (scene.model.size[next] === 1) return;
    const changed = new Set(collapsed);
    if (!changed.delete(next)) changed.add(next);
    folds.setCollapsed(changed);
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

  const togglePanel = (name: SidePanelName): void =>
    setUrl({ panel: panel === name ? 'off' : name });

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
    '[': folds.expandAll,
    ']': folds.collapseAll,
    r: () => togglePanel('merge'),
    h: () => setUrl({ dup: hideDuplicates ? 'show' : undefined }),
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
        onReveal={(id) => setUrl({ dup: 'show', span: id })}
        onFilter={(clause) =>
          void navigate({ to: '/traces', search: { ...carriedParams(params), q: clause } })
        }
        onClose={() => setClosed(true)}
      />
    );
  const side =
    panel === undefined ? null : (
      <SidePanel
        panel={panel}
        scene={scene}
        grouping={grouping}
        selected={row}
        onSelect={select}
        onClose={() => setUrl({ panel: 'off' })}
      />
    );
  return (
    <div className={styles['page']} data-testid="trace-page">
      <TraceHeader
        scene={scene}
        grouping={grouping}
        panel={panel}
        onPanel={togglePanel}
        onSelect={select}
      />
      <TraceNotices scene={scene} onSelect={select} />
      <TraceTools
        url={url}
        find={find}
        findInput={findInput}
        hits={hits}
        hitIndex={hits.indexOf(row)}
        findProblem={'problem' in found ? found.problem : undefined}
        trace={trace}
        panel={panel}
        onView={(view) => setUrl({ tv: view === 'flame' ? undefined : view })}
        onColour={(by) => {
          setFilter(noGroupFilter);
          setUrl({ colorBy: by === 'service' ? undefined : by });
        }}
        onCriticalPath={(on) => setUrl({ cp: on ? undefined : 'off' })}
        onErrorsOnly={(on) => setUrl({ eo: on ? 'on' : undefined })}
        onHideDuplicates={(on) => setUrl({ dup: on ? undefined : 'show' })}
        onAlignClocks={(on) => setUrl({ clk: on ? 'align' : undefined })}
        onPanel={togglePanel}
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
            fresh={fresh}
            criticalPath={url.criticalPath}
            selected={row}
            selectedId={selectedId}
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
          {detail === null && side === null ? null : (
            <>
              <Grip
                axis="y"
                label="Height of span details"
                size={preferences.detailHeight}
                onSize={(detailHeight) => setPreferences({ detailHeight })}
              />
              <div
                className={styles['lower']}
                style={{ flex: `1 0 ${preferences.detailHeight}px` }}
              >
                {detail === null ? null : <div className={styles['detail']}>{detail}</div>}
                {side}
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
              fresh={fresh}
              criticalPath={url.criticalPath}
              selected={row}
              selectedId={selectedId}
              rows={shownRows}
              collapsed={collapsed}
              openRepeats={openRepeats}
              window={zoom.window}
              onWindow={zoom.jump}
              onSelect={select}
              onToggle={toggle}
              onToggleRepeat={folds.toggleRepeat}
            />
          ) : (
            <SpanList scene={scene} grouping={grouping} emphasis={emphasis} onSelect={select} />
          )}
          {detail === null && side === null ? null : (
            <>
              <Grip
                axis="x"
                label="Width of span details"
                size={preferences.detailWidth}
                onSize={(detailWidth) => setPreferences({ detailWidth })}
              />
              <div className={styles['right']} style={{ flex: `0 0 ${preferences.detailWidth}px` }}>
                {detail === null ? null : <div className={styles['detail']}>{detail}</div>}
                {side}
              </div>
            </>
          )}
        </div>
      )}
    </div>
  );
}
