import { awsPlaceOf } from './aws-place.ts';
import type { Pair } from './pairs.ts';
import type { Pool } from './pool.ts';
import type { Unit } from './units.ts';

/** AWS accounts that the two units of a pair state. */
export interface PairAccounts {
  readonly other: readonly string[];
  readonly xray: readonly string[];
}

/**
 * Finds pairs that rest on the word of X-Ray alone. Whoever may send segments in an account can name any trace in them, so such a
 * word counts for an environment it does not state only where it comes from an account that the trace has part in.
 */
export class MetadataTrust {
  readonly #pool: Pool;
  readonly #units: readonly Unit[];
  readonly #unitOf: Int32Array;
  readonly #accounts = new Map<number, ReadonlySet<string>>();

  constructor(pool: Pool, units: readonly Unit[], unitOf: Int32Array) {
    this.#pool = pool;
    this.#units = units;
    this.#unitOf = unitOf;
  }

  /** The accounts that speak against a pair; undefined when nothing does. */
  contradiction(pair: Pair): PairAccounts | undefined {
    if (!this.#isWordOfXRay(pair)) return undefined;
    const other = this.#accountsOf(pair.other);
    const xray = this.#accountsOf(pair.xray);
    if (other.size === 0 || xray.size === 0) return undefined;
    if ([...xray].some((account) => other.has(account))) return undefined;
    return { other: [...other].toSorted(), xray: [...xray].toSorted() };
  }

  #isWordOfXRay({ xray, sameId, continuing, edges, requests }: Pair): boolean {
    if (sameId || requests.length > 0) return false;
    if (continuing.size === 0 && edges.length === 0) return false;
    return edges.every(({ child }) => this.#unitOf[child] === xray);
  }

  #accountsOf(unit: number): ReadonlySet<string> {
    let accounts = this.#accounts.get(unit);
    if (accounts === undefined) {
      const found = new Set<string>();
      for (const at of this.#units[unit]!.members)
        found.add(awsPlaceOf(this.#pool.spans[at]!).account);
      found.delete('');
      this.#accounts.set(unit, (accounts = found));
    }
    return accounts;
  }
}
