import type { ApmRun, XRayRun } from './lambda-runs.ts';
import { overlap, type Pool } from './pool.ts';

/** Halves of one invocation are at most this far apart. */
const WINDOW_NS = 15 * 60 * 1e9;

/**
 * What speaks against two halves that state one request id being of one invocation, a sentence each. The id alone is no proof:
 * whoever was told it can write it into a segment of their own.
 */
export function runDifferences(pool: Pool, apm: ApmRun, xray: XRayRun): string[] {
  const differences: string[] = [];
  if (isOther(apm.functionName, xray.functionName)) {
    differences.push(
      `The tracer's half is of function ${apm.functionName}, X-Ray's of ${xray.functionName}`,
    );
  }
  if (isOther(apm.account, xray.account)) {
    differences.push(`The tracer's half ran in account ${apm.account}, X-Ray's in ${xray.account}`);
  }
  if (!isWithinReach(pool, apm, xray)) differences.push('They are more than 15 minutes apart');
  return differences;
}

export function isWithinReach(pool: Pool, apm: ApmRun, xray: XRayRun): boolean {
  return overlap(pool, apm.at, recordOf(xray)) >= -WINDOW_NS;
}

/** Whether nothing that both halves state about themselves speaks against one invocation. */
export function areAlike(apm: ApmRun, xray: XRayRun): boolean {
  return (
    !isOther(apm.requestId, xray.requestId) &&
    !isOther(apm.functionName, xray.functionName) &&
    !isOther(apm.account, xray.account)
  );
}

/** X-Ray's span of an invocation: the function's run, or Lambda's own record where there is none. */
export function recordOf({ run, service }: XRayRun): number {
  return run === -1 ? service : run;
}

function isOther(a: string, b: string): boolean {
  return a !== '' && b !== '' && a !== b;
}
