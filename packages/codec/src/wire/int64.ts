/**
 * 64-bit integers as two unsigned 32-bit words, high and low, in two's complement.
 *
 * A BigInt per number costs an allocation; ids and times come by the million, so decoders move words.
 */

const TWO_32 = 4_294_967_296;

/** The nearest double of the words read as a signed number. */
export function signedNumber(high: number, low: number): number {
  return (high | 0) * TWO_32 + (low >>> 0);
}

/** The high word of a whole number of up to 64 bits. */
export function highWord(value: number): number {
  return Math.floor(value / TWO_32) >>> 0;
}

/** The low word of a whole number of up to 64 bits. */
export function lowWord(value: number): number {
  // `>>>` takes a double modulo 2^32, which holds far beyond 2^53 as long as the double is whole.
  return value >>> 0;
}

/** Whether the words, read as signed, fit a double exactly. */
export function isSafe(high: number, low: number): boolean {
  return Number.isSafeInteger(signedNumber(high, low));
}

/** Decimal text of the words read as a signed number. Allocates: for values beyond 2^53. */
export function signedText(high: number, low: number): string {
  return BigInt.asIntN(64, toBigint(high, low)).toString();
}

/** Decimal text of the words read as an unsigned number. */
export function unsignedText(high: number, low: number): string {
  return toBigint(high, low).toString();
}

/** The words as one unsigned number. Allocates: for edges and rare paths. */
export function toBigint(high: number, low: number): bigint {
  return (BigInt(high >>> 0) << 32n) | BigInt(low >>> 0);
}
