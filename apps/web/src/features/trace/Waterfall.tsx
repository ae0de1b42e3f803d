import {
  Emphasis,
  Flag,
  formatDuration,
  type Grouping,
  rulerTicks,
  type TimeWindow,
  UNCOUNTED,
} from '@spanloom/flame';
import { useVirtualizer } from '@tanstack/react-virtual';
import { type ReactNode, useEffect, useLayoutEffect, useMemo, useRef } from 'react';
import { formatPlural } from '../../ui/format.ts';
import { useLook } from '../../ui/preferences.ts';
import { flameLook } from './read-theme.ts';
import { RepeatRow } from './RepeatRow.tsx';
import { Ruler } from './Ruler.tsx';
import type { Scene } from './scene.ts';
import { useSize } from './use-size.ts';
import { criticalSections, WaterfallBar } from './WaterfallBar.tsx';
import styles from './Waterfall.module.css';
import { WaterfallTreeCell } from './WaterfallTreeCell.tsx';

interface Props {
  readonly scene: Scene;
  readonly grouping: Grouping;
  readonly emphasis: Uint8Array | undefined;
  readonly fresh: Uint8Array | undefined;
  readonly criticalPath: boolean;
  readonly selected: number;
  readonly selectedId: string;
  /** As `waterfallRows` gives them. */
  readonly rows: Int32Array;
  readonly collapsed: ReadonlySet<number>;
  readonly openRepeats: ReadonlySet<number>;
  readonly window: TimeWindow;
  readonly onWindow: (window: TimeWindow) => void;
  readonly onSelect: (row: number) => void;
  readonly onToggle: (row: number) => void;
  readonly onToggleRepeat: (first: number) => void;
}

/** Room for each label of the ruler. */
const TICK_PX = 72;

/** One row per span, as a tree that folds. */
export function Waterfall(props: Props): ReactNode {
  const { scene, rows, collapsed, selected } = props;
  const rowHeight = flameLook(useLook()).sizes.waterfallRow;
  const scroller = useRef<HTMLDivElement>(null);
  const ticks = useRef<HTMLDivElement>(null);
  const { width } = useSize(ticks);
  const sections = useMemo(
    () => (props.criticalPath ? criticalSections(scene) : undefined),
    [scene, props.criticalPath],
  );
  // oxlint-disable-next-line react/incompatible-library -- its result is read on every render and never memoised here
  const virtual = useVirtualizer({
    count: rows.length,
    getScrollElement: () => scroller.current,
    estimateSize: () => rowHeight,
    overscan: 16,
    paddingStart: rowHeight,
    scrollPaddingStart: rowHeight,
  });
  useLayoutEffect(() => virtual.measure(), [rowHeight, virtual]);
  const position = useMemo(() => (selected === -1 ? -1 : rows.indexOf(selected)), [rows, selected]);
  const isShown = position !== -1;
  const latest = useRef(position);
  useEffect(() => {
    latest.current = position;
  });
  // Rows move when spans arrive: only another selection, or its coming into the list, scrolls.
  useEffect(() => {
    if (isShown) virtual.scrollToIndex(latest.current);
  }, [props.selectedId, isShown, virtual]);
  const folded = useMemo(
    () => scene.model.count - rows.reduce((sum, row) => sum + (row >= 0 ? 1 : 0), 0),
    [scene, rows],
  );
  return (
    <div className={styles['view']} data-testid="waterfall">
      <div
        ref={scroller}
        className={styles['scroller']}
        role="treegrid"
        aria-label="Spans of the trace"
        aria-rowcount={rows.length}
        aria-activedescendant={position === -1 ? undefined : `row-${selected}`}
        tabIndex={0}
      >
        <div className={styles['head']} role="row">
          <span className={styles['tree']} role="columnheader">
            Service and resource
            <span className={styles['status']}>HTTP</span>
          </span>
          <span className={styles['number']} role="columnheader">
            Duration
          </span>
          <span className={styles['number']} role="columnheader">
            Self
          </span>
          <div className={styles['ticks']} role="columnheader" aria-label="Timeline" ref={ticks}>
            <Ruler
              window={props.window}
              width={width}
              spacing={TICK_PX}
              onSelect={props.onWindow}
            />
          </div>
        </div>
        <div
          className={styles['rows']}
          style={{ height: virtual.getTotalSize() - rowHeight }}
          role="rowgroup"
        >
          <GridLines window={props.window} width={width} />
          {virtual.getVirtualItems().map((item) => {
            const row = rows[item.index]!;
            const { depth, size, parent } = scene.model;
            if (row < 0) {
              return (
                <RepeatRow
                  key={row}
                  {...props}
                  first={~row}
                  top={item.start - rowHeight}
                  position={item.index + 1}
                />
              );
            }
            return (
              <div
                key={row}
                id={`row-${row}`}
                className={styles['row']}
                role="row"
                aria-level={depth[row]! + 1}
                aria-expanded={size[row]! > 1 ? !collapsed.has(row) : undefined}
                aria-selected={row === selected}
                aria-rowindex={item.index + 1}
                data-testid="waterfall-row"
                data-parent={parent[row]}
                data-fresh={props.fresh?.[row] === 1}
                data-hidden={(scene.model.flags[row]! & Flag.hidden) !== 0}
                data-dimmed={
                  props.emphasis !== undefined && props.emphasis[row] !== Emphasis.normal
                }
                style={{ top: item.start - rowHeight }}
                onClick={() => props.onSelect(row)}
                onDoubleClick={() => props.onToggle(row)}
              >
                <WaterfallTreeCell {...props} row={row} />
                <span className={styles['number']} role="gridcell">
                  {formatDuration(scene.model.end[row]! - scene.model.start[row]!)}
                </span>
                <span className={`${styles['number']} faint`} role="gridcell">
                  {(scene.model.flags[row]! & UNCOUNTED) !== 0
                    ? '–'
                    : formatDuration(scene.self[row]!)}
                </span>
                <div className={styles['cell']} role="gridcell">
                  <WaterfallBar
                    scene={scene}
                    grouping={props.grouping}
                    row={row}
                    window={props.window}
                    sections={sections}
                  />
                </div>
              </div>
            );
          })}
        </div>
      </div>
      <div className={styles['key']}>
        <span>
          <i
            style={{ background: 'var(--chart-soft)', borderLeft: '2px solid var(--chart-base)' }}
          />
          waiting for a child
        </span>
        <span>
          <i style={{ background: 'var(--chart-base)' }} />
          self time
        </span>
        <span>
          <i style={{ height: 2, background: 'var(--text-soft)' }} />
          critical path
        </span>
        <span style={{ marginLeft: 'auto' }}>
          {formatPlural(rows.length, 'row')}
          {folded > 0 ? `, ${formatPlural(folded, 'span')} folded` : ''}
        </span>
      </div>
    </div>
  );
}

/** The ruler's ticks, carried down through the rows. */
function GridLines({
  window,
  width,
}: {
  readonly window: TimeWindow;
  readonly width: number;
}): ReactNode {
  if (width === 0) return null;
  const ticks = rulerTicks(window.startNs, window.endNs, width, TICK_PX);
  return Array.from({ length: ticks.count }, (_, i) => {
    const ns = ticks.firstNs + i * ticks.stepNs;
    const x = ((ns - window.startNs) / (window.endNs - window.startNs)) * width;
    return (
      <i
        key={ns}
        className={styles['line']}
        style={{ left: `calc(var(--tree) + 132px + ${x}px)` }}
      />
    );
  });
}
