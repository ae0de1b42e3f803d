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
import { formatShare } from '../../ui/format.ts';
import { Icon } from '../../ui/Icon.tsx';
import { useLook } from '../../ui/preferences.ts';
import { FlameCanvas } from './FlameCanvas.tsx';
import styles from './FlameView.module.css';
import type { GroupFilter } from './group-filter.ts';
import { Legend } from './Legend.tsx';
import { Minimap } from './Minimap.tsx';
import { flameLook } from './read-theme.ts';
import { Ruler } from './Ruler.tsx';
import type { Scene } from './scene.ts';
import { useSize } from './use-size.ts';

interface Props {
  readonly scene: Scene;
  readonly grouping: Grouping;
  readonly colourBy: string;
  readonly emphasis: Uint8Array | undefined;
  readonly criticalPath: boolean;
  readonly selected: number;
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
          theme={theme}
          sizes={sizes}
          window={window}
          onCursor={props.onCursor}
          onWindow={props.onWindow}
          onSelect={props.onSelect}
          onFit={props.onFit}
          renderTooltip={(hit) => <HitTip scene={scene} hit={hit} />}
          label={`Flame graph of ${scene.model.count} spans over ${formatDuration(scene.model.durationNs)}. The waterfall view lists the same spans as a tree.`}
        />
        <div className={styles['strip']}>
          <Key scene={scene} />
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
  const length = scene.model.end[row]! - scene.model.start[row]!;
  return (
    <>
      <div className="medium">
        {scene.label(row)}{' '}
        <span className="faint">
          {span === undefined ? 'never received' : `${span.service}, ${span.name}`}
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
      </div>
    </>
  );
}

/** What the marks mean; only those this trace has. */
function Key({ scene }: { readonly scene: Scene }): ReactNode {
  const { sources } = scene.trace;
  return (
    <div className={styles['key']} aria-hidden="true">
      {sources.datadog > 0 ? (
        <span>
          <i
            style={{ background: 'var(--chart-soft)', borderLeft: '2px solid var(--chart-base)' }}
          />
          APM
        </span>
      ) : null}
      {sources.otlp > 0 ? (
        <span>
          <i
            style={{ background: 'var(--chart-soft)', borderLeft: '2px solid var(--chart-base)' }}
          />
          OpenTelemetry
        </span>
      ) : null}
      {sources.xray > 0 ? (
        <span>
          <i
            style={{
              background:
                'repeating-linear-gradient(135deg, transparent 0 3px, var(--chart-base) 3px 4px)',
            }}
          />
          X-Ray
        </span>
      ) : null}
      {sources.xray > 0 && sources.datadog > 0 ? (
        <span>
          <Icon name="merge" size={12} />
          both, merged
        </span>
      ) : null}
      {sources.inferred > 0 ? (
        <span>
          <i style={{ border: '1px dashed var(--chart-base)' }} />
          inferred
        </span>
      ) : null}
      <span>
        <i style={{ height: 2, background: 'var(--text-soft)' }} />
        critical path
      </span>
      {scene.errorRows.length > 0 ? (
        <span>
          <i style={{ border: '1.5px solid var(--error)' }} />
          error
        </span>
      ) : null}
    </div>
  );
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
