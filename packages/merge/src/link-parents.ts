import type { Span } from '@spanloom/model';
import type { Problem } from './assembled-trace.ts';
import { compareSpans } from './compare-spans.ts';

/** Who is whose parent, by index into the spans given. */
export interface ParentLinks {
  /** Parent of each span, -1 when it has none or it is not here. */
  readonly parents: Int32Array;
  readonly problems: readonly Problem[];
}

/**
 * Finds each span's parent. Parents that never arrived are reported with the number of their children; a cycle, which only a
 * broken sender makes, is cut at its youngest span.
 *
 * @param spans Unique spans, in the order of `compareSpans`.
 */
export function linkParents(spans: readonly Span[]): ParentLinks {
  const byId = new Map<bigint, number[]>();
  spans.forEach((span, index) => {
    const same = byId.get(span.spanId);
    if (same === undefined) byId.set(span.spanId, [index]);
    else same.push(index);
  });
  const parents = new Int32Array(spans.length).fill(-1);
  const missing = new Map<bigint, number>();
  spans.forEach((span, index) => {
    if (span.parentId === undefined) return;
    const candidates = byId.get(span.parentId);
    if (candidates === undefined) missing.set(span.parentId, (missing.get(span.parentId) ?? 0) + 1);
    else parents[index] = likeliestParent(spans, candidates, index);
  });
  const problems: Problem[] = [...missing].map(([spanId, count]) => ({
    kind: 'missing_parent',
    spanId,
    count,
    message: `${count === 1 ? '1 span names' : `${count} spans name`} a parent that has not arrived`,
  }));
  problems.push(...cutCycles(spans, parents));
  return { parents, problems };
}

/** Of several spans with the parent's id: one that encloses the child, of the child's service if possible, not the child itself. */
function likeliestParent(
  spans: readonly Span[],
  candidates: readonly number[],
  child: number,
): number {
  if (candidates.length === 1) return candidates[0]!;
  const span = spans[child]!;
  let best = -1;
  let bestScore = -1;
  for (const candidate of candidates) {
    if (candidate === child) continue;
    const other = spans[candidate]!;
    const encloses =
      other.start <= span.start &&
      other.start + BigInt(other.duration) >= span.start + BigInt(span.duration);
    const score = (encloses ? 2 : 0) + (other.service === span.service ? 1 : 0);
    if (score > bestScore) {
      best = candidate;
      bestScore = score;
    }
  }
  return best;
}

function cutCycles(spans: readonly Span[], parents: Int32Array): Problem[] {
  const problems: Problem[] = [];
  /** 0 not visited, otherwise the number of the walk that reached the span. */
  const walk = new Int32Array(spans.length);
  for (let first = 0; first < spans.length; first++) {
    let at = first;
    while (at !== -1 && walk[at] === 0) {
      walk[at] = first + 1;
      at = parents[at]!;
    }
    if (at === -1 || walk[at] !== first + 1) continue;
    const members = [at];
    for (let next = parents[at]!; next !== at; next = parents[next]!) members.push(next);
    const youngest = members.reduce((a, b) => (compareSpans(spans[a]!, spans[b]!) > 0 ? a : b));
    parents[youngest] = -1;
    problems.push({
      kind: 'cycle',
      spanId: spans[youngest]!.spanId,
      count: members.length,
      message:
        members.length === 1
          ? 'The span names itself as its parent; it is shown as a root'
          : `${members.length} spans are each other's ancestors; the youngest is shown as a root`,
    });
  }
  return problems;
}
