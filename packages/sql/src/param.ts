import { Param } from './sql.ts';

const MAX_U64 = (1n << 64n) - 1n;
const MAX_I64 = (1n << 63n) - 1n;

/** Typed parameters for `sql`. Each checks that its value fits, so that a wrong one fails here and not in the database. */
export const p: {
  readonly string: (value: string) => Param;
  /** `Array(String)`, for `IN` and `hasAny`. */
  readonly strings: (values: readonly string[]) => Param;
  readonly uint8: (value: number) => Param;
  readonly uint16: (value: number) => Param;
  readonly uint32: (value: number) => Param;
  readonly uint64: (value: bigint) => Param;
  /** `Array(UInt64)`, for `IN`. */
  readonly uint64s: (values: readonly bigint[]) => Param;
  readonly int64: (value: bigint) => Param;
  readonly float64: (value: number) => Param;
  /** `DateTime64(9, 'UTC')` from nanoseconds since the epoch. */
  readonly nanos: (value: bigint) => Param;
  /** `DateTime64(3, 'UTC')` from milliseconds since the epoch. */
  readonly millis: (value: number) => Param;
} = {
  string: (value) => new Param('String', value),
  strings: (values) => new Param('Array(String)', values),
  uint8: (value) => unsigned('UInt8', value, 0xff),
  uint16: (value) => unsigned('UInt16', value, 0xffff),
  uint32: (value) => unsigned('UInt32', value, 0xffff_ffff),
  uint64: (value) => new Param('UInt64', wide('UInt64', value, 0n, MAX_U64)),
  uint64s: (values) =>
    new Param(
      'Array(UInt64)',
      `[${values.map((value) => wide('UInt64', value, 0n, MAX_U64)).join(',')}]`,
    ),
  int64: (value) => new Param('Int64', wide('Int64', value, -MAX_I64 - 1n, MAX_I64)),
  float64: (value) => {
    if (!Number.isFinite(value))
      throw new RangeError(`Cannot bind ${value} as Float64: not finite`);
    return new Param('Float64', value);
  },
  nanos: (value) => new Param("DateTime64(9, 'UTC')", decimalSeconds(value, 9)),
  millis: (value) =>
    new Param("DateTime64(3, 'UTC')", decimalSeconds(BigInt(Math.trunc(value)), 3)),
};

function unsigned(type: string, value: number, max: number): Param {
  if (!Number.isInteger(value) || value < 0 || value > max) {
    throw new RangeError(
      `Cannot bind ${value} as ${type}: expected a whole number from 0 to ${max}`,
    );
  }
  return new Param(type, value);
}

function wide(type: string, value: bigint, min: bigint, max: bigint): string {
  if (value < min || value > max) {
    throw new RangeError(`Cannot bind ${value} as ${type}: expected ${min} to ${max}`);
  }
  return value.toString();
}

/** Seconds with a fraction, which keeps every digit: the date form of text would need a calendar here. */
function decimalSeconds(value: bigint, digits: number): string {
  if (value < 0n) throw new RangeError(`Cannot bind ${value} as a time: it is before 1970`);
  // The parser takes fewer than ten digits of seconds for a year.
  const text = value.toString().padStart(10 + digits, '0');
  return `${text.slice(0, -digits)}.${text.slice(-digits)}`;
}
