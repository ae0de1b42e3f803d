import { joinKey } from '@spanloom/base';
import {
  type AttributeTest,
  FREE_TEXT_ATTRIBUTES,
  type NumberBound,
  parseNumber,
  type Piece,
  piecesText,
  type Predicate,
  type TextField,
  type TextTest,
} from '@spanloom/query';
import { spanFlagBits, spanKindNumbers } from './span-tables.ts';

/** A test of one text value that equality does not cover. */
export type PatternTest = Exclude<TextTest, { kind: 'present' | 'equals' }>;

/** A column of whole numbers and the range that its type can hold. */
export type IntegerColumn =
  | 'ts'
  | 'dur'
  | 'http_status'
  | 'jk'
  | 'trace_hi'
  | 'span_id'
  | 'parent_id'
  | 'kind';

/** What a query asks of the columns of a span table. Both tiers share it; only the spelling of `item` differs. */
export type Plan =
  | { readonly kind: 'constant'; readonly value: boolean }
  | { readonly kind: 'and' | 'or'; readonly operands: readonly Plan[] }
  | { readonly kind: 'not'; readonly operand: Plan }
  /** A text column has one of the values. */
  | { readonly kind: 'text-in'; readonly field: TextField; readonly values: readonly string[] }
  /** A text column is not empty and passes the test. */
  | { readonly kind: 'text-test'; readonly field: TextField; readonly test: PatternTest }
  /** Both ends included. */
  | {
      readonly kind: 'integer-range';
      readonly column: IntegerColumn;
      readonly min?: bigint;
      readonly max?: bigint;
    }
  | {
      readonly kind: 'integer-in';
      readonly column: IntegerColumn;
      readonly values: readonly bigint[];
    }
  | { readonly kind: 'source-in'; readonly values: readonly string[] }
  | { readonly kind: 'non-zero'; readonly column: 'err' | 'cold' }
  | { readonly kind: 'bit'; readonly bit: number }
  /** The attribute pair, answered by the tier's index. */
  | { readonly kind: 'item'; readonly key: string; readonly value: string }
  | { readonly kind: 'key'; readonly map: 'a' | 'n'; readonly key: string }
  | { readonly kind: 'attribute-test'; readonly key: string; readonly test: PatternTest }
  /** The decimal digits of a numeric attribute pass the test. */
  | { readonly kind: 'digits-test'; readonly key: string; readonly test: PatternTest }
  | { readonly kind: 'number-equals'; readonly key: string; readonly value: number }
  /** A numeric attribute, or a text attribute that reads as a number, lies in the range. */
  | {
      readonly kind: 'number-range';
      readonly map: 'a' | 'n';
      readonly key: string;
      readonly low?: NumberBound;
      readonly high?: NumberBound;
    }
  /** A text column contains the lower-case pattern, ignoring case. */
  | { readonly kind: 'text-contains'; readonly field: TextField; readonly pieces: readonly Piece[] }
  | { readonly kind: 'attribute-contains'; readonly key: string; readonly pieces: readonly Piece[] }
  | { readonly kind: 'any-attribute-contains'; readonly pieces: readonly Piece[] }
  | { readonly kind: 'any-number-equals'; readonly value: number };

const MAX_U64 = (1n << 64n) - 1n;

/** The values a column can hold; a bound outside them is dropped or decides the test. */
const COLUMN_MAX: Readonly<Record<IntegerColumn, bigint>> = {
  ts: (1n << 63n) - 1n,
  dur: MAX_U64,
  http_status: 0xffffn,
  jk: MAX_U64,
  trace_hi: MAX_U64,
  span_id: MAX_U64,
  parent_id: MAX_U64,
  kind: 0xffn,
};

const FALSE: Plan = { kind: 'constant', value: false };
const TRUE: Plan = { kind: 'constant', value: true };

/** Lowers the meaning of a query to tests of columns, with constants folded away. */
export function planPredicate(predicate: Predicate): Plan {
  switch (predicate.kind) {
    case 'everything':
      return TRUE;
    case 'nothing':
      return FALSE;
    case 'and':
    case 'or':
      return fold(predicate.kind, predicate.operands.map(planPredicate));
    case 'not':
      return negate(planPredicate(predicate.operand));
    case 'text':
      return planText(predicate.field, predicate.test);
    case 'attribute':
      return planAttribute(predicate.key, predicate.test);
    case 'integer':
      return planInteger(predicate);
    case 'flag':
      return planFlag(predicate.flag);
    case 'span-kind': {
      const values = predicate.values.map((value) => BigInt(spanKindNumbers[value]));
      return { kind: 'integer-in', column: 'kind', values };
    }
    case 'source':
      return { kind: 'source-in', values: predicate.values };
    case 'trace': {
      const { id } = predicate;
      const same: Plan = { kind: 'integer-in', column: 'jk', values: [joinKey(id)] };
      // A row without a high half may belong to any trace with this key.
      return id.hi === 0n
        ? same
        : fold('and', [same, { kind: 'integer-in', column: 'trace_hi', values: [0n, id.hi] }]);
    }
    case 'span-id': {
      const column = predicate.field === 'spanId' ? 'span_id' : 'parent_id';
      return { kind: 'integer-in', column, values: [predicate.value] };
    }
    case 'free-text':
      return planFreeText(predicate.pieces, predicate.everywhere);
  }
}

function planText(field: TextField, test: TextTest): Plan {
  switch (test.kind) {
    case 'present':
      return negate({ kind: 'text-in', field, values: [''] });
    case 'equals':
      return { kind: 'text-in', field, values: test.values };
    default:
      return { kind: 'text-test', field, test };
  }
}

function planAttribute(key: string, test: AttributeTest): Plan {
  switch (test.kind) {
    case 'present':
      return planKeyPresent(key);
    case 'equals': {
      const texts = test.values.map((value): Plan => ({ kind: 'item', key, value }));
      const numbers: Plan[] =
        test.number === undefined ? [] : [{ kind: 'number-equals', key, value: test.number }];
      return fold('or', [...texts, ...numbers]);
    }
    case 'between': {
      const { low, high } = test;
      const range = {
        ...(low === undefined ? {} : { low }),
        ...(high === undefined ? {} : { high }),
      };
      return fold('or', [
        { kind: 'number-range', map: 'n', key, ...range },
        { kind: 'number-range', map: 'a', key, ...range },
      ]);
    }
    case 'length':
    case 'network':
      return { kind: 'attribute-test', key, test };
    case 'like':
    case 'regex':
      return fold('or', [
        { kind: 'attribute-test', key, test },
        { kind: 'digits-test', key, test },
      ]);
  }
}

function planKeyPresent(key: string): Plan {
  return fold('or', [
    { kind: 'key', map: 'a', key },
    { kind: 'key', map: 'n', key },
  ]);
}

function planInteger(predicate: Extract<Predicate, { kind: 'integer' }>): Plan {
  const { field, max } = predicate;
  const column = { start: 'ts', duration: 'dur', httpStatus: 'http_status' } as const;
  const name = column[field];
  // A status of 0 is an absent one.
  const min = predicate.min ?? (field === 'httpStatus' ? 1n : undefined);
  if (min !== undefined && min > COLUMN_MAX[name]) return FALSE;
  if (max !== undefined && max < (min ?? 0n)) return FALSE;
  const bounded = max !== undefined && max < COLUMN_MAX[name];
  if (min === undefined && !bounded) return TRUE;
  return {
    kind: 'integer-range',
    column: name,
    ...(min === undefined ? {} : { min }),
    ...(bounded ? { max } : {}),
  };
}

function planFlag(flag: Extract<Predicate, { kind: 'flag' }>['flag']): Plan {
  switch (flag) {
    case 'error':
      return { kind: 'non-zero', column: 'err' };
    case 'cold':
      return { kind: 'non-zero', column: 'cold' };
    case 'root':
      return { kind: 'integer-in', column: 'parent_id', values: [0n] };
    case 'entry':
      return { kind: 'bit', bit: spanFlagBits.entry };
  }
}

function planFreeText(pieces: readonly Piece[], everywhere: boolean): Plan {
  const lower = pieces.map((piece) => (typeof piece === 'string' ? piece.toLowerCase() : piece));
  const text = piecesText(pieces);
  const number = text === undefined ? undefined : parseNumber(text);
  const fields: readonly TextField[] = ['resource', 'name', 'service'];
  const operands: Plan[] = fields.map((field) => ({ kind: 'text-contains', field, pieces: lower }));
  if (everywhere) {
    operands.push({ kind: 'any-attribute-contains', pieces: lower });
    if (number !== undefined) operands.push({ kind: 'any-number-equals', value: number });
  } else {
    for (const key of FREE_TEXT_ATTRIBUTES) {
      operands.push({ kind: 'attribute-contains', key, pieces: lower });
    }
  }
  if (text !== undefined) operands.push(planKeyPresent(text));
  return fold('or', operands);
}

/** Joins plans, folding constants and opening operands of the same kind. */
function fold(kind: 'and' | 'or', operands: readonly Plan[]): Plan {
  // The constant that decides the whole: false for AND, true for OR.
  const decisive = kind === 'or';
  const rest: Plan[] = [];
  for (const operand of operands) {
    if (operand.kind === 'constant') {
      if (operand.value === decisive) return operand;
    } else if (operand.kind === kind) rest.push(...operand.operands);
    else rest.push(operand);
  }
  const joined = kind === 'or' ? mergeChoices(rest) : rest;
  const [only] = joined;
  if (only === undefined) return decisive ? FALSE : TRUE;
  return joined.length === 1 ? only : { kind, operands: joined };
}

/** Turns `x = 1 OR x = 2` into one test with both values, which a column's index answers in one go. */
function mergeChoices(operands: readonly Plan[]): readonly Plan[] {
  const merged: Plan[] = [];
  for (const operand of operands) {
    const index = merged.findIndex((other) => choosesSame(other, operand));
    const other = merged[index];
    if (other === undefined) merged.push(operand);
    else merged[index] = withValuesOf(other, operand);
  }
  return merged;
}

function choosesSame(left: Plan, right: Plan): boolean {
  switch (left.kind) {
    case 'text-in':
      return right.kind === 'text-in' && right.field === left.field;
    case 'integer-in':
      return right.kind === 'integer-in' && right.column === left.column;
    case 'source-in':
      return right.kind === 'source-in';
    default:
      return false;
  }
}

function withValuesOf(left: Plan, right: Plan): Plan {
  if (left.kind === 'integer-in' && right.kind === 'integer-in') {
    return { ...left, values: [...new Set([...left.values, ...right.values])] };
  }
  if (
    (left.kind === 'text-in' && right.kind === 'text-in') ||
    (left.kind === 'source-in' && right.kind === 'source-in')
  ) {
    return { ...left, values: [...new Set([...left.values, ...right.values])] };
  }
  return left;
}

function negate(plan: Plan): Plan {
  if (plan.kind === 'constant') return plan.value ? FALSE : TRUE;
  return plan.kind === 'not' ? plan.operand : { kind: 'not', operand: plan };
}
