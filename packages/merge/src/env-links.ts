import type { SpanLink } from '@spanloom/model';
import type { Draft } from './draft-trace.ts';
import type { Pair } from './pairs.ts';
import type { Relations } from './relations.ts';

/** Marks a link to the half of a trace that is of another environment. */
const ENV_MISMATCH = 'xray.env_mismatch';

/** Links the spans at which traces would have been joined, had they been of one environment, to each other. */
export function linkAcrossEnvs(relations: Relations, { draft, localOf }: Draft): void {
  const { pool, joins, unitOf } = relations;
  for (const { pair, envs, xrayEnvs } of joins.mismatches) {
    const ends = meetingPoint(relations, pair);
    const here = ends.find((at) => localOf[at] !== -1);
    const there = ends.find((at) => localOf[at] === -1);
    if (here === undefined || there === undefined) continue;
    const { traceId, spanId } = pool.spans[there]!;
    const attributes = {
      [ENV_MISMATCH]: true,
      env: [...(unitOf[there] === pair.xray ? xrayEnvs : envs)].toSorted().join(','),
    };
    const link: SpanLink = { traceId, spanId, attributes, traceState: '', flags: undefined };
    const local = localOf[here]!;
    const span = draft.spans[local]!;
    draft.spans[local] = { ...span, links: [...span.links, link] };
  }
}

/** The spans at which two units meet: those that name each other, else the first of each. */
export function meetingPoint({ units }: Relations, pair: Pair): [number, number] {
  const [edge] = pair.edges;
  if (edge !== undefined) return [edge.child, edge.parent];
  const [request] = pair.requests;
  if (request !== undefined) {
    const { run, service } = request.xray!;
    return [request.apm!.at, run === -1 ? service : run];
  }
  return [units[pair.other]!.members[0]!, units[pair.xray]!.members[0]!];
}
