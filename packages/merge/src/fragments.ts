import { joinKey, type TraceId } from '@spanloom/base';
import type { Pool } from './pool.ts';

/** Spans that carry one trace id: what their senders say is one trace. */
export interface Fragment {
  readonly isXRay: boolean;
  /** The fullest id among them. */
  readonly traceId: TraceId;
  /** Positions in the pool, ascending. */
  readonly members: number[];
}

/**
 * Sorts spans by world and trace id. X-Ray always has the whole id. Tracers often have its low half only: such a span is of the
 * trace with a high half that it is tied to, which matters when two share the low half by chance.
 */
export function fragmentsOf(pool: Pool): Fragment[] {
  const buckets = new Buckets();
  for (let i = 0; i < pool.spans.length; i++) {
    buckets.of(pool.isXRay[i] === 1, pool.spans[i]!.traceId).members.push(i);
  }
  return [...buckets.inOrder()].flatMap((group) => settleHighHalves(pool, group));
}

/** The fragments of one world and one join key. Keyed by 32 bits of the id, which a number holds. */
class Buckets {
  readonly #groups = new Map<number, Fragment[][]>();
  #last: Fragment | undefined;

  of(isXRay: boolean, traceId: TraceId): Fragment {
    const last = this.#last;
    // Spans of one trace mostly follow one another.
    if (last !== undefined && last.isXRay === isXRay && isSame(last.traceId, traceId)) return last;
    const key = joinKey(traceId);
    const slot = Number(key & 0x7fff_ffffn) * 2 + Number(isXRay);
    let groups = this.#groups.get(slot);
    if (groups === undefined) this.#groups.set(slot, (groups = []));
    let group = groups.find(([first]) => joinKey(first!.traceId) === key);
    if (group === undefined) groups.push((group = []));
    let fragment = group.find((one) => isSame(one.traceId, traceId));
    if (fragment === undefined) group.push((fragment = { isXRay, traceId, members: [] }));
    this.#last = fragment;
    return fragment;
  }

  *inOrder(): Generator<Fragment[]> {
    for (const groups of this.#groups.values()) yield* groups;
  }
}

function isSame(a: TraceId, b: TraceId): boolean {
  return a === b || (a.lo === b.lo && a.hi === b.hi);
}

function settleHighHalves(pool: Pool, group: Fragment[]): Fragment[] {
  if (group[0]!.isXRay) return group;
  const whole = group.filter(({ traceId }) => traceId.hi !== 0n);
  const halves = group.filter(({ traceId }) => traceId.hi === 0n);
  if (halves.length === 0) return joinEqualHighHalves(whole);
  const loose = halves.flatMap(({ members }) => members);
  if (whole.length === 0) return [{ ...halves[0]!, members: sorted(loose) }];
  const traces = joinEqualHighHalves(whole);
  if (traces.length === 1) {
    return [{ ...traces[0]!, members: sorted([...traces[0]!.members, ...loose]) }];
  }
  return distribute(pool, traces, loose);
}

/** Ids that differ in the topmost bit of their low half only are two spellings of one. */
function joinEqualHighHalves(fragments: readonly Fragment[]): Fragment[] {
  const byHigh = Map.groupBy(fragments, ({ traceId }) => traceId.hi);
  return [...byHigh.values()]
    .map((same) =>
      same.length === 1
        ? same[0]!
        : {
            isXRay: false,
            traceId: same.reduce((a, b) => (a.traceId.lo > b.traceId.lo ? a : b)).traceId,
            members: sorted(same.flatMap(({ members }) => members)),
          },
    )
    .toSorted((a, b) => a.members[0]! - b.members[0]!);
}

/** Each round reaches relatives one step further up, and any number of steps down. */
const MOST_ROUNDS = 32;

/** Gives each span without a high half to the trace that one of its relatives is of, else to the nearest in time. */
function distribute(pool: Pool, traces: readonly Fragment[], loose: readonly number[]): Fragment[] {
  const home = new Map<number, number>();
  traces.forEach(({ members }, trace) => members.forEach((member) => home.set(member, trace)));
  const undecided = new Set(loose);
  for (let round = 0, before = -1; before !== undecided.size && round < MOST_ROUNDS; round++) {
    before = undecided.size;
    for (const member of undecided) {
      const trace = homeOfRelative(pool, member, home);
      if (trace === undefined) continue;
      home.set(member, trace);
      undecided.delete(member);
    }
    for (const [child, trace] of home) {
      const parent = firstOf(pool, pool.spans[child]!.parentId, (at) => undecided.has(at));
      if (parent === -1) continue;
      home.set(parent, trace);
      undecided.delete(parent);
    }
  }
  for (const member of undecided) home.set(member, nearest(pool, traces, member));
  const members = traces.map((): number[] => []);
  for (const [member, trace] of home) members[trace]!.push(member);
  return traces.map((trace, index) => ({ ...trace, members: sorted(members[index]!) }));
}

function homeOfRelative(
  pool: Pool,
  member: number,
  home: ReadonlyMap<number, number>,
): number | undefined {
  return home.get(firstOf(pool, pool.spans[member]!.parentId, (at) => home.has(at)));
}

function firstOf(pool: Pool, id: bigint | undefined, isWanted: (at: number) => boolean): number {
  if (id === undefined) return -1;
  for (let at = pool.ids.first(id); at !== -1; at = pool.ids.next(at)) {
    if (isWanted(at)) return at;
  }
  return -1;
}

function nearest(pool: Pool, traces: readonly Fragment[], member: number): number {
  let best = 0;
  let bestGap = Infinity;
  traces.forEach(({ members }, trace) => {
    const from = pool.start[members[0]!]!;
    const to = members.reduce((latest, one) => Math.max(latest, pool.end[one]!), 0);
    const gap = Math.max(0, from - pool.end[member]!, pool.start[member]! - to);
    if (gap < bestGap) {
      best = trace;
      bestGap = gap;
    }
  });
  return best;
}

function sorted(members: number[]): number[] {
  return members.toSorted((a, b) => a - b);
}
