/** How far a fetched trace is: may it still grow, and was it cut by X-Ray's limit on the size of a trace? */
export type TraceState = (typeof TRACE_STATES)[number];

/** In the order in which a trace passes through them; `limit` ends it at any point. */
export const TRACE_STATES = ['growing', 'stable', 'stalled', 'limit'] as const;

export function isTraceState(text: string): text is TraceState {
  return (TRACE_STATES as readonly string[]).includes(text);
}
