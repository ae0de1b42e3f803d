import type { XRayTraceTable } from '../tables.ts';

/** How far a trace of X-Ray has been followed. `docs/xray.md` has what each means. */
export type XRayTraceState = 'new' | 'growing' | 'stable' | 'stalled' | 'limit' | 'missing';

/** Traces of a backfill wait behind those of today. */
export type XRayPriority = 'now' | 'backfill';

/** What is remembered of one trace of X-Ray. Times are ms since the epoch. */
export interface XRayTrace {
  /** `1-66f2a1c4-8f3b0c5e9a7d4b21e6c8f013` */
  readonly xrayId: string;
  /** The account and region that brings it. Another one that lists it too is a duplicate. */
  readonly account: string;
  readonly region: string;
  /** As last listed; rises as the trace grows. */
  readonly revision: number;
  /** The revision that was listed when the last fetch began. */
  readonly fetchedRevision: number | undefined;
  readonly contentHash: string | undefined;
  readonly state: XRayTraceState;
  /** The state it was last written to the store with. */
  readonly writtenState: XRayTraceState | undefined;
  /** Whether something of it was still to come when it was last fetched. */
  readonly open: boolean;
  /** Fetches since it was new or opened again. */
  readonly attempts: number;
  /** Fetches, one after another, in which X-Ray did not return it. */
  readonly absences: number;
  readonly priority: XRayPriority;
  readonly firstSeen: number;
  readonly lastFetched: number | undefined;
  readonly lastChanged: number | undefined;
  /** Undefined: nothing to do until a listing shows something new. */
  readonly nextFetch: number | undefined;
  /** Its end as last listed, and as last fetched. */
  readonly listedEnd: number | undefined;
  readonly traceEnd: number | undefined;
}

const PRIORITIES: readonly XRayPriority[] = ['now', 'backfill'];

/** From a row. */
export function traceFromRow(row: XRayTraceTable): XRayTrace {
  return {
    xrayId: row.xray_id,
    account: row.account,
    region: row.region,
    revision: row.revision,
    fetchedRevision: row.fetched_revision ?? undefined,
    contentHash: row.content_hash ?? undefined,
    state: row.state as XRayTraceState,
    writtenState: (row.written_state ?? undefined) as XRayTraceState | undefined,
    open: row.is_open === 1,
    attempts: row.attempts,
    absences: row.absences,
    priority: PRIORITIES[row.priority] ?? 'now',
    firstSeen: row.first_seen,
    lastFetched: row.last_fetched ?? undefined,
    lastChanged: row.last_changed ?? undefined,
    nextFetch: row.next_fetch ?? undefined,
    listedEnd: row.listed_end ?? undefined,
    traceEnd: row.trace_end ?? undefined,
  };
}

/** To a row. */
export function traceToRow(trace: XRayTrace): XRayTraceTable {
  return {
    xray_id: trace.xrayId,
    account: trace.account,
    region: trace.region,
    revision: trace.revision,
    fetched_revision: trace.fetchedRevision ?? null,
    content_hash: trace.contentHash ?? null,
    state: trace.state,
    written_state: trace.writtenState ?? null,
    is_open: trace.open ? 1 : 0,
    attempts: trace.attempts,
    absences: trace.absences,
    priority: priorityNumber(trace.priority),
    first_seen: trace.firstSeen,
    last_fetched: trace.lastFetched ?? null,
    last_changed: trace.lastChanged ?? null,
    next_fetch: trace.nextFetch ?? null,
    listed_end: trace.listedEnd ?? null,
    trace_end: trace.traceEnd ?? null,
  };
}

/** As rows have it. */
export function priorityNumber(priority: XRayPriority): number {
  return PRIORITIES.indexOf(priority);
}
