import type { Pair } from './pairs.ts';
import type { Unit } from './units.ts';
import { mintedSeconds } from './xray-ids.ts';

/** An X-Ray id is made at most this long after, and this long before, the first span of a tracer in the trace. */
const MINTED_AFTER_S = 15 * 60;
const MINTED_BEFORE_S = 24 * 3600;

/**
 * Pairs that only equal low halves tie together although there is another candidate. Masking an X-Ray id loses a bit, and a
 * store holds many ids, so two X-Ray traces may come to the same id: then something else has to speak for one of them.
 *
 * @param isExplicit Whether spans of the pair name each other.
 */
export function lonelyPairs(
  units: readonly Unit[],
  pairs: readonly Pair[],
  isExplicit: (pair: Pair) => boolean,
): Set<Pair> {
  const lonely = new Set<Pair>();
  const byIdOnly = (pair: Pair): boolean =>
    pair.sameId && !isExplicit(pair) && pair.continuing.size === 0;
  const partsOf = ({ other, xray }: Pair): string => `${units[other]!.part} ${units[xray]!.part}`;
  const sameId = pairs.filter((pair) => pair.sameId);
  const settle = (rivals: readonly Pair[], likely: (pair: Pair) => boolean): void => {
    if (rivals.length < 2) return;
    const certain = rivals.filter((pair) => !byIdOnly(pair));
    const chosen = certain.length > 0 ? certain : rivals.filter(likely);
    // What was only split by environment is no rival of itself.
    const parts = new Set(chosen.map(partsOf));
    for (const pair of rivals) {
      if (byIdOnly(pair) && !(parts.size === 1 && parts.has(partsOf(pair)))) lonely.add(pair);
    }
  };
  for (const rivals of Map.groupBy(sameId, ({ other }) => other).values()) {
    settle(rivals, (pair) => isMintedFor(units[pair.other]!, units[pair.xray]!));
  }
  for (const rivals of Map.groupBy(sameId, ({ xray }) => xray).values()) {
    settle(
      rivals.filter((pair) => !lonely.has(pair)),
      ({ other, xray }) => units[other]!.traceId.hi === units[xray]!.traceId.hi,
    );
  }
  return lonely;
}

/** Whether the X-Ray id was made when the tracer's trace began. Both times are seconds since the epoch. */
function isMintedFor(apm: Unit, xray: Unit): boolean {
  const began = apm.startSeconds;
  const minted = mintedSeconds(xray.traceId);
  return minted <= began + MINTED_AFTER_S && minted >= began - MINTED_BEFORE_S;
}
