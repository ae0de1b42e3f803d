import type { SpanLink } from '@spanloom/model';
import type { Draft } from './draft-trace.ts';
import type { Relations } from './relations.ts';

/** Marks a link to the half of a trace that is of another environment. */
export const ENV_MISMATCH = 'xray.env_mismatch';

/** Links the spans at which traces would have been joined, had they been of one environment, to each other. */
export function linkAcrossEnvs(relations: Relations, { draft, localOf }: Draft): void {
  const { pool, units, joins } = relations;
  for (const { pair, envs, xrayEnvs } of joins.mismatches) {
    const [edge] = pair.edges;
    const [request] = pair.requests;
    const run = request?.xray?.run === -1 ? request.xray.service : request?.xray?.run;
    const ends =
      edge !== undefined
        ? [edge.child, edge.parent]
        : request !== undefined
          ? [request.apm!.at, run!]
          : [units[pair.other]!.members[0]!, units[pair.xray]!.members[0]!];
    const here = ends.find((at) => localOf[at] !== -1);
    const there = ends.find((at) => localOf[at] === -1);
    if (here === undefined || there === undefined) continue;
    const { traceId, spanId, source } = pool.spans[there]!;
    const attributes = {
      [ENV_MISMATCH]: true,
      env: [...(source === 'xray' ? xrayEnvs : envs)].toSorted().join(','),
    };
    const link: SpanLink = { traceId, spanId, attributes, traceState: '', flags: undefined };
    const local = localOf[here]!;
    const span = draft.spans[local]!;
    draft.spans[local] = { ...span, links: [...span.links, link] };
  }
}
