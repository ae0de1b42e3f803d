import { traceIdText } from './absence.ts';
import type { ApmRun, XRayRun } from './lambda-runs.ts';
import type { Invocation } from './match-runs.ts';
import type { Pool } from './pool.ts';
import { recordOf, runDifferences } from './run-differences.ts';
import type { MergeVerdict } from './verdict.ts';

/** Halves of invocations by the request id they state. */
export interface StatedRequests {
  readonly apm: ReadonlyMap<string, ApmRun>;
  readonly xray: ReadonlyMap<string, XRayRun>;
}

/** The first half of each world that states an id speaks for others that do. */
export function statedRequests(invocations: readonly Invocation[]): StatedRequests {
  const apmRuns = new Map<string, ApmRun>();
  const xrayRuns = new Map<string, XRayRun>();
  for (const { apm, xray } of invocations) {
    if (apm !== undefined && apm.requestId !== '' && !apmRuns.has(apm.requestId)) {
      apmRuns.set(apm.requestId, apm);
    }
    if (xray !== undefined && xray.requestId !== '' && !xrayRuns.has(xray.requestId)) {
      xrayRuns.set(xray.requestId, xray);
    }
  }
  return { apm: apmRuns, xray: xrayRuns };
}

/** What keeps a half apart from one of the other world that states its request id; undefined when there is none. */
export function unlikeHalf(
  pool: Pool,
  stated: StatedRequests,
  half: Invocation,
): Pick<MergeVerdict, 'verdict' | 'evidence' | 'fix'> | undefined {
  const requestId = half.apm?.requestId ?? half.xray?.requestId ?? '';
  const apm = half.apm ?? stated.apm.get(requestId);
  const xray = half.xray ?? stated.xray.get(requestId);
  if (requestId === '' || apm === undefined || xray === undefined) return undefined;
  const differences = runDifferences(pool, apm, xray);
  if (differences.length === 0) return undefined;
  const traces = [pool.spans[apm.at]!, pool.spans[recordOf(xray)]!].map(traceIdText);
  return {
    verdict: 'different_trace_ids',
    evidence: [
      `Request id ${requestId} is stated in trace ${traces[0]} by a tracer and in ${traces[1]} by X-Ray, which is not enough`,
      ...differences,
    ],
    fix: 'If this is one invocation, let its tracer state the function and the account it runs in (function_arn); if not, see who may send segments to X-Ray there',
  };
}
