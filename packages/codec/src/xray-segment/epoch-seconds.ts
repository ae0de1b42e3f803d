import type { EpochNanos } from '@spanloom/base';
import { NumberText, type XRayValue } from './xray-json.ts';

/** How nearly all times come: whole seconds of today's size and at most nine digits. */
const PLAIN = /^(\d{9,10})(?:\.(\d{0,9}))?$/;
const DECIMAL = /^(\d+)(?:\.(\d*))?(?:e([+-]?\d{1,3}))?$/i;
const NANO_DIGITS = 9;
/** The largest a signed 64-bit column takes: the year 2262. */
const LATEST = 0x7fff_ffff_ffff_ffffn;

/**
 * Decimal seconds since the epoch to nanoseconds, by moving the decimal point: `1.499473411677E9` is 1499473411677000000 and not
 * …676999936. Digits below a nanosecond are cut off, which keeps the order of times. `undefined` when it is no such number.
 */
export function epochNanos(value: XRayValue | undefined): EpochNanos | undefined {
  const text = value instanceof NumberText ? value.text : value;
  if (typeof text !== 'string') return undefined;
  const plain = PLAIN.exec(text);
  if (plain !== null && plain[1]! < '9200000000') {
    const fraction = Number((plain[2] ?? '').padEnd(NANO_DIGITS, '0'));
    return (BigInt(plain[1]!) * 1_000_000_000n + BigInt(fraction)) as EpochNanos;
  }
  return shiftedDecimal(text, NANO_DIGITS) as EpochNanos | undefined;
}

/** A decimal, with or without exponent, times a power of ten, its fraction cut off. `undefined` when it is none, or fits no 64 bits. */
export function shiftedDecimal(text: string, powerOfTen: number): bigint | undefined {
  const parts = DECIMAL.exec(text);
  if (parts === null) return undefined;
  const fraction = parts[2] ?? '';
  const digits = `${parts[1]}${fraction}`;
  const places = Number(parts[3] ?? '0') + powerOfTen - fraction.length;
  // Before the shift, so that a huge exponent costs nothing.
  if (places > 2 * NANO_DIGITS + 3) return undefined;
  const shifted = places >= 0 ? digits + '0'.repeat(places) : digits.slice(0, places);
  // 19 digits hold 2^63; leading zeros aside, more are too many, and turning them into a number would take long.
  const significant = shifted.replace(/^0+/, '');
  if (significant.length > 19) return undefined;
  const whole = BigInt(significant);
  return whole > LATEST ? undefined : whole;
}
