import type { Span } from '@spanloom/model';
import type { Problem } from './assembled-trace.ts';

/**
 * Cuts each cycle of parents at its youngest span. Only a broken sender makes one.
 *
 * @param spans In the order of `compareSpans`: of two, the younger is the later one.
 * @param parents Position of each span's parent, -1 for none. Changed where a cycle is cut.
 */
export function cutCycles(spans: readonly Span[], parents: Int32Array): Problem[] {
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
    const youngest = members.reduce((a, b) => Math.max(a, b));
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
