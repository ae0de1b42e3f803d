import { parseSpanId, tryParseTraceId } from '@spanloom/base';
import type { Key, Piece, Place, Scalar } from './ast.ts';
import { parseInstant } from './instant.ts';
import {
  INFERRED_MARK,
  KIND_VALUES,
  measureUnit,
  SOURCE_VALUES,
  type MeasureUnit,
  type Target,
} from './keys.ts';
import { nearest } from './nearest.ts';
import { pieceMatcher } from './piece-matcher.ts';
import {
  EVERYTHING,
  type IntegerField,
  join,
  NOTHING,
  type NumberBound,
  type Predicate,
  type TextTest,
} from './predicate.ts';
import { fail, type Hint } from './problem.ts';
import {
  ceilOf,
  dividedBy,
  floorOf,
  parseNumber,
  parseQuantity,
  type Quantity,
  toNumber,
} from './quantity.ts';
import { literalText, lowerPieces, showScalar } from './scalar.ts';

/** A value's key: how it was written and what it means. */
export interface Subject {
  readonly name: string;
  readonly key: Key;
  readonly target: Target;
  /** What `now` means, for timestamps. */
  readonly now: bigint | undefined;
}

/** The two ends of a comparison or range; an absent one is open. */
export interface Bounds {
  readonly low?: { readonly scalar: Scalar; readonly inclusive: boolean };
  readonly high?: { readonly scalar: Scalar; readonly inclusive: boolean };
}

/** A predicate and, sometimes, what the reader should know about it. */
export interface Checked {
  readonly predicate: Predicate;
  readonly hint?: Hint;
}

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

/** The number that equality with a literal may also mean: a plain one, or one with a unit that the key's name tells. */
function numberMeant(key: string, literal: string): number | undefined {
  const plain = parseNumber(literal);
  if (plain !== undefined) return plain;
  const unit = measureUnit(key);
  const quantity = unit === undefined ? undefined : parseQuantity(literal);
  const converted =
    quantity === undefined || unit === undefined ? undefined : convert(quantity, unit);
  return converted === undefined ? undefined : toNumber(converted);
}

function attributeRange(subject: Subject, key: string, bounds: Bounds): Checked {
  let hint: Hint | undefined;
  const read = (bound: Bounds['low']): NumberBound | undefined => {
    if (bound === undefined) return undefined;
    const measured = readMeasure(subject, key, bound.scalar);
    hint ??= measured.hint;
    return { value: measured.value, inclusive: bound.inclusive };
  };
  const low = read(bounds.low);
  const high = read(bounds.high);
  const predicate: Predicate = {
    kind: 'attribute',
    key,
    test: {
      kind: 'between',
      ...(low === undefined ? {} : { low }),
      ...(high === undefined ? {} : { high }),
    },
  };
  return { predicate, ...(hint === undefined ? {} : { hint }) };
}

function readMeasure(
  subject: Subject,
  key: string,
  scalar: Scalar,
): { readonly value: number; readonly hint?: Hint } {
  const text = literalText(scalar);
  const quantity = text === undefined ? undefined : parseQuantity(text);
  if (text === undefined || quantity === undefined) {
    return fail(
      `Cannot compare ${subject.name} with "${showScalar(scalar)}": write a number, which can have a unit such as 250ms, 4kb or 50%; to match text write ${subject.name}:value`,
      scalar,
    );
  }
  const unit = measureUnit(key);
  if (quantity.dimension === 'number') return { value: Number(text) };
  if (unit === undefined) {
    const value = toNumber(quantity);
    const base = { duration: 'nanoseconds', size: 'bytes', percent: 'per cent', number: '' };
    const message = `The name ${subject.name} does not tell its unit; ${text} is read as ${value} ${base[quantity.dimension]}`;
    return { value, hint: { message, start: scalar.start, end: scalar.end } };
  }
  const converted = convert(quantity, unit);
  if (converted === undefined) {
    return fail(
      `Cannot compare ${subject.name} with ${text}: by its name it is ${unitName(unit)}`,
      scalar,
    );
  }
  return { value: toNumber(converted) };
}

/** The quantity in the measure's unit, or undefined when they do not measure the same thing. */
function convert(quantity: Quantity, unit: MeasureUnit): Quantity | undefined {
  const divisors = { ns: 1n, us: 1_000n, ms: 1_000_000n, s: 1_000_000_000n };
  switch (unit) {
    case 'ns':
    case 'us':
    case 'ms':
    case 's':
      return quantity.dimension === 'duration' ? dividedBy(quantity, divisors[unit]) : undefined;
    case 'bytes':
      return quantity.dimension === 'size' ? quantity : undefined;
    case 'percent':
      return quantity.dimension === 'percent' ? quantity : undefined;
    case 'none':
      return undefined;
  }
}

function unitName(unit: MeasureUnit): string {
  switch (unit) {
    case 'bytes':
      return 'a number of bytes';
    case 'percent':
      return 'a percentage';
    default:
      return `a time in ${unit}`;
  }
}

function durationRange(subject: Subject, bounds: Bounds): Checked {
  let hint: Hint | undefined;
  const checked = integerRange('duration', bounds, (scalar) => {
    const text = literalText(scalar);
    const quantity = text === undefined ? undefined : parseQuantity(text);
    if (
      text === undefined ||
      (quantity?.dimension !== 'duration' && quantity?.dimension !== 'number')
    ) {
      const meant = text === undefined ? undefined : durationMeant(text);
      return fail(
        `Cannot read "${showScalar(scalar)}" as a duration for ${subject.name}: write a number with a unit (ns, us, ms, s, m, h, d), such as 250ms or 1m30s`,
        scalar,
        meant,
      );
    }
    if (quantity.dimension === 'number' && quantity.numerator !== 0n) {
      hint ??= {
        message: `${text} without a unit is read as nanoseconds; other units are us, ms, s, m, h, d`,
        start: scalar.start,
        end: scalar.end,
        suggestion: `${text}ms`,
      };
    }
    return quantity;
  });
  return { ...checked, ...(hint === undefined ? {} : { hint }) };
}

/** A unit that was written out or misspelt: `5sec` and `10msec`. */
function durationMeant(text: string): string | undefined {
  const [, number, word = ''] = /^([\d.]+)\s*([a-z]+)$/i.exec(text) ?? [];
  if (number === undefined) return undefined;
  const units: readonly (readonly [RegExp, string])[] = [
    [/^(?:n|nano|nanos|nsec|nanoseconds?)$/i, 'ns'],
    [/^(?:u|micro|micros|usec|microseconds?)$/i, 'us'],
    [/^(?:milli|millis|msec|msecs|milliseconds?)$/i, 'ms'],
    [/^(?:sec|secs|seconds?)$/i, 's'],
    [/^(?:mins|minutes?)$/i, 'm'],
    [/^(?:hr|hrs|hours?)$/i, 'h'],
    [/^days?$/i, 'd'],
  ];
  const unit = units.find(([pattern]) => pattern.test(word))?.[1];
  return unit === undefined ? undefined : `${number}${unit}`;
}

function startRange(subject: Subject, bounds: Bounds): Checked {
  return integerRange('start', bounds, (scalar) => {
    const text = literalText(scalar);
    const instant = text === undefined ? 'unreadable' : parseInstant(text, subject.now);
    if (instant === 'no-clock') {
      return fail(
        'A time relative to now cannot be used here; write a date such as 2026-01-31T12:00:00Z',
        scalar,
      );
    }
    if (instant === 'unreadable') {
      return fail(
        `Cannot read "${showScalar(scalar)}" as a time for ${subject.name}: write a date such as 2026-01-31T12:00:00Z, or now-5m`,
        scalar,
      );
    }
    return { dimension: 'number', numerator: instant, denominator: 1n };
  });
}

function plainNumber(subject: Subject, scalar: Scalar): Quantity {
  const text = literalText(scalar);
  const quantity = text === undefined ? undefined : parseQuantity(text);
  if (quantity?.dimension === 'number') return quantity;
  return fail(
    `Cannot read "${showScalar(scalar)}" as a number for ${subject.name}: write a number such as 404, a range such as [400 TO 499] or a wildcard such as 4*`,
    scalar,
  );
}

/** Rounds both ends to whole numbers inside the range, so that the column is compared with integers only. */
function integerRange(
  field: IntegerField,
  bounds: Bounds,
  read: (scalar: Scalar) => Quantity,
): Checked {
  const low = bounds.low === undefined ? undefined : read(bounds.low.scalar);
  const high = bounds.high === undefined ? undefined : read(bounds.high.scalar);
  const lowest = low && (bounds.low?.inclusive === true ? ceilOf(low) : floorOf(low) + 1n);
  const highest = high && (bounds.high?.inclusive === true ? floorOf(high) : ceilOf(high) - 1n);
  if (highest !== undefined && (highest < 0n || (lowest !== undefined && lowest > highest))) {
    return { predicate: NOTHING };
  }
  // No column holds a negative number; 0 as a lower bound says nothing then, except that a status of 0 is absent.
  const min = lowest === undefined || lowest <= 0n ? undefined : lowest;
  if (min === undefined && highest === undefined && field !== 'httpStatus') {
    return { predicate: EVERYTHING };
  }
  return {
    predicate: {
      kind: 'integer',
      field,
      ...(min === undefined ? {} : { min }),
      ...(highest === undefined ? {} : { max: highest }),
    },
  };
}

function pointBounds(scalar: Scalar): Bounds {
  return { low: { scalar, inclusive: true }, high: { scalar, inclusive: true } };
}

function httpStatusScalar(subject: Subject, scalar: Scalar): Checked {
  if (literalText(scalar) === undefined) {
    const test = textTest(scalar.pieces, false);
    return { predicate: { kind: 'text', field: 'httpStatus', test } };
  }
  return integerRange('httpStatus', pointBounds(scalar), (bound) => plainNumber(subject, bound));
}

function statusPredicate(subject: Subject, scalar: Scalar): Predicate {
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

function sourcePredicate(subject: Subject, scalar: Scalar): Predicate {
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
function choose<T>(
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

function readBoolean(scalar: Scalar): boolean | undefined {
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

function tracePredicate(scalar: Scalar): Predicate {
  const text = literalText(scalar);
  const id = text === undefined ? undefined : tryParseTraceId(text);
  if (id !== undefined) return { kind: 'trace', id };
  return fail(
    `Cannot read "${showScalar(scalar)}" as a trace id: write 16 or 32 hex digits, an unsigned decimal number, a traceparent, or an X-Ray id such as 1-66f2a1c4-8f3b0c5e9a7d4b21e6c8f013`,
    scalar,
  );
}

function spanIdPredicate(
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
