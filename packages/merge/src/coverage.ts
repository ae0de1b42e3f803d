import type { EpochMillis } from '@spanloom/base';

/** How far X-Ray of one account and region has been read. */
export interface XRayRegionCoverage {
  readonly account: string;
  readonly region: string;
  /** Until when everything has been listed; undefined before the first time. */
  readonly checkpointMs: number | undefined;
  /** From when on it has been read; undefined when that is not known. */
  readonly sinceMs?: number | undefined;
  /** Why reading does not work at present. */
  readonly problem: 'access_denied' | 'other' | undefined;
  readonly nextPollMs: number | undefined;
}

/** What is known about reading X-Ray when a trace is put together. */
export interface XRayCoverage {
  readonly now: EpochMillis;
  readonly regions: readonly XRayRegionCoverage[];
}
