import { formatSpanId, formatTraceId } from '@spanloom/base';
import type { Span } from '@spanloom/model';
import { absence, traceIdText } from './absence.ts';
import type { XRayCoverage } from './coverage.ts';
import { envDifference, type EnvMismatch } from './env-difference.ts';
import { type Invocation, MOST_RUNS } from './match-runs.ts';
import type { Edge } from './pairs.ts';
import { overlap } from './pool.ts';
import type { Relations } from './relations.ts';
import { recordOf } from './run-differences.ts';
import { type StatedRequests, statedRequests, unlikeHalf } from './same-request.ts';
import { contextOfSpan } from './trace-context.ts';
import { timeConflicts } from './time-conflicts.ts';
import type { MergeVerdict } from './verdict.ts';
import { XRAY_KIND } from './xray-tree.ts';

/**
 * A verdict for each invocation of which a half is in the trace, in order of time.
 *
 * @param localOf -1 for spans that are not in it.
 */
export function mergeVerdicts(
  relations: Relations,
  localOf: Int32Array,
  coverage: XRayCoverage | undefined,
): MergeVerdict[] {
  const alone = relations.invocations.filter(
    ({ apm, xray }) => apm === undefined && xray!.run !== -1,
  );
  const scene: Scene = {
    ...relations,
    coverage,
    noted: notedRuns(relations),
    localOf,
    stated: statedRequests(relations.invocations),
    xrayAlone: Map.groupBy(alone, ({ xray }) => nameOf(relations.pool.spans[xray!.run]!)),
  };
  return relations.invocations.flatMap((invocation) => {
    const here = halvesIn(relations, localOf, invocation);
    return here === undefined ? [] : [verdictOf(scene, invocation, here)];
  });
}

/** What verdicts are given from. */
interface Scene extends Relations {
  readonly coverage: XRayCoverage | undefined;
  /** Runs that no tracer's half was found for, by function. */
  readonly xrayAlone: ReadonlyMap<string, readonly Invocation[]>;
  /** Runs in which a library told X-Ray what the request continues. */
  readonly noted: ReadonlySet<number>;
  readonly stated: StatedRequests;
  readonly localOf: Int32Array;
}

function notedRuns({ pool, tree }: Relations): Set<number> {
  const runs = new Set<number>();
  tree.kinds.forEach((kind, at) => {
    if (kind !== XRAY_KIND.metadata || contextOfSpan(pool.spans[at]!) === undefined) return;
    runs.add(tree.functionOf(at));
  });
  return runs;
}

interface Halves {
  readonly hasApm: boolean;
  readonly hasXRay: boolean;
}

function halvesIn(
  { pool }: Relations,
  localOf: Int32Array,
  { apm, xray }: Invocation,
): Halves | undefined {
  if (apm?.isRepeat) return undefined;
  const hasApm = apm !== undefined && localOf[apm.at] !== -1;
  const record = xray === undefined ? -1 : recordOf(xray);
  const hasXRay = record !== -1 && localOf[record] !== -1;
  if (!hasApm && !hasXRay) return undefined;
  // A request that Lambda turned away ran nowhere.
  if (!hasApm && xray!.run === -1 && isThrottled(pool.spans[xray!.service]!)) return undefined;
  return { hasApm, hasXRay };
}

function isThrottled({ meta }: Span): boolean {
  return meta['xray.throttle'] === 'true' || meta['http.status_code'] === '429';
}

function verdictOf(
  relations: Scene,
  invocation: Invocation,
  { hasApm, hasXRay }: Halves,
): MergeVerdict {
  const { apm, xray } = invocation;
  const { pool } = relations;
  const record = xray === undefined ? -1 : recordOf(xray);
  const apmSpan = apm === undefined ? undefined : pool.spans[apm.at];
  const xraySpan = record === -1 ? undefined : pool.spans[record];
  const common = {
    requestId: apm?.requestId || xray?.requestId || undefined,
    functionName: nameOf(apmSpan ?? xraySpan!),
    apmSpanIds: hasApm ? [apmSpan!.spanId] : [],
    xraySpanIds: hasXRay ? idsOf(relations, invocation) : [],
    conflicts: hasApm && hasXRay ? timeConflicts(relations.pool, invocation) : [],
  };
  if (hasApm && hasXRay) return { ...common, ...joinedBy(relations, invocation) };
  if (apmSpan !== undefined && xraySpan !== undefined) {
    return { ...common, ...keptApart(relations, invocation, apmSpan, xraySpan) };
  }
  const refusal = refusalOf(relations, apm?.at ?? record);
  if (refusal !== undefined) return { ...common, ...differentEnv(refusal) };
  const unlike = unlikeHalf(pool, relations.stated, invocation);
  if (xraySpan !== undefined) return { ...common, ...withoutApm(relations, record, unlike) };
  if (unlike !== undefined) return { ...common, ...unlike };
  const twin = sameTime(relations, apm!.at);
  if (twin !== undefined) return { ...common, ...differentIds(apmSpan!, twin) };
  return { ...common, ...absence(apmSpan!, apm!, relations.coverage) };
}

type Finding = Pick<MergeVerdict, 'verdict' | 'evidence' | 'fix'>;

function joinedBy(relations: Relations, invocation: Invocation): Finding {
  const { pool, unitOf, joins } = relations;
  const { apm, xray, match, context } = invocation;
  const span = pool.spans[apm!.at]!;
  const record = recordOf(xray!);
  const other = pool.spans[record]!;
  const pair = joins.joined.find(
    (one) => one.other === unitOf[apm!.at] && one.xray === unitOf[record],
  );
  const evidence: string[] = [];
  if (match === 'context') {
    evidence.push(
      `The tracer's span ${formatSpanId(span.spanId)} names X-Ray's ${formatSpanId(pool.spans[context]!.spanId)} (${pool.spans[context]!.name}) as where it belongs`,
    );
  }
  if (pair?.sameId) {
    evidence.push(`Trace ids ${traceIdText(span)} and ${traceIdText(other)} are forms of one id`);
  }
  if (pair?.continuing.has(unitOf[record]!)) {
    const { continues } = relations.units[unitOf[record]!]!;
    evidence.push(
      `The Lambda library told X-Ray that this request continues trace ${formatTraceId(continues!)}`,
    );
  }
  if (evidence.length === 0 && pair !== undefined && pair.edges.length > 0) {
    evidence.push('Spans of the two traces name each other as parents');
  }
  const isContext = evidence.length > 0;
  if (apm!.requestId !== '' && apm!.requestId === xray!.requestId) {
    evidence.push(`Both halves state request id ${apm!.requestId}`);
  }
  if (match === 'time') evidence.push('Both halves are of one function at the same time');
  return {
    verdict: isContext || match !== 'request' ? 'merged_by_context' : 'merged_by_request_id',
    evidence,
    fix: undefined,
  };
}

/** Both halves are stored, and something speaks against one trace. */
function keptApart(
  relations: Relations,
  { apm, xray }: Invocation,
  apmSpan: Span,
  xraySpan: Span,
): Finding {
  const { joins, unitOf } = relations;
  const units = [apm!.at, recordOf(xray!)].map((at) => unitOf[at]);
  const refusal = joins.mismatches.find(
    ({ pair }) => pair.other === units[0] && pair.xray === units[1],
  );
  return refusal === undefined ? differentIds(apmSpan, xraySpan) : differentEnv(refusal);
}

/** The mismatch that keeps the other half of a run away, where the half itself was not found. */
function refusalOf(relations: Scene, at: number): EnvMismatch | undefined {
  const { joins, unitOf, tree, noted } = relations;
  const unit = unitOf[at]!;
  const isOfRun = (end: number): boolean => end === at || tree.functionOf(end) === at;
  return joins.mismatches.find(({ cause, pair: { other, xray, edges, requests, continuing } }) => {
    // What became of the rest of an X-Ray trace says nothing about a tracer's half.
    if (cause === 'split' || (other !== unit && xray !== unit)) return false;
    // Where spans or invocations met, it is about those.
    if (edges.length === 0 && requests.length === 0) return true;
    if (continuing.has(unit) && noted.has(at)) return true;
    return edges.some(({ child, parent }) => isOfRun(child) || isOfRun(parent));
  });
}

function differentEnv(mismatch: EnvMismatch): Finding {
  return { verdict: 'different_env', ...envDifference(mismatch) };
}

function differentIds(apm: Span, xray: Span): Finding {
  return {
    verdict: 'different_trace_ids',
    evidence: [
      `The tracer's half is in trace ${traceIdText(apm)}, X-Ray's in ${traceIdText(xray)}`,
      'Both are of one function at the same time; no span, metadata or request id of one names the other',
    ],
    fix: 'Set DD_MERGE_XRAY_TRACES=true on the function, or update its Lambda library so that it sends the request id',
  };
}

function withoutApm(relations: Scene, record: number, unlike: Finding | undefined): Finding {
  const { units, unitOf, joins, pool, noted } = relations;
  const unit = unitOf[record]!;
  const { continues } = units[unit]!;
  const ties = joins.joined.filter(({ xray, other }) => xray === unit || other === unit);
  const evidence: string[] = [];
  if (noted.has(record) && ties.some(({ continuing }) => continuing.has(unit))) {
    evidence.push(
      `The Lambda library told X-Ray that this request continues trace ${formatTraceId(continues!)}`,
    );
  }
  const called = ties.find(({ edges }) => edges.some((edge) => meetsRun(relations, edge, record)));
  if (called !== undefined) {
    evidence.push(
      `Spans of trace ${formatTraceId(units[called.other === unit ? called.xray : called.other]!.traceId)} name spans of this invocation`,
    );
  }
  if (evidence.length > 0) {
    evidence.push('The function itself runs without a tracer');
    return { verdict: 'merged_by_context', evidence, fix: undefined };
  }
  if (unlike !== undefined) return unlike;
  return {
    verdict: 'apm_absent',
    evidence: [
      `No span of a tracer names X-Ray trace ${traceIdText(pool.spans[record]!)} or its request id`,
      ...(continues === undefined
        ? []
        : [`It continues trace ${formatTraceId(continues)}, of which nothing is stored`]),
    ],
    fix: 'Add a tracing library to the function to see inside it; X-Ray alone shows when it ran',
  };
}

function meetsRun({ pool, tree }: Relations, { child, parent }: Edge, record: number): boolean {
  const end = pool.isXRay[parent] === 1 ? parent : child;
  return tree.functionOf(end) === record;
}

/** The one X-Ray run of the same function at the same time that nothing else was found for. */
function sameTime({ pool, xrayAlone }: Scene, at: number): Span | undefined {
  const named = xrayAlone.get(nameOf(pool.spans[at]!)) ?? [];
  if (named.length > MOST_RUNS) return undefined;
  const close = named.filter(({ xray }) => overlap(pool, at, xray!.run) > 0);
  return close.length === 1 ? pool.spans[close[0]!.xray!.run] : undefined;
}

function nameOf({ functionName, resource }: Span): string {
  return functionName || resource;
}

function idsOf({ pool, localOf }: Scene, { xray }: Invocation): bigint[] {
  return [xray!.service, xray!.run, xray!.phase]
    .filter((at) => at !== -1 && localOf[at] !== -1)
    .map((at) => pool.spans[at]!.spanId);
}
