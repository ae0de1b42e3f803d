import type { EpochNanos, TraceId } from '@spanloom/base';
import type { Span } from '@spanloom/model';
import type { AssembledTrace, Problem, SourceLabel, TraceNode } from './assembled-trace.ts';
import { compare, compareSpans } from './compare-spans.ts';
import { linkParents } from './link-parents.ts';
import { oneTrace } from './one-trace.ts';
import { treeOrder } from './tree-order.ts';
import { uniqueSpans } from './unique-spans.ts';

/** What to put together. */
export interface AssembleOptions {
  /** The id the trace was asked for by. */
  readonly traceId: TraceId;
  /** Only spans of this environment, and those that state none. */
  readonly env?: string;
  /** How many spans the store left out because the trace passed a limit. */
  readonly truncated?: number;
}

/**
 * Puts stored spans together into one trace.
 *
 * A pure function of the set of spans: any order of arrival gives the same tree. Nothing is dropped silently: whatever the
 * tree could not be built from as it came is in `problems`.
 *
 * @returns undefined when no span is left.
 */
export function assembleTrace(
  stored: readonly Span[],
  options: AssembleOptions,
): AssembledTrace | undefined {
  const { env } = options;
  const inEnv =
    env === undefined ? stored : stored.filter((span) => span.env === env || span.env === '');
  const trace = oneTrace(inEnv, options.traceId);
  if (trace.spans.length === 0) return undefined;
  const unique = uniqueSpans(trace.spans);
  const spans = unique.spans.toSorted(compareSpans);
  const links = linkParents(spans);
  const { order, depths } = treeOrder(links.parents);

  const positionOf = new Int32Array(spans.length);
  order.forEach((index, position) => {
    positionOf[index] = position;
  });
  const nodes = Array.from(order, (index, position): TraceNode => {
    const parent = links.parents[index]!;
    return {
      span: spans[index]!,
      parent: parent === -1 ? -1 : positionOf[parent]!,
      depth: depths[position]!,
      hiddenReason: undefined,
    };
  });

  const problems = [
    ...trace.problems,
    ...unique.problems,
    ...links.problems,
    ...rootProblems(spans),
    ...truncation(options.truncated ?? 0),
  ].toSorted((a, b) => compare(a.kind, b.kind) || compare(a.spanId, b.spanId));
  const broken = new Set(['missing_parent', 'missing_root', 'cycle', 'truncated']);
  const first = spans[0]!;
  return {
    traceId: trace.traceId,
    traceIds: trace.traceIds,
    env: env ?? displayEnv(nodes),
    start: first.start,
    end: latestEnd(spans),
    complete: !problems.some((problem) => broken.has(problem.kind)),
    error: spans.some((span) => span.error),
    sources: countSources(spans),
    services: [...new Set(nodes.map((node) => node.span.service))],
    nodes,
    problems,
  };
}

/** The world a span is counted under. */
export function sourceLabel(span: Span): SourceLabel {
  if (span.meta['_inferred_span.tag_source'] !== undefined) return 'inferred';
  return span.source;
}

function rootProblems(spans: readonly Span[]): Problem[] {
  const roots = spans.filter((span) => span.parentId === undefined);
  if (roots.length === 0) {
    return [
      {
        kind: 'missing_root',
        spanId: spans[0]!.spanId,
        count: 1,
        message: 'The root span has not arrived; the earliest span stands in for it',
      },
    ];
  }
  if (roots.length === 1) return [];
  return [
    {
      kind: 'multiple_roots',
      spanId: roots[0]!.spanId,
      count: roots.length,
      message: `${roots.length} spans have no parent; they are shown one after another`,
    },
  ];
}

function truncation(count: number): Problem[] {
  if (count === 0) return [];
  return [
    {
      kind: 'truncated',
      spanId: 0n,
      count,
      message: `${count} more spans are stored than one answer may hold`,
    },
  ];
}

/** The first environment named, from the root down. */
function displayEnv(nodes: readonly TraceNode[]): string {
  return nodes.find((node) => node.span.env !== '')?.span.env ?? '';
}

function latestEnd(spans: readonly Span[]): EpochNanos {
  let latest = spans[0]!.start as bigint;
  for (const span of spans) {
    const end = span.start + BigInt(span.duration);
    if (end > latest) latest = end;
  }
  return latest as EpochNanos;
}

function countSources(spans: readonly Span[]): Record<SourceLabel, number> {
  const counts = { datadog: 0, otlp: 0, xray: 0, inferred: 0, other: 0 };
  for (const span of spans) counts[sourceLabel(span)]++;
  return counts;
}
