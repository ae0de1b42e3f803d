import type { SpanEventAttributes } from './spans-search.ts';

/**
 * What `GET /api/live/spans` sends, by the name of the event. The id of a `span`, a `ready` or a `rate` is where to go on after a
 * broken connection.
 */
export interface LiveEvents {
  readonly span: SpanEventAttributes;
  readonly ready: LiveReady;
  readonly rate: LiveRate;
  readonly lag: LiveLag;
  readonly dropped: LiveDropped;
}

/** The spans that were there already have been sent; from here on come new ones. */
export interface LiveReady {
  /** How many were there already. */
  readonly backfilled: number;
}

/** The last second. */
export interface LiveRate {
  /** Spans that arrived, matching or not. */
  readonly spans_per_second: number;
  readonly matches_per_second: number;
  readonly errors_per_second: number;
  /** Matches that were sent. */
  readonly shown_per_second: number;
}

/** How far the stream is behind. */
export interface LiveLag {
  /** From the arrival of a span to its search, the longest of the last second; 0 when nothing arrived. */
  readonly lag_ms: number;
}

/** Matching spans that were not sent. They are stored and can be searched for. */
export interface LiveDropped {
  readonly count: number;
  /** `rate`: more came than was asked for. `slow`: the reader did not keep up. `resume`: more came while it was away. */
  readonly reason: 'rate' | 'slow' | 'resume';
  /** Matches of the same time, sent or not. */
  readonly matched: number;
}
