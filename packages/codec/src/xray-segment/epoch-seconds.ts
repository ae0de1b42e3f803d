import type { EpochNanos } from '@spanloom/base';
import { NumberText, type XRayValue } from './xray-json.ts';

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
  const parts = typeof text === 'string' ? DECIMAL.exec(text) : null;
  if (parts === null) return undefined;
  const fraction = parts[2] ?? '';
  const digits = `${parts[1]}${fraction}`;
  const places = Number(parts[3] ?? '0') + NANO_DIGITS - fraction.length;
  // Before the shift, so that a huge exponent costs nothing.
  if (places > 2 * NANO_DIGITS + 3) return undefined;
  const shifted = places >= 0 ? digits + '0'.repeat(places) : digits.slice(0, places);
  // 19 digits hold 2^63; leading zeros aside, more are too many, and turning them into a number would take long.
  const significant = shifted.replace(/^0+/, '');
  if (significant.length > 19) return undefined;
  const nanos = BigInt(significant);
  return nanos > LATEST ? undefined : (nanos as EpochNanos);
}
