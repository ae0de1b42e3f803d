import { Menu } from '@base-ui/react/menu';
import { type ReactNode, useEffect, useRef, useState } from 'react';
import { aggregateSpans } from '../../data/aggregate.ts';
import { searchSpans } from '../../data/api.ts';
import { Button, buttonClass, controlStyles } from '../../ui/controls.tsx';
import { fileName, saveFile } from '../../ui/csv.ts';
import { formatCount } from '../../ui/format.ts';
import { Icon } from '../../ui/Icon.tsx';
import { rangeMillis, type TimeRange } from '../../ui/time-range.ts';
import type { ColumnId } from './columns.ts';
import { type ExportKind, type ExportProgress, exportSpans, MOST_ROWS } from './export-spans.ts';

interface Props {
  readonly query: string;
  readonly range: TimeRange;
  readonly columns: readonly ColumnId[];
}

/** Saves every matching span, not only those loaded, with progress and a way to stop. */
export function ListExport({ query, range, columns }: Props): ReactNode {
  const [progress, setProgress] = useState<ExportProgress>();
  const [outcome, setOutcome] = useState('');
  const running = useRef<AbortController>(undefined);
  useEffect(() => () => running.current?.abort(), []);

  const run = async (kind: ExportKind): Promise<void> => {
    const stop = new AbortController();
    running.current = stop;
    setOutcome('');
    setProgress({ rows: 0, total: undefined });
    // The range stands still while pages are read.
    const { from, to } = rangeMillis(range, Date.now());
    const fixed: TimeRange = { from: String(from), to: String(to) };
    // The number is only for the progress; without it the export goes on.
    countSpans(query, fixed, stop.signal).then(
      (total) => setProgress((last) => last && { ...last, total }),
      () => undefined,
    );
    try {
      const { parts, rows, truncated } = await exportSpans(kind, columns, {
        page: (cursor, limit) =>
          searchSpans(
            {
              data: {
                type: 'search_request',
                attributes: {
                  filter: { query, ...fixed },
                  page: { limit, ...(cursor !== undefined && { cursor }) },
                },
              },
            },
            stop.signal,
          ),
        onRows: (count) => setProgress((last) => last && { ...last, rows: count }),
      });
      const type = kind === 'csv' ? 'text/csv;charset=utf-8' : 'application/json';
      saveFile(fileName('spans', kind, Date.now()), type, parts);
      setOutcome(
        truncated
          ? `The newest ${rows.toLocaleString('en-GB')} saved; there are more`
          : `${rows.toLocaleString('en-GB')} saved`,
      );
    } catch (error) {
      setOutcome(
        stop.signal.aborted
          ? 'Export stopped, nothing saved'
          : `Export failed: ${error instanceof Error ? error.message : String(error)}`,
      );
    } finally {
      setProgress(undefined);
    }
  };

  if (progress !== undefined) {
    const { rows, total } = progress;
    return (
      <>
        <span role="status" data-testid="export-progress">
          exporting {formatCount(rows)}
          {total === undefined ? '' : ` of ${formatCount(total)}`}
        </span>
        <progress
          aria-label="Export"
          style={{ width: 70 }}
          {...(total === undefined ? {} : { value: rows, max: Math.max(1, total) })}
        />
        <Button onClick={() => running.current?.abort()} data-testid="export-cancel">
          Cancel
        </Button>
      </>
    );
  }
  return (
    <>
      {outcome === '' ? null : (
        <span role="status" data-testid="export-outcome">
          {outcome}
        </span>
      )}
      <Menu.Root>
        <Menu.Trigger className={buttonClass('ghost')} data-testid="export-list">
          Export
          <Icon name="down" size={12} />
        </Menu.Trigger>
        <Menu.Portal>
          <Menu.Positioner sideOffset={4} align="end" className={controlStyles['positioner']}>
            <Menu.Popup className={`${controlStyles['popup']} ${controlStyles['menu']}`}>
              <Menu.Item className={controlStyles['menuItem']} onClick={() => void run('csv')}>
                CSV, the columns shown
              </Menu.Item>
              <Menu.Item className={controlStyles['menuItem']} onClick={() => void run('json')}>
                JSON, whole spans
              </Menu.Item>
              <div className={controlStyles['menuLabel']}>
                Newest first, up to {MOST_ROWS.toLocaleString('en-GB')}
              </div>
            </Menu.Popup>
          </Menu.Positioner>
        </Menu.Portal>
      </Menu.Root>
    </>
  );
}

/** How many rows an export will have. */
async function countSpans(query: string, range: TimeRange, signal: AbortSignal): Promise<number> {
  const compute = [{ aggregation: 'count' }] as const;
  const { buckets } = await aggregateSpans({ query, range, compute }, 'UTC', signal);
  return Math.min(MOST_ROWS, Number(buckets[0]?.attributes.computes['c0'] ?? 0));
}
