import type { XRayTrace } from '@spanloom/metadata';
import { hasGrown } from './revision.ts';

const SECOND = 1000;
const MINUTE = 60 * SECOND;

/** Between the fetches of a trace that is still growing. */
const GROWING_MS = [30 * SECOND, 60 * SECOND, 120 * SECOND, 300 * SECOND] as const;
/** How long after its first appearance a trace is first fetched: most have a second segment seconds after the first. */
const FIRST_FETCH_MS = 15 * SECOND;
/** Two fetches this far apart with the same content are believed. */
const CONFIRM_MS = 60 * SECOND;
/** Still open after this long without a change: shown as it is. */
const STALLED_MS = 15 * MINUTE;
/** A summary's end and that of the documents may differ by their rounding. */
const END_SLACK_MS = 1500;
const ABSENT_MS = 10 * SECOND;
const ABSENCES = 5;
/** A missing trace that is listed again gets another chance, this often. */
const MAX_ABSENCES = 3 * ABSENCES;
const MISSING_REST_MS = 10 * MINUTE;

/** A trace as a listing shows it. */
export interface TraceListing {
  readonly xrayId: string;
  /** Rises as the trace grows, as long as the same place lists it: see `hasGrown`. */
  readonly revision: number;
  /** Ms since the epoch. */
  readonly endMs: number | undefined;
}

/** Where and when a trace was listed. */
export interface ListingContext {
  readonly account: string;
  readonly region: string;
  readonly now: number;
  readonly priority: XRayTrace['priority'];
  /** Whether another account's region still reads traces: if not, its traces are taken over. */
  readonly isRead: (account: string, region: string) => boolean;
}

/** What a listing means for a trace. `trace` is undefined when nothing changes. */
export interface ListingDecision {
  readonly event: 'new' | 'reopened' | 'known' | 'duplicate';
  readonly trace: XRayTrace | undefined;
}

/** What to do about a trace that was listed. */
export function decideListing(
  known: XRayTrace | undefined,
  listing: TraceListing,
  context: ListingContext,
): ListingDecision {
  const { now, account, region } = context;
  if (known === undefined) {
    const wait = context.priority === 'now' ? FIRST_FETCH_MS : 0;
    return { event: 'new', trace: newTrace(listing, context, now + wait) };
  }
  if (known.account !== account || known.region !== region) {
    if (context.isRead(known.account, known.region))
      return { event: 'duplicate', trace: undefined };
    return {
      event: 'reopened',
      trace: { ...known, account, region, state: 'growing', attempts: 0, nextFetch: now },
    };
  }
  const listedEnd = Math.max(known.listedEnd ?? 0, listing.endMs ?? 0) || undefined;
  if (!hasGrown(known.revision, listing.revision)) {
    if (known.state !== 'missing' || !mayTryAgain(known, now)) {
      return { event: 'known', trace: undefined };
    }
    return { event: 'reopened', trace: { ...known, state: 'new', nextFetch: now } };
  }
  const grown = { ...known, revision: listing.revision, listedEnd };
  switch (known.state) {
    case 'limit':
      // X-Ray takes no more of it, whatever the revision says.
      return { event: 'known', trace: grown };
    case 'missing':
      return { event: 'reopened', trace: { ...grown, state: 'new', absences: 0, nextFetch: now } };
    case 'stable':
    case 'stalled':
      return {
        event: 'reopened',
        trace: { ...grown, state: 'growing', attempts: 0, nextFetch: now },
      };
    case 'new':
    case 'growing': {
      const soon = now + FIRST_FETCH_MS;
      return {
        event: 'known',
        trace: { ...grown, nextFetch: Math.min(known.nextFetch ?? soon, soon) },
      };
    }
  }
}

/** What a listing by another source means for a trace: something may have come there. Undefined when it is fetched anyway. */
export function reopenForSource(known: XRayTrace, now: number): XRayTrace | undefined {
  if (known.state !== 'stable' && known.state !== 'stalled') return undefined;
  return { ...known, state: 'growing', attempts: 0, nextFetch: now + FIRST_FETCH_MS };
}

function newTrace(listing: TraceListing, context: ListingContext, nextFetch: number): XRayTrace {
  return {
    xrayId: listing.xrayId,
    account: context.account,
    region: context.region,
    revision: listing.revision,
    fetchedRevision: undefined,
    contentHash: undefined,
    state: 'new',
    writtenState: undefined,
    open: false,
    attempts: 0,
    absences: 0,
    priority: context.priority,
    firstSeen: context.now,
    lastFetched: undefined,
    lastChanged: undefined,
    nextFetch,
    listedEnd: listing.endMs,
    traceEnd: undefined,
  };
}

function mayTryAgain(known: XRayTrace, now: number): boolean {
  return known.absences < MAX_ABSENCES && now - (known.lastFetched ?? 0) >= MISSING_REST_MS;
}

/** A trace as it was fetched. */
export interface FetchResult {
  readonly contentHash: string;
  readonly open: boolean;
  /** AWS cut it, and will take no more of it. */
  readonly limitExceeded: boolean;
  readonly endMs: number | undefined;
  /** The revision that was listed when the fetch began. */
  readonly revision: number;
  readonly now: number;
}

/** What follows from a fetch: the trace as it is then, and whether its documents are to be written. */
export interface FetchDecision {
  readonly trace: XRayTrace;
  readonly write: boolean;
}

/**
 * What to do with a trace that was fetched.
 *
 * A trace is stable when nothing of it is open and X-Ray has listed nothing newer; one that changed since the last fetch is looked
 * at once more, since what BatchGetTraces returns can be older than what a listing has just shown. An open trace is fetched at
 * growing intervals, and shown as incomplete when nothing has happened for 15 minutes.
 */
export function decideFetch(known: XRayTrace, result: FetchResult): FetchDecision {
  const { now } = result;
  const first = known.contentHash === undefined;
  const changed = result.contentHash !== known.contentHash;
  const behind = (known.listedEnd ?? 0) > (result.endMs ?? 0) + END_SLACK_MS;
  const open = result.open || behind;
  const attempts = known.attempts + 1;
  const fetched: XRayTrace = {
    ...known,
    contentHash: result.contentHash,
    fetchedRevision: result.revision,
    open,
    attempts,
    absences: 0,
    // Past its first fetch a trace of a backfill is followed like any other.
    priority: 'now',
    lastFetched: now,
    lastChanged: changed ? now : (known.lastChanged ?? now),
    traceEnd: result.endMs ?? known.traceEnd,
  };
  const { state, nextFetch } = nextStep();
  const write =
    changed || (known.writtenState !== state && (state === 'stalled' || state === 'limit'));
  return {
    trace: { ...fetched, state, nextFetch, writtenState: write ? state : known.writtenState },
    write,
  };

  function nextStep(): Pick<XRayTrace, 'state' | 'nextFetch'> {
    if (result.limitExceeded) return { state: 'limit', nextFetch: undefined };
    const spent = attempts > GROWING_MS.length;
    const newer = hasGrown(result.revision, known.revision);
    if (!open) {
      const confirmed = !changed && attempts > 1 && now - (known.lastFetched ?? 0) >= CONFIRM_MS;
      if (!newer && (first || confirmed || spent)) return { state: 'stable', nextFetch: undefined };
      return { state: 'growing', nextFetch: now + (newer ? GROWING_MS[0] : CONFIRM_MS) };
    }
    // Of a trace that is new to us only its own times say how long it has been quiet.
    const quietSince = first ? (result.endMs ?? now) : fetched.lastChanged!;
    if ((!changed || first) && now - quietSince >= STALLED_MS && !newer) {
      return { state: 'stalled', nextFetch: undefined };
    }
    const delay = GROWING_MS[attempts - 1];
    if (delay !== undefined) return { state: 'growing', nextFetch: now + delay };
    return {
      state: 'growing',
      nextFetch: Math.max(fetched.lastChanged! + STALLED_MS, now + GROWING_MS[0]),
    };
  }
}

/** What to do with a trace that X-Ray did not return though it was asked for. */
export function decideAbsence(known: XRayTrace, now: number): XRayTrace {
  const absences = known.absences + 1;
  const tried: XRayTrace = { ...known, absences, lastFetched: now };
  if (absences % ABSENCES !== 0) {
    const nextFetch = now + ABSENT_MS * 2 ** ((absences % ABSENCES) - 1);
    return { ...tried, nextFetch };
  }
  // What has been stored of it stays: X-Ray forgets sooner than we do.
  if (known.contentHash !== undefined)
    return { ...tried, state: known.open ? 'stalled' : 'stable', nextFetch: undefined };
  return { ...tried, state: 'missing', nextFetch: undefined };
}
