/** How X-Ray answers in an account and region: itself, or by way of CloudWatch Logs. */
type XRayMode = 'unknown' | 'classic' | 'transaction-search';

/** Something that keeps an account's region from being read. */
export interface XRayProblem {
  /** The error's name as AWS gave it: `AccessDeniedException`. */
  readonly name: string;
  readonly message: string;
  /** The IAM action that is missing, where that is what it is: `xray:BatchGetTraces`. */
  readonly missing_action: string | null;
  /** What to do about it. */
  readonly fix: string | null;
  /** ISO 8601. */
  readonly since: string;
}

/** Counted since the server started. */
export interface XRayCounts {
  /** Summaries listed. */
  readonly listed: number;
  /** Traces AWS looked at for that, which is what it charges for. */
  readonly scanned: number;
  /** Traces fetched, each time counted. */
  readonly fetched: number;
  /** Traces written: new, and again because they had grown. */
  readonly written: number;
  readonly rewritten: number;
  readonly segments: number;
  readonly spans: number;
  readonly throttled: number;
  readonly errors: number;
  /** Ids that AWS left unprocessed for the moment. */
  readonly unprocessed: number;
  /** Traces given up because AWS never returned them. */
  readonly missing: number;
  /** Traces AWS cut because they were too large. */
  readonly limit_exceeded: number;
  /** Traces that another account's region brings already. */
  readonly duplicates: number;
}

/** One of the ways in which a region is gone through. */
export interface XRaySweep {
  readonly name: 'hot' | 'late' | 'deep' | 'backfill';
  /** Everything before it has been listed; ISO 8601. */
  readonly checkpoint: string | null;
  readonly last_run: string | null;
  readonly running: boolean;
}

/** What reading costs, in this calendar month (UTC). */
export interface XRayCost {
  /** `2026-11` */
  readonly month: string;
  readonly scanned: number;
  readonly retrieved: number;
  readonly estimated_usd: number;
  /** Null: no limit. */
  readonly budget_usd: number | null;
}

/** Whether a call is allowed, as last tried. */
export interface XRayPermission {
  /** `xray:GetTraceSummaries` */
  readonly action: string;
  /** Without it nothing can be read. */
  readonly required: boolean;
  /** What it is for. */
  readonly purpose: string;
  readonly status: 'allowed' | 'denied' | 'unknown';
  readonly message: string | null;
}

/** Reading an older range on request. */
export interface XRayBackfill {
  readonly id: string;
  readonly from: string;
  readonly to: string;
  readonly state: 'queued' | 'running' | 'done' | 'cancelled' | 'failed';
  /** 0 to 1. */
  readonly progress: number;
  readonly traces: number;
  readonly error: string | null;
}

/** One region of one account. */
export interface XRayRegionStatus {
  readonly account: string;
  readonly region: string;
  /** Used where X-Ray itself says nothing; null when none is configured. */
  readonly env: string | null;
  readonly mode: XRayMode;
  readonly state: 'starting' | 'running' | 'paused' | 'failing' | 'over_budget' | 'disabled';
  readonly problem: XRayProblem | null;
  /** Everything before it has been listed; ISO 8601. */
  readonly checkpoint: string | null;
  /** Now minus the checkpoint. */
  readonly lag_seconds: number | null;
  readonly last_success: string | null;
  readonly next_poll: string | null;
  readonly counts: XRayCounts;
  /** Calls by operation: `GetTraceSummaries`. */
  readonly calls: Readonly<Record<string, number>>;
  /** Traces by state: new, growing, stable, stalled, limit, missing. */
  readonly traces: Readonly<Record<string, number>>;
  /** What throttling leaves of the configured rates, calls per second. */
  readonly rates: { readonly list: number; readonly fetch: number };
  readonly cost: XRayCost;
  readonly sweeps: readonly XRaySweep[];
  readonly backfills: readonly XRayBackfill[];
  readonly permissions: {
    readonly checked_at: string | null;
    readonly actions: readonly XRayPermission[];
  };
  /** Other things a reader should know, a sentence each. */
  readonly warnings: readonly string[];
}

/** `GET /api/xray/status` */
export interface XRayStatusResponse {
  /** False when no account is configured. */
  readonly enabled: boolean;
  readonly regions: readonly XRayRegionStatus[];
}

/** `POST /api/xray/backfills` */
export interface XRayBackfillRequest {
  readonly account: string;
  readonly region: string;
  /** ISO 8601. */
  readonly from: string;
  readonly to: string;
}
