import type { ReactNode } from 'react';
import { isRelative } from '../../ui/time-range.ts';
import styles from './explorer.module.css';
import { LiveStatus } from './LiveStatus.tsx';
import type { ExplorerView } from './url.ts';
import type { SpanList } from './use-span-list.ts';

interface Props {
  readonly view: ExplorerView;
  readonly list: SpanList;
  readonly onAccept: () => void;
  readonly children: ReactNode;
}

/** What the list is doing, what waits to get in, and what can be taken out of it. */
export function ListTools({ view, list, onAccept, children }: Props): ReactNode {
  const moving = isRelative(view.range) && !view.oldestFirst;
  return (
    <div className={styles['status']}>
      {view.live ? (
        <LiveStatus paused={view.paused} feed={list.feed} />
      ) : (
        <span>
          {moving ? 'Looks for newer spans every 10 s' : 'A fixed range: it does not refresh'}
        </span>
      )}
      {list.waiting.length > 0 ? (
        <button type="button" className={styles['new']} onClick={onAccept} data-testid="new-rows">
          {list.waitingIsPartial
            ? `${list.waitingCount} or more`
            : list.waitingCount.toLocaleString('en-GB')}{' '}
          new, show
        </button>
      ) : null}
      <span className={styles['spacer']} />
      {children}
    </div>
  );
}
