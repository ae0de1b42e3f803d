import type { ReactNode } from 'react';
import { EmptyRegion, ErrorRegion, SkeletonRows } from '../../ui/States.tsx';
import styles from './analytics.module.css';

interface Props {
  readonly pending: boolean;
  readonly error: Error | null;
  readonly onRetry: () => void;
}

/** What stands where figures are not there yet, or cannot be had. */
export function FigureState({ pending, error, onRetry }: Props): ReactNode {
  return (
    <div className={styles['scroller']}>
      {error !== null ? (
        <ErrorRegion title="Could not compute" error={error} onRetry={onRetry} />
      ) : pending ? (
        <SkeletonRows rows={14} />
      ) : (
        <EmptyRegion icon="filter" title="Nothing matches" testId="analytics-empty">
          No span of this range matches the query. Widen the range, or take a clause out; the list
          says which one hides the most.
        </EmptyRegion>
      )}
    </div>
  );
}
