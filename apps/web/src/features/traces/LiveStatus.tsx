import { type ReactNode, useState } from 'react';
import { Dot } from '../../ui/controls.tsx';
import { formatClock, formatCount } from '../../ui/format.ts';
import { usePreferences } from '../../ui/preferences.ts';
import styles from './explorer.module.css';
import type { LiveFeed } from './use-live-spans.ts';

/** Below this a reader would not notice. */
const LATE_MS = 1_000;

interface Props {
  readonly paused: boolean;
  /** Undefined where the list does not follow: in another order than newest first. */
  readonly feed: LiveFeed | undefined;
}

/** What Live Search is doing: since when it is paused, how much arrives, how late, and how much of it is shown. */
export function LiveStatus({ paused, feed }: Props): ReactNode {
  const well = feed === undefined || feed.state === 'live' || feed.state === 'connecting';
  return (
    <>
      <span className={paused ? undefined : styles['pulse']}>
        <Dot state={paused ? 'idle' : well ? 'ok' : 'warn'} />
      </span>
      <span data-testid="live-status" data-state={feed?.state}>
        <b className="medium" style={{ color: 'var(--text)' }}>
          {paused ? <PausedSince /> : 'Live'}
        </b>
        <span className={styles['long']}>, every ingested span of the past 15 minutes</span>
      </span>
      {feed === undefined ? null : <FeedFacts feed={feed} />}
    </>
  );
}

/** Mounted when the list is paused, which is the time it shows. */
function PausedSince(): ReactNode {
  const { timeZone } = usePreferences();
  const [pausedMs] = useState(() => Date.now());
  return `Paused at ${formatClock(pausedMs, timeZone).slice(0, 8)}`;
}

function FeedFacts({ feed }: { readonly feed: LiveFeed }): ReactNode {
  if (feed.state === 'reconnecting') return <span className="warn">reconnecting…</span>;
  if (feed.state === 'failed') {
    return <span className="warn">the stream is refused; looks for newer spans every 2 s</span>;
  }
  const { rate, dropped, lagMs } = feed;
  return (
    <>
      {rate === undefined ? null : (
        <span data-testid="live-rate" className={styles['long']}>
          {formatCount(rate.spans_per_second)} spans/s
        </span>
      )}
      {lagMs >= LATE_MS ? <span className="warn">{(lagMs / 1000).toFixed(1)} s behind</span> : null}
      {dropped === undefined ? null : (
        <span className="warn" data-testid="live-sampled">
          {shareText(dropped.count, dropped.matched)}
        </span>
      )}
    </>
  );
}

function shareText(dropped: number, matched: number): string {
  const shown = matched - dropped;
  if (shown <= 0) return `${formatCount(dropped)} matching spans not shown`;
  return `showing ~1 of ${Math.max(2, Math.round(matched / shown))} matching spans`;
}
