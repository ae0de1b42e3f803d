import type { LiveDropped, LiveEvents, LiveLag, LiveRate, SpanEvent } from '@spanloom/contract';

/** More rows per second than this nobody reads. */
const ROWS_PER_SECOND = 50;
const BACKFILL = 100;
const RETRY_MS = 15_000;

/** `failed`: the server refuses the stream, which is asked for again later. `reconnecting`: the browser is at it. */
export type LiveState = 'connecting' | 'live' | 'reconnecting' | 'failed';

export interface LiveHandlers {
  /** `old` spans were there when the stream began. */
  readonly onSpan: (span: SpanEvent, old: boolean) => void;
  readonly onState: (state: LiveState) => void;
  readonly onRate: (rate: LiveRate) => void;
  readonly onLag: (lag: LiveLag) => void;
  readonly onDropped: (dropped: LiveDropped) => void;
}

/**
 * Follows the spans that match until the function it answers is called. Broken connections go on where they were. A hidden page
 * lets its connection go, because a browser has only six for all its pages, and comes back to its place when it is seen again.
 */
export function followSpans(query: string, handlers: LiveHandlers): () => void {
  let source: EventSource | undefined;
  let timer: number | undefined;
  let cursor = '';
  let begun = false;

  function open(): void {
    window.clearTimeout(timer);
    const params = new URLSearchParams({
      query,
      rate: String(ROWS_PER_SECOND),
      ...(cursor === '' ? { backfill: String(BACKFILL) } : { from: cursor }),
    });
    const opened = new EventSource(`/api/live/spans?${params.toString()}`);
    source = opened;
    function on<Name extends keyof LiveEvents>(
      event: Name,
      take: (data: LiveEvents[Name]) => void,
    ): void {
      opened.addEventListener(event, (message: MessageEvent<string>) => {
        cursor = message.lastEventId || cursor;
        take(JSON.parse(message.data) as LiveEvents[Name]);
      });
    }
    on('span', (attributes) => {
      const id = `${attributes.trace_id}-${attributes.span_id}`;
      handlers.onSpan({ id, type: 'spans', attributes }, !begun);
    });
    on('ready', () => {
      begun = true;
      handlers.onState('live');
    });
    on('rate', handlers.onRate);
    on('lag', handlers.onLag);
    on('dropped', handlers.onDropped);
    opened.addEventListener('error', () => {
      if (opened.readyState === EventSource.CLOSED) {
        handlers.onState('failed');
        timer = window.setTimeout(open, RETRY_MS);
      } else {
        handlers.onState('reconnecting');
      }
    });
  }

  function close(): void {
    window.clearTimeout(timer);
    source?.close();
    source = undefined;
  }

  function onVisibility(): void {
    if (document.hidden) close();
    else if (source === undefined) open();
  }

  handlers.onState('connecting');
  if (!document.hidden) open();
  document.addEventListener('visibilitychange', onVisibility);
  return () => {
    document.removeEventListener('visibilitychange', onVisibility);
    close();
  };
}
