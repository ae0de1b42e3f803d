import {
  type FlameHit,
  formatDuration,
  graphHeight,
  type Grouping,
  isWhole,
  type TimeWindow,
  wholeWindow,
} from '@spanloom/flame';
import { type ReactNode, useMemo, useRef } from 'react';
import { formatPlural, formatShare } from '../../ui/format.ts';
import { useLook } from '../../ui/preferences.ts';
import { FlameCanvas } from './FlameCanvas.tsx';
import { FlameKey } from './FlameKey.tsx';
import styles from './FlameView.module.css';
import type { GroupFilter } from './group-filter.ts';
import { inferredEvidence } from './inferred-evidence.ts';
import { Legend } from './Legend.tsx';
import { Minimap } from './Minimap.tsx';
import { probableCause } from './missing-parent.ts';
import { orphansOf } from './orphans.ts';
import { flameLook } from './read-theme.ts';
import { Ruler } from './Ruler.tsx';
import type { Scene } from './scene.ts';
import { sourcesOf, sourceWords } from './span-source.ts';
import { useSize } from './use-size.ts';

interface Props {
  readonly scene: Scene;
  readonly grouping: Grouping;
  readonly colourBy: string;
  readonly emphasis: Uint8Array | undefined;
  readonly fresh: Uint8Array | undefined;
  readonly criticalPath: boolean;
  readonly selected: number;
  readonly selectedId: string;
  readonly window: TimeWindow;
  /** Earlier windows, oldest first. */
  readonly history: readonly TimeWindow[];
  readonly onCursor: (ns: number | undefined) => void;
  readonly filter: GroupFilter;
  readonly onFilter: (filter: GroupFilter) => void;
  readonly onWindow: (window: TimeWindow) => void;
  /** A window chosen in one step, to be remembered. */
  readonly onJump: (window: TimeWindow) => void;
  readonly onSelect: (row: number) => void;
  readonly onFit: (row: number) => void;
}

/** Height of minimap, ruler and the strip below the graph, borders included. */
const CHROME_PX = 40 + 22 + 25;

/** Minimap, ruler, flame graph and legend. */
export function FlameView(props: Props): ReactNode {
  const { scene, grouping, window, selected } = props;
  const { theme, sizes } = flameLook(useLook());
  const stage = useRef<HTMLDivElement>(null);
  const { width } = useSize(stage);
  const afterRoot = useMemo(() => endOfRoot(scene), [scene]);
  const natural = graphHeight(scene.rows, sizes.line, 5) + CHROME_PX;
  return (
    <div
      className={styles['view']}
      style={{ flex: `0 1 ${Math.max(200, natural)}px` }}
      data-testid="flame-view"
    >
      <div className={styles['stage']} ref={stage}>
        <Minimap
          scene={scene}
          grouping={grouping}
          emphasis={props.emphasis}
          theme={theme}
          window={window}
          onWindow={props.onWindow}
        />
        <Ruler window={window} width={width} onSelect={props.onJump} />
        <FlameCanvas
          scene={{
            model: scene.model,
            rows: scene.rows,
            grouping,
            label: scene.label,
            emphasis: props.emphasis,
            criticalPath: props.criticalPath ? scene.critical : undefined,
            selected,
            afterRoot,
          }}
          fresh={props.fresh}
          theme={theme}
          sizes={sizes}
          window={window}
          selectedId={props.selectedId}
          onCursor={props.onCursor}
          onWindow={props.onWindow}
          onSelect={props.onSelect}
          onFit={props.onFit}
          renderTooltip={(hit) => <HitTip scene={scene} hit={hit} />}
          label={`Flame graph of ${scene.model.count} spans over ${formatDuration(scene.model.durationNs)}. The waterfall view lists the same spans as a tree.`}
        />
        <div className={styles['strip']}>
          <FlameKey scene={scene} />
          <ZoomCrumbs {...props} />
        </div>
      </div>
      <Legend
        scene={scene}
        grouping={grouping}
        title={capital(props.colourBy)}
        filter={props.filter}
        onFilter={props.onFilter}
      />
    </div>
  );
}

function capital(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}

/** Where the root ended while other work went on, when that is a visible part of the trace. */
function endOfRoot(scene: Scene): { readonly ns: number; readonly note: string } | undefined {
  const { model, root } = scene;
  if (root === -1) return undefined;
  const end = model.end[root]!;
  if (model.durationNs - end < model.durationNs * 0.02) return undefined;
  const length = formatDuration(end - model.start[root]!);
  return {
    ns: end,
    note: `${length}: ${scene.span(root)?.service ?? 'the root'} was done; the rest ran after it`,
  };
}

function HitTip({ scene, hit }: { readonly scene: Scene; readonly hit: FlameHit }): ReactNode {
  if (hit.merged > 1) {
    return (
      <>
        <div className="medium">
          {hit.merged} spans within a pixel <span className="faint">click to zoom in</span>
        </div>
        {hit.rows.slice(0, 5).map((row) => (
          <div key={row}>
            <span className="medium">
              {formatDuration(scene.model.end[row]! - scene.model.start[row]!)}
            </span>{' '}
            <span className="faint">{scene.label(row)}</span>
          </div>
        ))}
      </>
    );
  }
  const { row } = hit;
  const span = scene.span(row);
  const evidence = span === undefined ? undefined : inferredEvidence(span);
  const length = scene.model.end[row]! - scene.model.start[row]!;
  return (
    <>
      <div className="medium">
        {scene.label(row)}{' '}
        <span className="faint">
          {span === undefined ? missingWords(scene, row) : `${span.service}, ${span.name}`}
        </span>
      </div>
      <div>
        <span className="medium">{formatDuration(length)}</span>
        <span className="faint">
          , {formatShare(length, scene.model.durationNs)} of trace, self{' '}
          {formatDuration(scene.self[row]!)}
        </span>
        {span?.error === 1 ? (
          <span className="err"> {span.meta['error.type'] ?? 'error'}</span>
        ) : null}
        {span?.unfinished === true ? <span className="warn"> did not finish</span> : null}
      </div>
      {span === undefined ? null : (
        <div className="faint">
          {sourceWords(sourcesOf(span, scene.spanById))}
          {span.folded.length === 0
            ? ''
            : `, shows ${formatPlural(span.folded.length, 'more span')}`}
          {span.hidden ? `, ${span.hidden_reason ?? 'shown by another span'}` : ''}
          {evidence === undefined ? '' : `, from ${evidence}`}
        </div>
      )}
    </>
  );
}

function missingWords(scene: Scene, placeholder: number): string {
  const orphans = orphansOf(scene, placeholder).map((orphan) => scene.span(orphan)!);
  return `never received, probably ${probableCause(scene.trace, orphans, Date.now()).short}`;
}

/** The windows one came through, to step back to. */
function ZoomCrumbs({ scene, window, history, onJump }: Props): ReactNode {
  const total = scene.model.durationNs;
  if (isWhole(window, total)) return null;
  return (
    <nav className={styles['crumbs']} aria-label="Zoom">
      <button type="button" onClick={() => onJump(wholeWindow(total))}>
        {formatDuration(total)}
      </button>
      {history.slice(-2).map((earlier, i) => (
        <button key={i} type="button" onClick={() => onJump(earlier)}>
          {formatDuration(earlier.endNs - earlier.startNs)}
        </button>
      ))}
      <span className="faint">{formatDuration(window.endNs - window.startNs)}</span>
    </nav>
  );
}
