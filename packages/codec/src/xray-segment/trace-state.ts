/** How far a fetched trace is: may it still grow, and was it cut by X-Ray's limit on the size of a trace? */
export type TraceState = 'growing' | 'stable' | 'stalled' | 'limit';

/** A state as it is written. With a word that is not known here the age of what is unfinished decides, as it does in a stable trace. */
export function readTraceState(text: string): TraceState {
  return text === 'growing' || text === 'stalled' || text === 'limit' ? text : 'stable';
}
