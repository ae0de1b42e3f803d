import type { Span } from '@spanloom/model';
import type { Problem } from './assembled-trace.ts';

/** What the crawler leaves on a document of which it cut a part, as the decoder stores annotations of X-Ray's own names. */
const CUT_ATTRIBUTES = ['xray.annotation.xray.truncated', 'xray.truncated'];

/** Whether a part of what X-Ray has below or beside this span was too large to be taken. */
export function isCut({ meta, metrics }: Span): boolean {
  return CUT_ATTRIBUTES.some(
    (name) =>
      (metrics[name] ?? 0) > 0 ||
      (meta[name] !== undefined && meta[name] !== 'false' && meta[name] !== '0'),
  );
}

/** Spans that are stored, but were more than one answer may hold. */
export function omittedProblems(count: number): Problem[] {
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

/** X-Ray traces that were too large to be read whole: what was cut is not stored. */
export function cutProblems(cut: readonly Span[]): Problem[] {
  const [first] = cut;
  if (first === undefined) return [];
  const counts = cut.map(countOf);
  const known = counts.reduce<number>((sum, count) => sum + (count ?? 0), 0);
  const isWhole = !counts.includes(undefined);
  const what =
    known === 0
      ? 'Spans of X-Ray'
      : `${isWhole ? '' : 'At least '}${known} ${known === 1 ? 'span' : 'spans'} of X-Ray`;
  return [
    {
      kind: 'truncated',
      spanId: first.spanId,
      count: known === 0 ? cut.length : known,
      message: `${what} ${isWhole && known === 1 ? 'was' : 'were'} cut when the trace was read: it is larger than is taken over`,
    },
  ];
}

/** Undefined where the mark says that something was cut, and not how much. */
function countOf({ meta, metrics }: Span): number | undefined {
  for (const name of CUT_ATTRIBUTES) {
    const count = metrics[name] ?? Number(meta[name]);
    if (Number.isSafeInteger(count) && count > 0) return count;
  }
  return undefined;
}
