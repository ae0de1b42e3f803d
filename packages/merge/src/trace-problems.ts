import { formatTraceId } from '@spanloom/base';
import type { Span } from '@spanloom/model';
import type { Problem } from './assembled-trace.ts';
import { type ChosenTrace, traceIdOfUnit } from './chosen-trace.ts';
import { compare } from './compare-spans.ts';
import type { Relations } from './relations.ts';
import type { TraceDraft } from './trace-draft.ts';
import { SpanIdTable } from './span-id-table.ts';
import { isPartial } from './unique-spans.ts';
import { envDifference } from './env-difference.ts';
import { meetingPoint } from './env-links.ts';

/** What leaves a tree with holes in it. */
const BREAKING: ReadonlySet<Problem['kind']> = new Set([
  'missing_parent',
  'missing_root',
  'cycle',
  'truncated',
  'limit_exceeded',
]);

export function isBreaking({ kind }: Problem): boolean {
  return BREAKING.has(kind);
}

/** In an order that does not depend on how they were found. */
export function inOrder(problems: readonly Problem[]): Problem[] {
  return problems.toSorted(
    (a, b) =>
      compare(a.kind, b.kind) ||
      compare(a.spanId, b.spanId) ||
      compare(a.count, b.count) ||
      compare(a.message, b.message),
  );
}

/** Parents and roots that are not as they should be. Hidden spans are no one's concern. */
export function shapeProblems(draft: TraceDraft): Problem[] {
  const missing = new Map<bigint, number>();
  const roots: Span[] = [];
  draft.parents.forEach((parent, at) => {
    if (parent !== -1 || draft.isHidden(at)) return;
    const absent = draft.missing.get(at);
    if (absent === undefined || draft.foreign.has(at)) roots.push(draft.spans[at]!);
    else missing.set(absent, (missing.get(absent) ?? 0) + 1);
  });
  const problems: Problem[] = [...missing].map(([spanId, count]) => ({
    kind: 'missing_parent',
    spanId,
    count,
    message: `${count === 1 ? '1 span names' : `${count} spans name`} a parent that has not arrived`,
  }));
  if (roots.length === 0) {
    problems.push({
      kind: 'missing_root',
      spanId: draft.spans[0]!.spanId,
      count: 1,
      message: 'The root span has not arrived; the earliest span stands in for it',
    });
  } else if (roots.length > 1) {
    problems.push({
      kind: 'multiple_roots',
      spanId: roots[0]!.spanId,
      count: roots.length,
      message: `${roots.length} spans have no parent; they are shown one after another`,
    });
  }
  return problems;
}

/** Spans that came more than once, share an id, or have not ended. */
export function spanProblems(
  stored: readonly Span[],
  copies: ReadonlyMap<Span, number>,
  isHidden: (at: number) => boolean,
): Problem[] {
  const problems: Problem[] = [];
  const table = new SpanIdTable(stored);
  stored.forEach((span, at) => {
    const { spanId } = span;
    const extra = copies.size === 0 ? undefined : copies.get(span);
    if (extra !== undefined) {
      problems.push({
        kind: 'duplicate_span',
        spanId,
        count: extra,
        message: `Received ${extra + 1} times; the most complete copy is shown`,
      });
    }
    if (isPartial(span) && span.source !== 'xray') {
      problems.push({
        kind: 'partial_version',
        spanId,
        count: 1,
        message: 'Still running when it was last reported; no final version has arrived',
      });
    }
    if (table.next(at) === -1 || table.first(spanId) !== at) return;
    let same = 0;
    for (let one = at; one !== -1; one = table.next(one)) if (!isHidden(one)) same++;
    if (same < 2) return;
    problems.push({
      kind: 'duplicate_span_id',
      spanId,
      count: same,
      message: `${same} different spans carry this id; children go to the one that encloses them`,
    });
  });
  return problems;
}

/** X-Ray cuts a trace off when it grows beyond some 100 to 500 kB. */
export function limitProblems(cut: readonly Span[]): Problem[] {
  const [first] = cut;
  if (first === undefined) return [];
  return [
    {
      kind: 'limit_exceeded',
      spanId: first.spanId,
      count: cut.length,
      message: "The trace passed X-Ray's size limit; segments sent after that are lost",
    },
  ];
}

/** Spans that were left out because they share no more than an id, or a trace but not an environment. */
export function apartProblems(relations: Relations, { units: chosen }: ChosenTrace): Problem[] {
  const { units, unitOf, joins, pool } = relations;
  const isChosen = new Set(chosen);
  const problems: Problem[] = [];
  const told = new Set<number>();
  for (const mismatch of joins.mismatches) {
    const { pair } = mismatch;
    if (isChosen.has(pair.other) === isChosen.has(pair.xray)) continue;
    const other = isChosen.has(pair.other) ? pair.xray : pair.other;
    if (told.has(other)) continue;
    told.add(other);
    const here = meetingPoint(relations, pair).find((at) => isChosen.has(unitOf[at]!));
    const { evidence } = envDifference(mismatch);
    problems.push({
      kind: 'env_mismatch',
      spanId: pool.spans[here ?? units[other]!.members[0]!]!.spanId,
      count: units[other]!.members.length,
      message: `${evidence[0]}, so they are not shown as one trace; the other half is ${formatTraceId(traceIdOfUnit(relations, other))}`,
    });
  }
  const keys = new Set(chosen.map((unit) => units[unit]!.key));
  let strangers = 0;
  // Split by environment, or of another than was asked for: not another trace.
  const parts = new Set(chosen.map((unit) => units[unit]!.part));
  const group = joins.groupOf[chosen[0]!];
  units.forEach(({ key, members, isMain, part }, unit) => {
    if (told.has(unit) || !isMain || !keys.has(key)) return;
    if (joins.groupOf[unit] !== group && !parts.has(part)) strangers += members.length;
  });
  if (strangers > 0) {
    problems.push({
      kind: 'trace_id_collision',
      spanId: 0n,
      count: strangers,
      message: `${strangers} spans of another trace share the low half of this id and are left out; ask by the full 128-bit id to see it`,
    });
  }
  return problems;
}
