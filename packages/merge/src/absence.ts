import {
  formatDatadogTraceId,
  formatTraceId,
  formatXRayTraceId,
  nanosToMillis,
} from '@spanloom/base';
import type { Span } from '@spanloom/model';
import { type AwsPlace, awsPlaceOf } from './aws-place.ts';
import type { XRayCoverage, XRayRegionCoverage } from './coverage.ts';
import type { ApmRun } from './lambda-runs.ts';
import type { MergeVerdict } from './verdict.ts';

/** X-Ray's spans come 2 to 5 minutes after the request: after this long nothing is waited for. */
export const SETTLED_MS: number = 6 * 60_000;

/** For how long X-Ray keeps what it was sent. */
const RETENTION_MS = 30 * 24 * 3_600_000;

type Finding = Pick<MergeVerdict, 'verdict' | 'evidence' | 'fix'>;

/** Why X-Ray's half of an invocation is not here. The first reason that holds is the one to mend. */
export function absence(span: Span, run: ApmRun, coverage: XRayCoverage | undefined): Finding {
  if (isUnsampled(span)) {
    return {
      verdict: 'xray_not_sampled',
      evidence: [
        `The function took over trace ${formatDatadogTraceId(span.traceId)} from X-Ray with sampling priority ${span.priority}: its trace header said Sampled=0`,
      ],
      fix: 'X-Ray records one request a second and 5 % of the rest for a function; where it must see more, let a traced caller decide (Sampled=1 in the header it sends)',
    };
  }
  const place = awsPlaceOf(span);
  if (coverage === undefined) {
    return off(
      ['Reading AWS X-Ray is not configured'],
      'Connect the AWS account: aws.accounts in the configuration',
    );
  }
  const region = regionOf(coverage, place);
  if (region === undefined) {
    return off(
      [
        `The function runs in account ${place.account || 'unknown'}, region ${place.region || 'unknown'}, and X-Ray is not read there`,
      ],
      `Add ${place.region || 'its region'} of account ${place.account || 'the function'} to aws.accounts in the configuration`,
    );
  }
  const where = `account ${region.account}, region ${region.region}`;
  if (region.problem === 'access_denied') {
    return {
      verdict: 'access_denied',
      evidence: [`AWS refuses to let X-Ray of ${where} be read`],
      fix: 'Allow what spanloom aws policy prints for the role; spanloom aws check names the missing action',
    };
  }
  return timely(span, run, region, coverage.now, where);
}

function timely(
  span: Span,
  run: ApmRun,
  region: XRayRegionCoverage,
  now: number,
  where: string,
): Finding {
  const end = nanosToMillis(span.start + BigInt(span.duration));
  const { checkpointMs, sinceMs } = region;
  const isRead = checkpointMs !== undefined && checkpointMs >= end;
  const readUntil =
    checkpointMs === undefined
      ? `X-Ray of ${where} has not been read yet`
      : `X-Ray of ${where} has been read until ${seconds(checkpointMs)}; the invocation ended at ${seconds(end)}`;
  const trouble = region.problem === 'other' ? ['Reading it fails at present'] : [];
  if (now - end > RETENTION_MS || (sinceMs !== undefined && end < sinceMs)) {
    return {
      verdict: 'outside_poll_window',
      evidence: [
        sinceMs !== undefined && end < sinceMs
          ? `X-Ray of ${where} has been read from ${seconds(sinceMs)} on; the invocation ended at ${seconds(end)}`
          : `The invocation ended at ${seconds(end)}, and X-Ray keeps traces for 30 days`,
      ],
      fix:
        now - end > RETENTION_MS
          ? undefined
          : 'Read that time with spanloom xray backfill --from … --to …',
    };
  }
  if (!isRead || now - end < SETTLED_MS) {
    return {
      verdict: 'xray_pending',
      evidence: [readUntil, ...trouble, 'X-Ray shows a request 2 to 5 minutes after it'],
      fix: undefined,
    };
  }
  if (run.requestId === '' && !tookOver(span)) {
    return {
      verdict: 'request_id_absent',
      evidence: [
        `The tracer's span ${span.name} states no request id and no X-Ray parent, so nothing of X-Ray can be matched to it`,
      ],
      fix: 'Use the Lambda library or extension, which tag aws.lambda with request_id',
    };
  }
  return {
    verdict: 'xray_absent',
    evidence: [
      readUntil,
      run.requestId === ''
        ? `No X-Ray trace answers to ${formatDatadogTraceId(span.traceId)}`
        : `No X-Ray trace answers to ${formatDatadogTraceId(span.traceId)} or has request id ${run.requestId}`,
    ],
    fix: 'Switch on active tracing for the function; if it is on, X-Ray did not sample this request',
  };
}

function off(evidence: string[], fix: string): Finding {
  return { verdict: 'integration_off', evidence, fix };
}

/** Whether the library says that its context came from X-Ray. */
function tookOver({ meta }: Span): boolean {
  return meta['_dd.parent_source']?.toLowerCase() === 'xray';
}

/** A library turns `Sampled=0` into a priority below zero when it takes a context over. */
function isUnsampled(span: Span): boolean {
  return tookOver(span) && span.priority !== undefined && span.priority < 0;
}

function regionOf({ regions }: XRayCoverage, place: AwsPlace): XRayRegionCoverage | undefined {
  const fits = regions.filter(
    ({ account, region }) =>
      (place.account === '' || account === place.account) &&
      (place.region === '' || region === place.region),
  );
  // Where a function does not say where it runs, the region that is furthest behind speaks for all.
  return fits.toSorted((a, b) => (a.checkpointMs ?? 0) - (b.checkpointMs ?? 0))[0];
}

/** The trace id of a span as its own world writes it. */
export function traceIdText({ traceId, source }: Span): string {
  return (source === 'xray' ? formatXRayTraceId(traceId) : undefined) ?? formatTraceId(traceId);
}

/** A time to the second, UTC. */
function seconds(ms: number): string {
  return `${new Date(ms).toISOString().slice(0, 19)}Z`;
}
