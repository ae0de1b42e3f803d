declare const unit: unique symbol;

/** Nanoseconds since the Unix epoch. A bigint: today's value already exceeds 2^53. */
export type EpochNanos = bigint & { readonly [unit]: 'epoch-ns' };
/** Elapsed nanoseconds. A number: exact up to 104 days, longer than any span we accept. */
export type DurationNanos = number & { readonly [unit]: 'duration-ns' };
/** Milliseconds since the Unix epoch, as `Date.now()` gives them. */
export type EpochMillis = number & { readonly [unit]: 'epoch-ms' };

/** Where code asks for the time, so that tests can say what time it is. */
export interface Clock {
  /** Wall clock. */
  now(): EpochMillis;
}

/** The machine's clock. */
export const systemClock: Clock = { now: () => Date.now() as EpochMillis };

/** Milliseconds to nanoseconds since the epoch. */
export function millisToNanos(millis: number): EpochNanos {
  return (BigInt(Math.trunc(millis)) * 1_000_000n) as EpochNanos;
}

/** Nanoseconds since the epoch to whole milliseconds, rounded down. */
export function nanosToMillis(nanos: bigint): EpochMillis {
  return Number(nanos / 1_000_000n) as EpochMillis;
}
