/** What a number in a query stands for. */
type Dimension = 'number' | 'duration' | 'size' | 'percent';

/**
 * A number as written, kept exact: `numerator / denominator` in the dimension's base unit (nanoseconds, bytes, per cent).
 *
 * Exact because `1.1s` must be 1,100,000,000 ns and not a hair more: bounds on integer columns are rounded from it.
 */
export interface Quantity {
  readonly dimension: Dimension;
  readonly numerator: bigint;
  /** A power of ten. */
  readonly denominator: bigint;
}

const DURATION_UNITS: ReadonlyMap<string, bigint> = new Map([
  ['ns', 1n],
  ['us', 1_000n],
  ['µs', 1_000n], // U+00B5, the micro sign
  ['μs', 1_000n], // U+03BC, the Greek letter that keyboards and unit formatters give
  ['ms', 1_000_000n],
  ['s', 1_000_000_000n],
  ['m', 60_000_000_000n],
  ['min', 60_000_000_000n],
  ['h', 3_600_000_000_000n],
  ['d', 86_400_000_000_000n],
]);

const SIZE_UNITS: ReadonlyMap<string, bigint> = new Map([
  ['b', 1n],
  ['kb', 1_000n],
  ['kib', 1_024n],
  ['mb', 1_000_000n],
  ['mib', 1_048_576n],
  ['gb', 1_000_000_000n],
  ['gib', 1_073_741_824n],
]);

/** A plain decimal number: what both the query language and a stored attribute must look like to count as one. */
const NUMBER = /^[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d{1,3})?$/;
const DECIMAL = /^([+-]?)(\d*)\.?(\d*)(?:[eE]([+-]?\d+))?$/;
const UNIT_PART = /(\d+\.?\d*|\.\d+)([a-zµμ]+)/giy;

/** Reads the text of a plain number as a double, or undefined when it is not one or does not fit. */
export function parseNumber(text: string): number | undefined {
  if (!NUMBER.test(text)) return undefined;
  const value = Number(text);
  return Number.isFinite(value) ? value : undefined;
}

/** Reads `250`, `1.5s`, `1m30s`, `10kib` or `50%`; undefined when the text is none of these. */
export function parseQuantity(text: string): Quantity | undefined {
  if (parseNumber(text) !== undefined) return { dimension: 'number', ...decimal(text) };
  if (text.endsWith('%')) {
    const number = text.slice(0, -1);
    return parseNumber(number) === undefined
      ? undefined
      : { dimension: 'percent', ...decimal(number) };
  }
  const sign = text.startsWith('-') ? -1n : 1n;
  const body = /^[+-]/.test(text) ? text.slice(1) : text;
  let sum: { numerator: bigint; denominator: bigint } | undefined;
  let dimension: Dimension | undefined;
  UNIT_PART.lastIndex = 0;
  while (UNIT_PART.lastIndex < body.length) {
    const part = UNIT_PART.exec(body);
    if (part === null) return undefined;
    const unit = part[2]?.toLowerCase() ?? '';
    const duration = DURATION_UNITS.get(unit);
    const factor = duration ?? SIZE_UNITS.get(unit);
    const kind = duration === undefined ? 'size' : 'duration';
    // Only durations are compounded: 1m30s.
    if (
      factor === undefined ||
      (dimension !== undefined && (kind !== dimension || kind === 'size'))
    ) {
      return undefined;
    }
    dimension = kind;
    const value = decimal(part[1] ?? '0');
    sum = add(sum, { numerator: value.numerator * factor, denominator: value.denominator });
  }
  if (sum === undefined || dimension === undefined) return undefined;
  return { dimension, numerator: sign * sum.numerator, denominator: sum.denominator };
}

/** The quantity in its base unit as the nearest double. */
export function toNumber(quantity: Quantity): number {
  if (quantity.denominator === 1n) return Number(quantity.numerator);
  // Through decimal text: dividing two rounded doubles would round twice.
  const digits = quantity.denominator.toString().length - 1;
  return Number(`${quantity.numerator}e-${digits}`);
}

/** The largest integer that is not above the quantity. */
export function floorOf(quantity: Quantity): bigint {
  const { numerator, denominator } = quantity;
  const whole = numerator / denominator;
  return numerator < 0n && whole * denominator !== numerator ? whole - 1n : whole;
}

/** The smallest integer that is not below the quantity. */
export function ceilOf(quantity: Quantity): bigint {
  return -floorOf({ ...quantity, numerator: -quantity.numerator });
}

/** The quantity divided by a factor that is a power of ten, such as nanoseconds in a millisecond. */
export function dividedBy(quantity: Quantity, factor: bigint): Quantity {
  return { ...quantity, denominator: quantity.denominator * factor };
}

function decimal(text: string): { numerator: bigint; denominator: bigint } {
  const [, sign = '', whole = '', fraction = '', exponent = '0'] = DECIMAL.exec(text) ?? [];
  const power = Number(exponent) - fraction.length;
  const digits = BigInt(`${whole}${fraction}` || '0') * (sign === '-' ? -1n : 1n);
  return power >= 0
    ? { numerator: digits * 10n ** BigInt(power), denominator: 1n }
    : { numerator: digits, denominator: 10n ** BigInt(-power) };
}

function add(
  left: { numerator: bigint; denominator: bigint } | undefined,
  right: { numerator: bigint; denominator: bigint },
): { numerator: bigint; denominator: bigint } {
  if (left === undefined) return right;
  // Both denominators are powers of ten, so the larger one is a common denominator.
  const denominator = left.denominator > right.denominator ? left.denominator : right.denominator;
  return {
    numerator:
      left.numerator * (denominator / left.denominator) +
      right.numerator * (denominator / right.denominator),
    denominator,
  };
}
