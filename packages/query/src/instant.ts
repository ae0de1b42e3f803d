import { floorOf, parseQuantity } from './quantity.ts';

/** Why a timestamp could not be read. */
export type InstantProblem = 'unreadable' | 'no-clock';

const ISO =
  /^(\d{4}-\d{2}-\d{2})(?:[T ](\d{2}:\d{2})(?::(\d{2})(?:[.,](\d{1,9}))?)?(Z|[+-]\d{2}:?\d{2})?)?$/i;

/**
 * Reads a point in time as nanoseconds since the epoch: ISO 8601 (UTC unless it names an offset), `now`, `now-5m`, or an
 * epoch number whose size tells its unit.
 *
 * @param now What `now` means; without it a relative time cannot be read.
 */
export function parseInstant(text: string, now: bigint | undefined): bigint | InstantProblem {
  const relative = /^now(?:([+-])(.+))?$/.exec(text);
  if (relative !== null) return relativeInstant(relative[1], relative[2], now);
  if (/^\d{1,19}$/.test(text)) return epochInstant(text);
  const iso = ISO.exec(text);
  if (iso === null) return 'unreadable';
  const [, date = '', minutes = '00:00', seconds = '00', fraction = '', offset = 'Z'] = iso;
  const millis = Date.parse(`${date}T${minutes}:${seconds}${zone(offset)}`);
  if (Number.isNaN(millis)) return 'unreadable';
  return BigInt(millis) * 1_000_000n + BigInt(fraction.padEnd(9, '0'));
}

function relativeInstant(
  sign: string | undefined,
  distance: string | undefined,
  now: bigint | undefined,
): bigint | InstantProblem {
  if (now === undefined) return 'no-clock';
  if (distance === undefined) return now;
  const quantity = parseQuantity(distance);
  if (quantity?.dimension !== 'duration') return 'unreadable';
  const nanos = floorOf(quantity);
  return sign === '-' ? now - nanos : now + nanos;
}

/** Today in seconds has 10 digits, in milliseconds 13, in microseconds 16, in nanoseconds 19. */
function epochInstant(text: string): bigint {
  const value = BigInt(text);
  if (text.length <= 11) return value * 1_000_000_000n;
  if (text.length <= 14) return value * 1_000_000n;
  if (text.length <= 17) return value * 1_000n;
  return value;
}

function zone(offset: string): string {
  if (offset === '' || offset.toUpperCase() === 'Z') return 'Z';
  return offset.includes(':') ? offset : `${offset.slice(0, 3)}:${offset.slice(3)}`;
}
