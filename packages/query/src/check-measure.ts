import type { Scalar } from './ast.ts';
import type { Bounds, Checked, Subject } from './checked.ts';
import { measureUnit, type MeasureUnit } from './keys.ts';
import type { NumberBound, Predicate } from './predicate.ts';
import { fail, type Hint } from './problem.ts';
import { dividedBy, parseNumber, parseQuantity, type Quantity, toNumber } from './quantity.ts';
import { literalText, showScalar } from './scalar.ts';

/** The number that equality with a literal may also mean: a plain one, or one with a unit that the key's name tells. */
export function numberMeant(key: string, literal: string): number | undefined {
  const plain = parseNumber(literal);
  if (plain !== undefined) return plain;
  const unit = measureUnit(key);
  const quantity = unit === undefined ? undefined : parseQuantity(literal);
  const converted =
    quantity === undefined || unit === undefined ? undefined : convert(quantity, unit);
  return converted === undefined ? undefined : toNumber(converted);
}

/** A comparison of an attribute, whose unit its name may tell. */
export function attributeRange(subject: Subject, key: string, bounds: Bounds): Checked {
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
