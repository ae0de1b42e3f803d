const FIRST_MS = 500;
const LAST_MS = 60_000;

/**
 * How long to wait before the next try: anything up to a bound that doubles, so that many who failed together do not come back
 * together.
 *
 * @param attempt Tries so far, from 1.
 */
export function fullJitterMs(attempt: number, random: () => number): number {
  const bound = Math.min(LAST_MS, FIRST_MS * 2 ** Math.min(attempt - 1, 20));
  return Math.ceil(random() * bound);
}
