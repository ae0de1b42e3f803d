import type { Draft } from './draft-trace.ts';
import type { Relations } from './relations.ts';
import { functionTagsOf } from './trace-context.ts';
import { XRAY_KIND } from './xray-tree.ts';

/**
 * Folds away X-Ray documents that are no work of their own: what a Datadog library told X-Ray, and callees that X-Ray made up of
 * what their callers saw.
 */
export function hideSegments(relations: Relations, { draft, poolOf, localOf }: Draft): void {
  const { tree } = relations;
  for (let local = 0; local < poolOf.length; local++) {
    const kind = tree.kinds[poolOf[local]!];
    if (kind === XRAY_KIND.metadata) hideMetadata(local);
    else if (kind === XRAY_KIND.inferred) hideInferred(local);
  }

  function hideMetadata(local: number): void {
    const at = poolOf[local]!;
    const run = localIn(tree.functionOf(at));
    const service = localIn(tree.serviceOf(at));
    const tags = functionTagsOf(draft.spans[local]!);
    if (Object.keys(tags).length > 0) {
      for (const target of [run, service]) if (target !== -1) draft.complete(target, tags);
    }
    const parent = draft.parents[local]!;
    const by = run === -1 ? parent : run;
    // Before the function's segment has come there is nothing to show it in its place.
    draft.hide(local, {
      by,
      heir: parent,
      reason: 'A note of the Lambda library to X-Ray, not work that took time',
    });
  }

  function hideInferred(local: number): void {
    const parent = draft.parents[local]!;
    if (parent === -1) return;
    draft.hide(local, {
      by: parent,
      heir: parent,
      reason: 'Made up by X-Ray from what the caller saw; the caller shows it',
    });
    const { resource, meta } = draft.spans[local]!;
    const origin = meta['xray.origin'] ?? '';
    draft.complete(parent, {
      'peer.service': meta['xray.name'] ?? resource,
      ...(origin !== '' && { 'xray.peer.type': origin }),
    });
  }

  function localIn(at: number): number {
    return at === -1 ? -1 : localOf[at]!;
  }
}
