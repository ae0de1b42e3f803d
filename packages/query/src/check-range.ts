import type { Scalar } from './ast.ts';
import type { Bounds, Checked, Subject } from './checked.ts';
import { parseInstant } from './instant.ts';
import { EVERYTHING, type IntegerField, NOTHING } from './predicate.ts';
import { fail, type Hint } from './problem.ts';
import { ceilOf, floorOf, parseQuantity, type Quantity } from './quantity.ts';
import { literalText, showScalar } from './scalar.ts';

/** A range of durations, in nanoseconds. */
export function durationRange(subject: Subject, bounds: Bounds): Checked {
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

/** A range of start times, in nanoseconds since the epoch. */
export function startRange(subject: Subject, bounds: Bounds): Checked {
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

/** A number without a unit, or a problem. */
export function plainNumber(subject: Subject, scalar: Scalar): Quantity {
  const text = literalText(scalar);
  const quantity = text === undefined ? undefined : parseQuantity(text);
  if (quantity?.dimension === 'number') return quantity;
  return fail(
    `Cannot read "${showScalar(scalar)}" as a number for ${subject.name}: write a number such as 404, a range such as [400 TO 499] or a wildcard such as 4*`,
    scalar,
  );
}

/** Rounds both ends to whole numbers inside the range, so that the column is compared with integers only. */
export function integerRange(
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

/** The range that holds one value. */
export function pointBounds(scalar: Scalar): Bounds {
  return { low: { scalar, inclusive: true }, high: { scalar, inclusive: true } };
}
