import type { Span } from '@spanloom/model';
import type { Problem, TraceNode } from './assembled-trace.ts';
import { clockSkew } from './clock-skew.ts';
import type { TraceDraft } from './trace-draft.ts';
import { treeOrder } from './tree-order.ts';
import { isPartial } from './unique-spans.ts';

const NONE: readonly bigint[] = [];

type Unfrozen<T> = { -readonly [K in keyof T]: T[K] };

/** The finished draft in tree order, and what its clocks seem to be wrong by. */
export function traceNodes(draft: TraceDraft): { nodes: TraceNode[]; problems: Problem[] } {
  const { order, depths } = treeOrder(draft.parents);
  const positionOf = new Int32Array(order.length);
  for (let position = 0; position < order.length; position++)
    positionOf[order[position]!] = position;
  const spans: Span[] = [];
  const parents = new Int32Array(order.length);
  for (let position = 0; position < order.length; position++) {
    const at = order[position]!;
    spans.push(draft.spans[at]!);
    parents[position] = draft.parents[at] === -1 ? -1 : positionOf[draft.parents[at]!]!;
  }
  const { skew, problems } = clockSkew({
    spans,
    parents,
    isHidden: (position) => draft.hidden.size > 0 && draft.isHidden(order[position]!),
  });
  const folded = foldedBy(draft);
  const nodes: TraceNode[] = [];
  for (let position = 0; position < order.length; position++) {
    const at = order[position]!;
    const span = spans[position]!;
    const parent = parents[position]!;
    const parentId =
      parent !== -1
        ? spans[parent]!.spanId
        : draft.missing.size > 0
          ? draft.missing.get(at)
          : undefined;
    const hiding = draft.hidden.size > 0 ? draft.hidden.get(at) : undefined;
    const shown = folded.get(at);
    const node: Unfrozen<TraceNode> = {
      span,
      parent,
      depth: depths[position]!,
      parentId,
      hiddenReason: hiding?.reason,
      hiddenBy: hiding === undefined ? undefined : idOf(draft, draft.shownBy(at)),
      folded: shown ?? NONE,
      unfinished: isUnfinished(span),
      skew: skew[position]!,
    };
    // Set afterwards: spreading it in made this the slowest loop of all.
    if (parentId !== span.parentId) node.statedParentId = span.parentId;
    nodes.push(node);
  }
  return { nodes, problems };
}

/** Ids of the hidden spans that each span shows. */
function foldedBy(draft: TraceDraft): Map<number, bigint[]> {
  const folded = new Map<number, bigint[]>();
  for (const position of draft.hidden.keys()) {
    const by = draft.shownBy(position);
    if (by === -1) continue;
    const known = folded.get(by);
    if (known === undefined) folded.set(by, [draft.spans[position]!.spanId]);
    else known.push(draft.spans[position]!.spanId);
  }
  return folded;
}

function idOf(draft: TraceDraft, position: number): bigint | undefined {
  return position === -1 ? undefined : draft.spans[position]!.spanId;
}

function isUnfinished(span: Span): boolean {
  if (isPartial(span)) return true;
  if (span.source !== 'xray') return false;
  return span.meta['xray.in_progress'] === 'true' || span.meta['xray.incomplete'] === 'true';
}
