import type { SpanEvent } from '@spanloom/contract';
import { useVirtualizer } from '@tanstack/react-virtual';
import { type ReactNode, type RefObject, useEffect, useLayoutEffect, useRef } from 'react';
import { usePreferences } from '../../ui/preferences.ts';
import { useKeys } from '../../ui/use-keys.ts';
import { type ColumnId, columnsOf, rowGrid } from './columns.ts';
import { ColumnGrip } from './ColumnGrip.tsx';
import styles from './explorer.module.css';
import { SpanCell } from './SpanCell.tsx';

interface Props {
  readonly rows: readonly SpanEvent[];
  readonly columns: readonly ColumnId[];
  /** Chosen widths by column, px. */
  readonly widths: Readonly<Record<string, number>>;
  readonly onWidth: (id: ColumnId, px: number) => void;
  readonly fresh: ReadonlySet<string>;
  readonly selected: string | undefined;
  readonly dimmed: boolean;
  readonly oldestFirst: boolean;
  readonly hasMore: boolean;
  readonly scroller: RefObject<HTMLDivElement | null>;
  readonly onSelect: (id: string | undefined) => void;
  readonly onOpen: (span: SpanEvent, newTab: boolean) => void;
  readonly onSortTime: () => void;
  readonly onLoadMore: () => void;
  /** Whether the pointer is over the rows, or they are scrolled: then nothing may move by itself. */
  readonly onBusy: (busy: boolean) => void;
}

/** The span list: virtual rows, `j` and `k`, newest first unless asked otherwise. */
export function SpanTable(props: Props): ReactNode {
  const { rows, scroller, selected } = props;
  const { density } = usePreferences();
  const rowHeight = density === 'compact' ? 26 : 34;
  const shown = columnsOf(props.columns);
  // oxlint-disable-next-line react/incompatible-library -- its result is read on every render and never memoised here
  const virtual = useVirtualizer({
    count: rows.length + 1,
    getScrollElement: () => scroller.current,
    estimateSize: () => rowHeight,
    overscan: 12,
    // The sticky head is inside the scrolled area.
    paddingStart: 26,
    scrollPaddingStart: 26,
    getItemKey: (index) => rows[index]?.id ?? 'end',
  });
  useLayoutEffect(() => virtual.measure(), [rowHeight, virtual]);
  const items = virtual.getVirtualItems();
  const lastShown = items.at(-1)?.index ?? 0;
  const { hasMore, onLoadMore } = props;
  useEffect(() => {
    if (hasMore && lastShown >= rows.length - 20) onLoadMore();
  }, [hasMore, lastShown, rows.length, onLoadMore]);

  const busy = useRef({ pointer: false, scrolled: false });
  const tell = (change: Partial<{ pointer: boolean; scrolled: boolean }>): void => {
    Object.assign(busy.current, change);
    props.onBusy(busy.current.pointer || busy.current.scrolled);
  };

  const index = selected === undefined ? -1 : rows.findIndex((row) => row.id === selected);
  const move = (by: number): void => {
    if (rows.length === 0) return;
    const next = Math.min(rows.length - 1, Math.max(0, index + by));
    props.onSelect(rows[next]!.id);
    virtual.scrollToIndex(next);
  };
  const open = (event: KeyboardEvent): boolean | void => {
    // Enter on a focused button or link is its own.
    if (
      event.key === 'Enter' &&
      event.target instanceof HTMLElement &&
      event.target.closest('button,a') !== null
    )
      return false;
    const row = rows[index];
    if (row === undefined) return false;
    props.onOpen(row, event.shiftKey);
  };
  useKeys({
    j: () => move(1),
    ArrowDown: () => move(1),
    k: () => move(-1),
    ArrowUp: () => move(-1),
    Enter: open,
    o: open,
    Escape: () => props.onSelect(undefined),
  });
  const { template, minPx } = rowGrid(shown, props.widths);
  const row = { gridTemplateColumns: template, minWidth: minPx };
  return (
    <div
      ref={scroller}
      className={styles['scroller']}
      role="grid"
      aria-label="Spans"
      aria-rowcount={rows.length}
      tabIndex={0}
      data-dimmed={props.dimmed}
      data-testid="span-table"
      onScroll={(event) => tell({ scrolled: event.currentTarget.scrollTop > 0 })}
      onPointerEnter={() => tell({ pointer: true })}
      onPointerLeave={() => tell({ pointer: false })}
    >
      <div className={styles['head']} role="row" style={row}>
        {shown.map((column) =>
          column.id === 'time' ? (
            <span
              key={column.id}
              role="columnheader"
              aria-sort={props.oldestFirst ? 'ascending' : 'descending'}
            >
              <button type="button" className={styles['sorted']} onClick={props.onSortTime}>
                {column.title} {props.oldestFirst ? '↑' : '↓'}
              </button>
              <ColumnGrip title={column.title} onWidth={(px) => props.onWidth(column.id, px)} />
            </span>
          ) : (
            <span
              key={column.id}
              role="columnheader"
              className={column.numeric === true ? 'num' : undefined}
            >
              <span className="ell">{column.title}</span>
              <ColumnGrip title={column.title} onWidth={(px) => props.onWidth(column.id, px)} />
            </span>
          ),
        )}
      </div>
      <div style={{ height: virtual.getTotalSize() - 26 }} role="rowgroup">
        {items.map((item) => {
          const span = rows[item.index];
          if (span === undefined) {
            return (
              <div
                key="end"
                className={styles['more']}
                style={{ transform: `translateY(${item.start - 26}px)`, top: 26 }}
              >
                {props.hasMore
                  ? 'Loading older spans…'
                  : rows.length > 30
                    ? 'That is all in this range.'
                    : ''}
              </div>
            );
          }
          return (
            <div
              key={item.key}
              className={styles['row']}
              role="row"
              aria-selected={span.id === selected}
              aria-rowindex={item.index + 1}
              data-testid="span-row"
              data-fresh={props.fresh.has(span.id)}
              style={{ ...row, top: item.start }}
              onClick={(event) => props.onOpen(span, event.ctrlKey || event.metaKey)}
              onAuxClick={(event) => {
                if (event.button === 1) props.onOpen(span, true);
              }}
            >
              {shown.map((column) => (
                <span
                  key={column.id}
                  role="gridcell"
                  className={column.numeric === true ? 'num' : undefined}
                >
                  <SpanCell column={column.id} span={span} />
                </span>
              ))}
            </div>
          );
        })}
      </div>
    </div>
  );
}
