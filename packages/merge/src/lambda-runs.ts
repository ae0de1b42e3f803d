import type { Span } from '@spanloom/model';
import { awsPlaceOf } from './aws-place.ts';
import { overlap, type Pool } from './pool.ts';
import { requestIdOf } from './request-id.ts';
import { XRAY_KIND, type XRayTree } from './xray-tree.ts';

/** X-Ray's half of an invocation: positions in the pool, -1 for what is not here. */
export interface XRayRun {
  /** Lambda's own record. */
  readonly service: number;
  /** The function's run. */
  readonly run: number;
  /** `Invocation` within it. */
  readonly phase: number;
  /** In lower case, '' when neither record states it. */
  readonly requestId: string;
  readonly functionName: string;
  /** That it ran in, '' when neither record states it. */
  readonly account: string;
}

/** A tracer's half of an invocation. */
export interface ApmRun {
  readonly at: number;
  readonly requestId: string;
  readonly functionName: string;
  readonly account: string;
  /** Spans made up for what triggered it, from the nearest outwards. */
  readonly inferred: readonly number[];
  /** Whether an earlier span tells of the same run: a library's and an extension's. */
  readonly isRepeat: boolean;
}

/** A span that a library made up for a managed service, from what the event said about it. */
export function isInferredSpan({ source, meta, metrics }: Span): boolean {
  return (
    source !== 'xray' &&
    (meta['_inferred_span.tag_source'] !== undefined || metrics['_dd._inferred_span'] === 1)
  );
}

/** Every invocation that X-Ray knows of, by its earliest record. */
export function xrayRuns(pool: Pool, tree: XRayTree): XRayRun[] {
  const runs = new Map<number, { service: number; run: number; phase: number }>();
  const services: number[] = [];
  const answered = new Set<number>();
  for (let i = 0; i < pool.spans.length; i++) {
    const kind = tree.kinds[i];
    if (kind === XRAY_KIND.lambdaFunction) {
      const service = tree.serviceOf(i);
      if (service !== -1) answered.add(service);
      runs.set(i, { service, run: i, phase: runs.get(i)?.phase ?? -1 });
    } else if (kind === XRAY_KIND.lambdaService) services.push(i);
  }
  for (let i = 0; i < pool.spans.length; i++) {
    if (tree.kinds[i] !== XRAY_KIND.invocation) continue;
    const run = runs.get(tree.functionOf(i));
    if (run !== undefined && run.phase === -1) run.phase = i;
  }
  return [
    ...runs.values(),
    ...services
      .filter((service) => !answered.has(service))
      .map((service) => ({ service, run: -1, phase: -1 })),
  ].map((run) => ({ ...run, ...factsOf(pool, run.service, run.run) }));
}

function factsOf(
  pool: Pool,
  service: number,
  run: number,
): Pick<XRayRun, 'requestId' | 'functionName' | 'account'> {
  const spans = [run, service].filter((at) => at !== -1).map((at) => pool.spans[at]!);
  return {
    requestId: spans.map(requestIdOf).find((id) => id !== '') ?? '',
    functionName: spans.map(functionNameOf).find((name) => name !== '') ?? '',
    account: spans.map((span) => awsPlaceOf(span).account).find((id) => id !== '') ?? '',
  };
}

/** The function that a span is of: its own name in lower case, '' when it is of none. */
function functionNameOf({ functionName, meta, name, resource }: Span): string {
  const isLambda = name === 'aws.lambda' || name === 'aws.lambda.function';
  // A resource that nobody set is the name of the span.
  const inResource = isLambda && resource !== name ? resource : '';
  return bareName(functionName || meta['function_arn'] || meta['faas.name'] || inResource);
}

/** Without ARN, version and alias. */
function bareName(text: string): string {
  const lower = text.toLowerCase();
  return (lower.startsWith('arn:') ? lower.split(':')[6] : lower.split(':', 1)[0]) ?? '';
}

/** Every invocation that a tracer reported. A second span of one, inside the first, is part of that. */
export function apmRuns(pool: Pool, own: Int32Array): ApmRun[] {
  const runs: ApmRun[] = [];
  const at = new Map<number, ApmRun>();
  const latest = new Map<string, number>();
  for (let i = 0; i < pool.spans.length; i++) {
    const span = pool.spans[i]!;
    if (pool.isXRay[i] === 1 || !isRun(span)) continue;
    const requestId = requestIdOf(span);
    const run: ApmRun = {
      at: i,
      requestId,
      functionName: functionNameOf(span),
      account: awsPlaceOf(span).account,
      inferred: inferredAbove(pool, own, i),
      isRepeat: requestId !== '' && isRepeat(`${span.traceId.lo}/${requestId}`, i),
    };
    at.set(i, run);
    runs.push(run);
  }
  return runs.filter((run) => !isWithinOther(own, run, at));

  /** Retries have the same request id, one after another. */
  function isRepeat(request: string, position: number): boolean {
    const earlier = latest.get(request);
    latest.set(request, position);
    return earlier !== undefined && overlap(pool, earlier, position) > 0;
  }
}

function isRun(span: Span): boolean {
  if (span.name === 'aws.lambda') return !isInferredSpan(span);
  if (span.kind !== 'server' && span.kind !== 'consumer') return false;
  return requestIdOf(span) !== '' && !isInferredSpan(span);
}

function isWithinOther(own: Int32Array, run: ApmRun, runs: ReadonlyMap<number, ApmRun>): boolean {
  if (run.requestId === '') return false;
  let at = own[run.at]!;
  // A wrapper stands just above what it wraps.
  for (let steps = 0; at !== -1 && steps < 4; steps++) {
    if (runs.get(at)?.requestId === run.requestId) return true;
    at = own[at]!;
  }
  return false;
}

function inferredAbove(pool: Pool, own: Int32Array, run: number): number[] {
  const inferred: number[] = [];
  let at = own[run]!;
  // Libraries make up two levels at most: a queue behind a topic.
  while (at !== -1 && inferred.length < 4 && isInferredSpan(pool.spans[at]!)) {
    inferred.push(at);
    at = own[at]!;
  }
  return inferred;
}
