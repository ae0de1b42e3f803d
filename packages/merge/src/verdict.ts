import type { EpochMillis, EpochNanos } from '@spanloom/base';

/** Whether the halves of one invocation were joined, and why not where they were not. */
export type MergeVerdictName =
  | 'merged_by_context'
  | 'merged_by_request_id'
  | 'xray_pending'
  | 'xray_not_sampled'
  | 'integration_off'
  | 'different_env'
  | 'different_trace_ids'
  | 'request_id_absent'
  | 'outside_poll_window'
  | 'access_denied'
  | 'xray_absent'
  | 'apm_absent';

/** A time that the two halves state differently. */
export interface MergeTimeConflict {
  readonly what: 'start' | 'end';
  readonly apm: EpochNanos;
  readonly xray: EpochNanos;
}

/** The verdict on one invocation. */
export interface MergeVerdict {
  /** Undefined where neither half states it. */
  readonly requestId: string | undefined;
  readonly functionName: string;
  readonly verdict: MergeVerdictName;
  /** What it rests on, a sentence each, with the ids compared. */
  readonly evidence: readonly string[];
  /** What would join the halves next time; undefined where there is nothing to mend. */
  readonly fix: string | undefined;
  readonly apmSpanIds: readonly bigint[];
  readonly xraySpanIds: readonly bigint[];
  /** Times of the handler that differ by more than 5 ms. The tracer's are shown. */
  readonly conflicts: readonly MergeTimeConflict[];
}

/** Until when spans of X-Ray may still come to a trace. */
export interface XRayPending {
  readonly nextPoll: EpochMillis | undefined;
  readonly until: EpochMillis;
}
