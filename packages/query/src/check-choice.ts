import { parseSpanId, tryParseTraceId } from '@spanloom/base';
import type { Scalar } from './ast.ts';
import type { Subject } from './checked.ts';
import { INFERRED_MARK, SOURCE_VALUES } from './keys.ts';
import { nearest } from './nearest.ts';
import { pieceMatcher } from './piece-matcher.ts';
import { join, type Predicate } from './predicate.ts';
import { fail } from './problem.ts';
import { literalText, lowerPieces, showScalar } from './scalar.ts';

/** `status:error` and `status:ok`. */
export function statusPredicate(subject: Subject, scalar: Scalar): Predicate {
  const values = choose(
    subject,
    scalar,
    new Map([
      ['error', ['error']],
      ['ok', ['ok']],
    ] as const),
  );
  const error: Predicate = { kind: 'flag', flag: 'error' };
  return join(
    'or',
    values.map((value) => (value === 'error' ? error : { kind: 'not', operand: error })),
  );
}

/** `source:…`, where `inferred` is a mark that spans of any source can carry. */
export function sourcePredicate(subject: Subject, scalar: Scalar): Predicate {
  const inferred = 'inferred';
  const spelled: ReadonlyMap<string, readonly string[]> = new Map<string, readonly string[]>([
    ...SOURCE_VALUES,
    [inferred, [inferred]],
  ]);
  const chosen = choose(subject, scalar, spelled);
  const values = [...SOURCE_VALUES.values()].flat().filter((value) => chosen.includes(value));
  const parts: Predicate[] = [];
  if (values.length > 0) parts.push({ kind: 'source', values: [...new Set(values)] });
  if (chosen.includes(inferred)) {
    parts.push({ kind: 'attribute', key: INFERRED_MARK, test: { kind: 'present' } });
  }
  return join('or', parts);
}

/** The choices whose spelling is, or whose wildcard pattern matches, the value; case does not matter. */
export function choose<T>(
  subject: Subject,
  scalar: Scalar,
  choices: ReadonlyMap<string, readonly T[]>,
): readonly T[] {
  const matches = pieceMatcher(lowerPieces(scalar.pieces), 'whole');
  const chosen = [...choices].filter(([name]) => matches(name)).flatMap(([, values]) => values);
  if (chosen.length > 0) return [...new Set(chosen)];
  const names = [...choices.keys()];
  return fail(
    `Cannot read "${showScalar(scalar)}" for ${subject.name}: it can be ${names.join(', ')}`,
    scalar,
    nearest(showScalar(scalar), names),
  );
}

/** Reads `true` or `false` in their usual spellings. */
export function readBoolean(scalar: Scalar): boolean | undefined {
  switch (literalText(scalar)?.toLowerCase()) {
    case 'true':
    case '1':
    case 'yes':
      return true;
    case 'false':
    case '0':
    case 'no':
      return false;
    default:
      return undefined;
  }
}

/** `trace_id:…` in any spelling. */
export function tracePredicate(scalar: Scalar): Predicate {
  const text = literalText(scalar);
  const id = text === undefined ? undefined : tryParseTraceId(text);
  if (id !== undefined) return { kind: 'trace', id };
  return fail(
    `Cannot read "${showScalar(scalar)}" as a trace id: write 16 or 32 hex digits, an unsigned decimal number, a traceparent, or an X-Ray id such as 1-66f2a1c4-8f3b0c5e9a7d4b21e6c8f013`,
    scalar,
  );
}

/** `span_id:…` and `parent_id:…`. */
export function spanIdPredicate(
  subject: Subject,
  field: 'spanId' | 'parentId',
  scalar: Scalar,
): Predicate {
  const text = literalText(scalar);
  if (text !== undefined) {
    try {
      return { kind: 'span-id', field, value: parseSpanId(text) };
    } catch {
      // Its own message has no key and no position; ours below has both.
    }
  }
  return fail(
    `Cannot read "${showScalar(scalar)}" as a span id for ${subject.name}: write 16 hex digits or an unsigned decimal number`,
    scalar,
  );
}
