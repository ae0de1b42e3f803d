import { joinKey } from '@spanloom/base';
import { comparableEnv } from './comparable-env.ts';
import type { Invocation } from './match-runs.ts';
import type { Pool } from './pool.ts';
import type { Unit } from './units.ts';
import { canBeSameTrace } from './xray-ids.ts';

/** A span of one unit that names a span of another as its parent. */
export interface Edge {
  readonly child: number;
  readonly parent: number;
}

/** Two units that something ties together. At least one is of X-Ray: tracers' traces are what their ids say. */
export interface Pair {
  /** Of tracers, or of X-Ray where both are. */
  readonly other: number;
  readonly xray: number;
  /** Their trace ids are forms of one id. */
  sameId: boolean;
  /** All 128 bits of them are the same: no chance. */
  sameWholeId: boolean;
  /** Those of the two whose metadata names the other's trace. */
  readonly continuing: Set<number>;
  readonly edges: Edge[];
  /** Metadata of both names one trace, of which nothing is stored. */
  sameTarget: boolean;
  /** Invocations of which they hold a half each, by request id. */
  readonly requests: Invocation[];
}

/** What was found to tie units together. */
export class Pairs {
  readonly #pool: Pool;
  readonly #units: readonly Unit[];
  readonly #unitOf: Int32Array;
  readonly #found = new Map<number, Pair>();
  /** Units that are one part of an X-Ray trace, split by environment; with where they meet. */
  readonly splits: Pair[] = [];

  constructor(pool: Pool, units: readonly Unit[], unitOf: Int32Array) {
    this.#pool = pool;
    this.#units = units;
    this.#unitOf = unitOf;
  }

  get list(): Pair[] {
    return [...this.#found.values()];
  }

  /** The pair of two units in any order; undefined when both are tracers' or one and the same. */
  of(a: number, b: number): Pair | undefined {
    if (a === b) return undefined;
    const isXRay = (unit: number): boolean => this.#units[unit]!.isXRay;
    if (!isXRay(a) && !isXRay(b)) return undefined;
    const xray = isXRay(a) && isXRay(b) ? Math.max(a, b) : isXRay(a) ? a : b;
    const other = xray === a ? b : a;
    const key = other * this.#units.length + xray;
    let pair = this.#found.get(key);
    if (pair === undefined) {
      pair = emptyPair(other, xray);
      this.#found.set(key, pair);
    }
    return pair;
  }

  /** Ids that are forms of one another, and ids that metadata names. */
  addIds(): void {
    const byKey = Map.groupBy(this.#units.keys(), (unit) => this.#units[unit]!.key);
    this.#units.forEach((unit, index) => {
      if (!unit.isXRay) return;
      for (const same of byKey.get(unit.key) ?? []) {
        const other = this.#units[same]!;
        if (unit.isMain && !other.isXRay && canBeSameTrace(other.traceId, unit.traceId)) {
          const pair = this.of(same, index)!;
          const { hi, lo } = other.traceId;
          pair.sameId = true;
          pair.sameWholeId = hi === unit.traceId.hi && lo === unit.traceId.lo;
        }
      }
      if (unit.continues === undefined) return;
      for (const named of byKey.get(joinKey(unit.continues)) ?? []) {
        const other = this.#units[named]!;
        if (other.part === unit.part || (other.isXRay && !other.isMain)) continue;
        // A high half on both sides must be the same one.
        const { hi } = unit.continues;
        if (!other.isXRay && hi !== 0n && other.traceId.hi !== 0n && hi !== other.traceId.hi)
          continue;
        this.of(named, index)!.continuing.add(index);
      }
    });
    this.#addTargets(byKey);
  }

  /** Parts that continue one trace belong together before anything else of that has come. */
  #addTargets(byKey: ReadonlyMap<bigint, unknown>): void {
    const first = new Map<bigint, number>();
    this.#units.forEach(({ continues, part }, index) => {
      const target = continues === undefined ? undefined : joinKey(continues);
      if (target === undefined || byKey.has(target)) return;
      const known = first.get(target);
      if (known === undefined) first.set(target, index);
      else if (this.#units[known]!.part !== part) this.of(known, index)!.sameTarget = true;
    });
  }

  /** Parents that spans name outside of their own trace, in the other world or by metadata. */
  addEdges(own: Int32Array): void {
    const { spans } = this.#pool;
    for (let child = 0; child < spans.length; child++) {
      const { parentId } = spans[child]!;
      if (parentId !== undefined && own[child] === -1) this.#addEdge(child, parentId, false);
    }
    this.#units.forEach(({ entries }) => {
      for (const [child, parentId] of entries) this.#addEdge(child, parentId, true);
    });
  }

  #addEdge(child: number, parentId: bigint, byMetadata: boolean): void {
    const { ids, isXRay } = this.#pool;
    for (let parent = ids.first(parentId); parent !== -1; parent = ids.next(parent)) {
      if (!byMetadata && isXRay[parent] === isXRay[child]) continue;
      this.of(this.#unitOf[child]!, this.#unitOf[parent]!)?.edges.push({ child, parent });
    }
  }

  /** What splitting by environment has cut. */
  addSplits(own: Int32Array): void {
    const firsts = new Map<number, number>();
    this.#units.forEach(({ part, isAside }, unit) => {
      if (!isAside) firsts.set(part, unit);
    });
    const met = new Map<string, Pair>();
    const meet = (child: number, parent: number): Pair => {
      const [other, xray] = child < parent ? [child, parent] : [parent, child];
      let pair = met.get(`${other} ${xray}`);
      if (pair === undefined) {
        met.set(`${other} ${xray}`, (pair = emptyPair(other, xray)));
        this.splits.push(pair);
      }
      return pair;
    };
    this.#units.forEach(({ part, isAside, members }, unit) => {
      if (!isAside) return;
      for (const child of members) this.#addCut(child, own[child]!, meet);
      // Where nothing of the one is below the other, X-Ray still says that they are one trace.
      meet(unit, firsts.get(part)!);
    });
  }

  #addCut(child: number, parent: number, meet: (child: number, parent: number) => Pair): void {
    if (parent === -1) return;
    const [below, above] = [this.#unitOf[child]!, this.#unitOf[parent]!];
    if (below === above || this.#units[below]!.part !== this.#units[above]!.part) return;
    const { edges } = meet(below, above);
    // One is enough to show where.
    if (edges.length === 0) edges.push({ child, parent });
  }

  addRequests(invocations: readonly Invocation[]): void {
    for (const invocation of invocations) {
      if (invocation.match !== 'request') continue;
      const { run, service } = invocation.xray!;
      const half = run === -1 ? service : run;
      const pair = this.of(this.#unitOf[invocation.apm!.at]!, this.#unitOf[half]!);
      pair?.requests.push(invocation);
    }
  }

  /** The environments on the other unit's side of a pair: of the spans that tie it to X-Ray, else of all. */
  envsOfOther({ other, edges, requests }: Pair): ReadonlySet<string> {
    const tying = [
      ...edges.map(({ child, parent }) => (this.#unitOf[child] === other ? child : parent)),
      ...requests.map(({ apm }) => apm!.at),
    ];
    const envs = new Set(
      tying.map((at) => comparableEnv(this.#pool.spans[at]!.env)).filter((env) => env !== ''),
    );
    return envs.size > 0 ? envs : this.#units[other]!.envs;
  }
}

function emptyPair(other: number, xray: number): Pair {
  return {
    other,
    xray,
    sameId: false,
    sameWholeId: false,
    continuing: new Set(),
    sameTarget: false,
    edges: [],
    requests: [],
  };
}
