import type { Span } from '@spanloom/model';
import type { Fragment } from './fragments.ts';
import type { Pool } from './pool.ts';

/** Each span's parent among the spans of the same world and trace id, -1 where it has none or it is not here. */
export function ownParents(pool: Pool, fragments: readonly Fragment[]): Int32Array {
  const { spans, ids } = pool;
  const fragmentOf = new Int32Array(spans.length);
  fragments.forEach(({ members }, index) => {
    for (const member of members) fragmentOf[member] = index;
  });
  const own = new Int32Array(spans.length).fill(-1);
  for (let i = 0; i < spans.length; i++) {
    const { parentId } = spans[i]!;
    if (parentId === undefined) continue;
    const first = ids.first(parentId);
    if (first === -1) continue;
    if (ids.next(first) === -1) {
      if (fragmentOf[first] === fragmentOf[i]) own[i] = first;
      continue;
    }
    const candidates: number[] = [];
    for (let at = first; at !== -1; at = ids.next(at)) {
      if (fragmentOf[at] === fragmentOf[i]) candidates.push(at);
    }
    own[i] = likeliestParent(pool, candidates, i);
  }
  return own;
}

/** Of several spans with the parent's id: one that encloses the child, of the child's service if possible, not the child itself. */
function likeliestParent(pool: Pool, candidates: readonly number[], child: number): number {
  if (candidates.length === 1) return candidates[0]!;
  const { spans, start, end } = pool;
  let best = -1;
  let bestScore = -1;
  for (const candidate of candidates) {
    if (candidate === child) continue;
    const encloses = start[candidate]! <= start[child]! && end[candidate]! >= end[child]!;
    const score =
      (isMadeUp(spans[candidate]!) ? 0 : 4) +
      (encloses ? 2 : 0) +
      (spans[candidate]!.service === spans[child]!.service ? 1 : 0);
    if (score > bestScore) {
      best = candidate;
      bestScore = score;
    }
  }
  return best;
}

function isMadeUp({ source, meta }: Span): boolean {
  return source === 'xray' && meta['xray.document'] === 'inferred';
}
