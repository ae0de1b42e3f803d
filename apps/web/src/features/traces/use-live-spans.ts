import type { LiveDropped, LiveRate, SpanEvent } from '@spanloom/contract';
import { useEffect, useState } from 'react';
import { followSpans, type LiveState } from '../../data/live-stream.ts';

/** How many spans wait for a paused list. */
const KEPT = 2_000;
/** Spans come one by one and are shown together. */
const GATHER_MS = 80;

/** What the stream of one query has brought and the list has not taken yet. */
export interface LiveFeed {
  readonly state: LiveState;
  /** In order of arrival, the last ones when there are many. */
  readonly arrived: readonly ArrivedSpan[];
  /** All that arrived. */
  readonly arrivedCount: number;
  readonly rate: LiveRate | undefined;
  readonly lagMs: number;
  /** Of the last second. */
  readonly dropped: LiveDropped | undefined;
}

interface ArrivedSpan {
  readonly span: SpanEvent;
  /** It was there when the stream began, so the list may have it, or have passed it. */
  readonly old: boolean;
}

const NOTHING: LiveFeed = {
  state: 'connecting',
  arrived: [],
  arrivedCount: 0,
  rate: undefined,
  lagMs: 0,
  dropped: undefined,
};

/** Follows a query while it is enabled, and a way to say that what has arrived is taken. */
export function useLiveSpans(
  query: string,
  enabled: boolean,
): { readonly feed: LiveFeed | undefined; readonly take: () => void } {
  const [feed, setFeed] = useState<{ readonly query: string; readonly value: LiveFeed }>();
  useEffect(() => {
    if (!enabled) return;
    let gathered: ArrivedSpan[] = [];
    let facts: Partial<LiveFeed> = {};
    let timer: number | undefined;
    function show(): void {
      timer = undefined;
      const more = gathered;
      const changed = facts;
      gathered = [];
      facts = {};
      setFeed((last) => {
        const before = last?.query === query ? last.value : NOTHING;
        const value: LiveFeed = {
          ...before,
          ...changed,
          arrived: more.length === 0 ? before.arrived : [...before.arrived, ...more].slice(-KEPT),
          arrivedCount: before.arrivedCount + more.length,
        };
        return { query, value };
      });
    }
    function plan(change: Partial<LiveFeed>): void {
      Object.assign(facts, change);
      timer ??= window.setTimeout(show, GATHER_MS);
    }
    const leave = followSpans(query, {
      onSpan: (span, old) => {
        gathered.push({ span, old });
        if (gathered.length > KEPT) gathered.shift();
        plan({});
      },
      onState: (state) => plan({ state }),
      // A second without a word of drops had none.
      onRate: (rate) => plan({ rate, dropped: undefined }),
      onLag: (lag) => plan({ lagMs: lag.lag_ms }),
      onDropped: (dropped) => plan({ dropped }),
    });
    return () => {
      leave();
      window.clearTimeout(timer);
      setFeed(undefined);
    };
  }, [query, enabled]);
  return {
    feed: enabled ? (feed?.query === query ? feed.value : NOTHING) : undefined,
    take: () =>
      setFeed(
        (last) => last && { ...last, value: { ...last.value, arrived: [], arrivedCount: 0 } },
      ),
  };
}
