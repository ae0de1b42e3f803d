import type { Piece, Place, Scalar } from './ast.ts';
import {
  choose,
  readBoolean,
  sourcePredicate,
  spanIdPredicate,
  statusPredicate,
  tracePredicate,
} from './check-choice.ts';
import { attributeRange, numberMeant } from './check-measure.ts';
import {
  durationRange,
  integerRange,
  plainNumber,
  pointBounds,
  startRange,
} from './check-range.ts';
import type { Bounds, Checked, Subject } from './checked.ts';
import { KIND_VALUES, type Target } from './keys.ts';
import type { Predicate, TextTest } from './predicate.ts';
import { fail } from './problem.ts';
import { literalText, lowerPieces, showScalar } from './scalar.ts';

/** Gives `key:value` its meaning. */
export function checkScalar(subject: Subject, scalar: Scalar): Checked {
  const { target } = subject;
  switch (target.kind) {
    case 'text':
      return {
        predicate: { kind: 'text', field: target.field, test: textTest(scalar.pieces, target.tag) },
      };
    case 'attribute':
      return attributeScalar(subject, target, scalar);
    case 'http-status':
      return httpStatusScalar(subject, scalar);
    case 'duration':
      return checkRange(subject, pointBounds(scalar), scalar);
    case 'start':
      return checkRange(subject, pointBounds(scalar), scalar);
    case 'status':
      return { predicate: statusPredicate(subject, scalar) };
    case 'flag': {
      const flag: Predicate = { kind: 'flag', flag: target.flag };
      const wanted = readBoolean(scalar);
      if (wanted === undefined) {
        return fail(
          `Cannot read "${showScalar(scalar)}" for ${subject.name}: write true or false`,
          scalar,
          'true',
        );
      }
      return { predicate: wanted ? flag : { kind: 'not', operand: flag } };
    }
    case 'span-kind':
      return {
        predicate: { kind: 'span-kind', values: choose(subject, scalar, KIND_VALUES) },
      };
    case 'source':
      return { predicate: sourcePredicate(subject, scalar) };
    case 'trace-id':
      return { predicate: tracePredicate(scalar) };
    case 'span-id':
      return { predicate: spanIdPredicate(subject, target.field, scalar) };
  }
}

/** Gives `key:>a` and `key:[a TO b]` their meaning. */
export function checkRange(subject: Subject, bounds: Bounds, place: Place): Checked {
  const { target } = subject;
  if (bounds.low === undefined && bounds.high === undefined) {
    fail(
      `A range that is open at both ends matches any value; write ${subject.name}:*`,
      place,
      '*',
    );
  }
  switch (target.kind) {
    case 'attribute':
      return attributeRange(subject, target.key, bounds);
    case 'http-status':
      return integerRange('httpStatus', bounds, (scalar) => plainNumber(subject, scalar));
    case 'duration':
      return durationRange(subject, bounds);
    case 'start':
      return startRange(subject, bounds);
    case 'text':
      return fail(
        `${subject.name} is text and cannot be compared by size; write ${subject.name}:value or use a wildcard`,
        place,
      );
    default:
      return fail(
        `${subject.name} cannot be compared by size; write ${subject.name}:${exampleOf(target)}`,
        place,
        exampleOf(target),
      );
  }
}

function exampleOf(target: Target): string {
  switch (target.kind) {
    case 'status':
      return 'error';
    case 'span-kind':
      return 'server';
    case 'source':
      return 'apm';
    case 'flag':
      return 'true';
    default:
      return '"…"';
  }
}

/**
 * Tag values are written in lower case by normalisation, so a tag matches as written or in lower case; its wildcards
 * ignore case. Attribute values are compared as they are.
 */
function textTest(pieces: readonly Piece[], tag: boolean): TextTest {
  const literal = literalOf(pieces);
  if (literal === undefined) {
    return { kind: 'like', pieces: tag ? lowerPieces(pieces) : pieces, fold: tag };
  }
  return { kind: 'equals', values: spellings(literal, tag) };
}

function spellings(literal: string, tag: boolean): readonly string[] {
  const lower = literal.toLowerCase();
  return tag && lower !== literal ? [literal, lower] : [literal];
}

function literalOf(pieces: readonly Piece[]): string | undefined {
  return literalText({ pieces, start: 0, end: 0 });
}

function attributeScalar(
  subject: Subject,
  target: { readonly key: string; readonly tag: boolean },
  scalar: Scalar,
): Checked {
  const { key, tag } = target;
  const literal = literalText(scalar);
  if (literal === undefined) {
    const test = textTest(scalar.pieces, tag);
    return { predicate: { kind: 'attribute', key, test } };
  }
  // The one attribute whose every true value also sets a column.
  if (key === 'cold_start' && literal === 'true') {
    return { predicate: { kind: 'flag', flag: 'cold' } };
  }
  const values = spellings(literal, tag);
  const number = numberMeant(key, literal);
  const predicate: Predicate = {
    kind: 'attribute',
    key,
    test: { kind: 'equals', values, ...(number === undefined ? {} : { number }) },
  };
  if (subject.key.sigil === '' && key === 'error' && /^(?:true|1)$/i.test(literal)) {
    const message = 'This searches for an attribute named error; failed spans are status:error';
    const { start } = subject.key;
    return { predicate, hint: { message, start, end: scalar.end, suggestion: 'status:error' } };
  }
  return { predicate };
}

function httpStatusScalar(subject: Subject, scalar: Scalar): Checked {
  if (literalText(scalar) === undefined) {
    const test = textTest(scalar.pieces, false);
    return { predicate: { kind: 'text', field: 'httpStatus', test } };
  }
  return integerRange('httpStatus', pointBounds(scalar), (bound) => plainNumber(subject, bound));
}
