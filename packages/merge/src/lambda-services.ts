import type { Draft } from './draft-trace.ts';
import type { PlacedInvocation } from './place-invocations.ts';
import type { Relations } from './relations.ts';

/**
 * Gives X-Ray's spans of a function the service that its tracer says it is. X-Ray knows the function's name only, and a trace
 * with two services for one function would draw it in two colours.
 */
export function nameServices(
  relations: Relations,
  { draft, poolOf, localOf }: Draft,
  placed: readonly PlacedInvocation[],
): void {
  /** By Lambda's record and by the function's run: from which service to which. */
  const renamed = new Map<number, { from: string; to: string }>();
  for (const { apm, invocation } of placed) {
    const to = draft.spans[apm]!.service;
    for (const at of [invocation.xray!.run, invocation.xray!.service]) {
      if (at === -1 || localOf[at] === -1) continue;
      const from = relations.pool.spans[at]!.service;
      if (to !== '' && from !== to) renamed.set(at, { from, to });
    }
  }
  if (renamed.size === 0) return;
  const { tree } = relations;
  for (let local = 0; local < poolOf.length; local++) {
    const span = draft.spans[local]!;
    if (span.source !== 'xray') continue;
    const at = poolOf[local]!;
    const change = renamed.get(tree.functionOf(at)) ?? renamed.get(tree.serviceOf(at));
    if (change === undefined || span.service !== change.from) continue;
    draft.spans[local] = { ...span, service: change.to };
  }
}
