import type { ReactNode } from 'react';
import { Button, Kbd } from '../../ui/controls.tsx';
import { Icon } from '../../ui/Icon.tsx';
import { isRelative } from '../../ui/time-range.ts';
import styles from './explorer.module.css';
import { LiveStatus } from './LiveStatus.tsx';
import type { ExplorerView } from './url.ts';
import type { SpanList } from './use-span-list.ts';

interface ToolsProps {
  readonly view: ExplorerView;
  readonly list: SpanList;
  readonly onPause: () => void;
  readonly onAccept: () => void;
  /** In front. */
  readonly start: ReactNode;
  readonly children: ReactNode;
}

/** What the list is doing, what waits to get in, and its few settings. */
export function ListTools({ view, list, onPause, onAccept, start, children }: ToolsProps): ReactNode {
  const moving = isRelative(view.range) && !view.oldestFirst;
  return (
    <div className={styles['tools']}>
      {start}
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
      {view.live ? (
        <Button onClick={onPause} pressed={view.paused} data-testid="pause">
          <Icon name={view.paused ? 'play' : 'pause'} size={14} />
          {view.paused ? 'Resume' : 'Pause'}
          <Kbd>Space</Kbd>
        </Button>
      ) : null}
    </div>
  );
}
