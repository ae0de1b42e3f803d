import { type KeyboardEvent, type ReactNode, useState } from 'react';
import { formatDuration } from '@spanloom/flame';
import { durationLimits, withDuration } from '../../../data/facet-clauses.ts';
import { useDurationHistogram } from '../../../data/use-duration-histogram.ts';
import { edgeIndices, limitsOf, trimmed } from './duration-slider.ts';
import styles from './facets.module.css';
import { countedQuery, type RailContext } from './rail-context.ts';

const KEY = '@duration';
/** Several questions stand behind it, so it is asked for less often than counts. */
const LEAST_REFRESH_MS = 15_000;

/** Durations as a histogram with two ends to move. */
export function DurationFacet({ context }: { readonly context: RailContext }): ReactNode {
  const { view, onQuery, refreshMs } = context;
  const [draft, setDraft] = useState<readonly [number, number]>();
  const query = countedQuery(view, KEY);
  const found = useDurationHistogram(query ?? '*', view.range, {
    enabled: query !== undefined,
    refreshMs: refreshMs === undefined ? undefined : Math.max(LEAST_REFRESH_MS, refreshMs),
  });
  if (query === undefined) return <p className={styles['note']}>The query cannot be read yet</p>;
  if (found.isPending) return <div className={styles['histogram']} aria-busy="true" />;
  if (found.data === undefined) {
    return (
      <p className={styles['note']} role="alert">
        {found.error?.message}{' '}
        <button type="button" className="link" onClick={() => void found.refetch()}>
          Retry
        </button>
      </p>
    );
  }
  const { edges, counts } = trimmed(found.data);
  if (counts.length === 0) return <p className={styles['note']}>No spans in this range</p>;
  const limits = durationLimits(view.q);
  const [low, high] = draft ?? edgeIndices(edges, limits);
  const most = Math.max(...counts);
  const last = edges.length - 1;
  const commit = (): void => {
    if (draft === undefined) return;
    setDraft(undefined);
    const next = withDuration(view.q, limitsOf(edges, draft));
    if (next !== undefined && next !== view.q) onQuery(next, true);
  };
  const onKeyUp = (event: KeyboardEvent): void => {
    if (/^(?:Arrow|Page|Home|End)/.test(event.key)) commit();
  };
  const text = (index: number): string => formatDuration(edges[index]!);
  return (
    <div data-testid="facet-duration">
      <div className={styles['histogram']} aria-hidden="true">
        {counts.map((count, i) => (
          <i
            key={edges[i]}
            data-in={i >= low && i < high}
            style={{ height: `${(100 * count) / most}%` }}
            title={`${text(i)} to ${text(i + 1)}: ${count.toLocaleString('en-GB')}`}
          />
        ))}
      </div>
      <div className={styles['slider']}>
        <div className={styles['track']}>
          <b style={{ left: `${(100 * low) / last}%`, right: `${100 - (100 * high) / last}%` }} />
        </div>
        <input
          type="range"
          aria-label="Shortest duration"
          aria-valuetext={low === 0 ? 'any' : text(low)}
          min={0}
          max={last}
          value={low}
          onChange={(event) => setDraft([Math.min(Number(event.target.value), high - 1), high])}
          onPointerUp={commit}
          onKeyUp={onKeyUp}
          onBlur={commit}
        />
        <input
          type="range"
          aria-label="Longest duration"
          aria-valuetext={high === last ? 'any' : text(high)}
          min={0}
          max={last}
          value={high}
          onChange={(event) => setDraft([low, Math.max(Number(event.target.value), low + 1)])}
          onPointerUp={commit}
          onKeyUp={onKeyUp}
          onBlur={commit}
        />
      </div>
      <div className={styles['limits']}>
        <span>
          {draft === undefined && limits.minNs !== undefined
            ? formatDuration(limits.minNs)
            : text(low)}
        </span>
        <span>{high === last && limits.maxNs === undefined ? 'max' : text(high)}</span>
      </div>
    </div>
  );
}
