import type { TraceId } from '@spanloom/base';
import type { Span } from '@spanloom/model';
import type { AssembledTrace, CountedInvocation } from './assembled-trace.ts';
import { chooseTrace } from './chosen-trace.ts';
import type { XRayCoverage } from './coverage.ts';
import { cutProblems, omittedProblems } from './cut-spans.ts';
import { type Draft, draftTrace } from './draft-trace.ts';
import { linkAcrossEnvs } from './env-links.ts';
import { hideSegments } from './hide-segments.ts';
import { nameServices } from './lambda-services.ts';
import { mergeVerdicts } from './merge-verdicts.ts';
import { placeInvocations } from './place-invocations.ts';
import { type Relations, relationsOf } from './relations.ts';
import { hideSameWork } from './same-work.ts';
import { hintAtParents } from './suspected-parent.ts';
import { summarise } from './trace-summary.ts';
import { traceNodes } from './trace-nodes.ts';
import {
  apartProblems,
  inOrder,
  isBreaking,
  limitProblems,
  shapeProblems,
  spanProblems,
} from './trace-problems.ts';
import type { MergeVerdict } from './verdict.ts';
import { pendingXRay } from './xray-pending.ts';

/** What to put together. */
export interface AssembleOptions {
  /** The id the trace was asked for by. */
  readonly traceId: TraceId;
  /** Only spans of this environment, and those that state none. */
  readonly env?: string;
  /** How many spans the store left out because the trace passed a limit. */
  readonly truncated?: number;
  /** How far X-Ray has been read. Absent when nothing reads it. */
  readonly xray?: XRayCoverage;
}

/**
 * Puts stored spans together into one trace, whatever worlds and trace ids they are of.
 *
 * ```
 *  stored spans ─► each once ─► by trace id ─► parts of X-Ray traces by metadata ─► tied by ids, parents, request ids
 *                                                                                        │ same env, same time
 *  nodes ◄─ tree order ◄─ skew ◄─ hidden and completed ◄─ placed ◄─ the trace asked for ◄─┘
 * ```
 *
 * A pure function of the set of spans: any order of arrival gives the same tree, and so does any of the trace's ids. Nothing is
 * dropped silently: what duplicates another span stays as a hidden one, and whatever the tree could not be built from as it came
 * is in `problems`.
 *
 * @param stored Spans of the trace and of every trace that `relatedKeys` or stored keys tie to it. Others do no harm.
 * @returns undefined when no span is left.
 */
export function assembleTrace(
  stored: readonly Span[],
  options: AssembleOptions,
): AssembledTrace | undefined {
  const { env } = options;
  const relations = relationsOf(stored);
  const chosen = chooseTrace(relations, options.traceId, env);
  if (chosen === undefined) return undefined;
  const drafted = draftTrace(relations, chosen, env);
  const { draft, poolOf } = drafted;
  if (draft.spans.length === 0) return undefined;
  merge(relations, drafted);
  const { nodes, problems: skews } = traceNodes(draft);
  const merged = mergeVerdicts(relations, drafted.localOf, options.xray);
  const { limitExceeded, cut, ...summary } = summarise(nodes, env);
  const unmerged = Array.from(poolOf, (at) => relations.pool.spans[at]!);
  const problems = inOrder([
    ...draft.problems,
    ...shapeProblems(draft),
    ...spanProblems(unmerged, relations.pool.copies, (at) => draft.isHidden(at)),
    ...apartProblems(relations, chosen),
    ...limitProblems(limitExceeded),
    ...skews,
    ...cutProblems(cut),
    ...omittedProblems(options.truncated ?? 0),
  ]);
  return {
    traceId: chosen.traceId,
    traceIds: chosen.traceIds,
    datadogIds: chosen.datadogIds,
    xrayIds: chosen.xrayIds,
    ...summary,
    complete: !problems.some(isBreaking),
    invocations: countInvocations(merged),
    merge: merged,
    xrayPending: pendingXRay(merged, summary.end, options.xray),
    nodes,
    problems,
  };
}

function merge(relations: Relations, drafted: Draft): void {
  const { draft } = drafted;
  const placed = placeInvocations(relations, drafted);
  nameServices(relations, drafted, placed);
  hideSegments(relations, drafted);
  hideSameWork(draft);
  draft.adoptChildren();
  hintAtParents(relations, drafted);
  linkAcrossEnvs(relations, drafted);
}

function countInvocations(verdicts: readonly MergeVerdict[]): CountedInvocation[] {
  return verdicts.map(({ requestId, functionName, apmSpanIds, xraySpanIds }) => ({
    requestId: requestId ?? '',
    functionName,
    spanId: apmSpanIds[0] ?? xraySpanIds[0]!,
  }));
}
