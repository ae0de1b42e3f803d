import type { EpochNanos } from '@spanloom/base';
import type { Span } from '@spanloom/model';
import type { Invocation } from './match-runs.ts';
import type { Pool } from './pool.ts';
import type { MergeTimeConflict } from './verdict.ts';

/** Halves that state the time of a handler less than this apart agree. */
const AGREEMENT_NS = 5_000_000n;

/** Times of the handler on which the halves of an invocation disagree. Where they do, the tracer's are shown. */
export function timeConflicts(pool: Pool, { apm, xray }: Invocation): MergeTimeConflict[] {
  const at = xray!.phase === -1 ? xray!.run : xray!.phase;
  if (at === -1) return [];
  const own = timesOf(pool.spans[apm!.at]!);
  const other = timesOf(pool.spans[at]!);
  return (['start', 'end'] as const)
    .filter((what) => {
      const difference = own[what] - other[what];
      return difference > AGREEMENT_NS || -difference > AGREEMENT_NS;
    })
    .map((what) => ({ what, apm: own[what], xray: other[what] }));
}

function timesOf({ start, duration }: Span): { start: EpochNanos; end: EpochNanos } {
  return { start, end: (start + BigInt(duration)) as EpochNanos };
}
