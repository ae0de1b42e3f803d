import { type ChosenTrace, isSpanInEnv } from './chosen-trace.ts';
import type { Relations } from './relations.ts';
import { TraceDraft } from './trace-draft.ts';

/** A draft, and where its spans are in the pool. */
export interface Draft {
  readonly draft: TraceDraft;
  /** Position in the pool of each span of the draft. */
  readonly poolOf: Int32Array;
  /** Position in the draft of each span of the pool, -1 for those of other traces. */
  readonly localOf: Int32Array;
}

/** Takes the spans of a trace and gives each the parent it states, where that is here. */
export function draftTrace(
  relations: Relations,
  { units: chosen }: ChosenTrace,
  env: string | undefined,
): Draft {
  const { pool, units, unitOf, joins } = relations;
  const localOf = new Int32Array(pool.spans.length).fill(-1);
  const isChosen = new Set(chosen);
  const positions: number[] = [];
  for (let at = 0; at < pool.spans.length; at++) {
    if (!isChosen.has(unitOf[at]!)) continue;
    if (env !== undefined && !isSpanInEnv(relations, at, env)) continue;
    localOf[at] = positions.length;
    positions.push(at);
  }
  const spans = positions.map((at) => {
    const span = pool.spans[at]!;
    const inherited = span.env === '' ? joins.inherited.get(unitOf[at]!) : undefined;
    return inherited === undefined ? span : { ...span, env: inherited };
  });
  const draft = new TraceDraft(spans);
  const elsewhere: number[] = [];
  positions.forEach((at, local) => {
    const own = relations.own[at]!;
    // The part of an X-Ray trace that goes another way keeps nothing of the way it came.
    if (own !== -1 && isOnePart(relations, own, at) && localOf[own] !== -1) {
      draft.parents[local] = localOf[own]!;
    } else elsewhere.push(local);
  });
  draft.cutCycles();
  for (const local of elsewhere) {
    const at = positions[local]!;
    const unit = unitOf[at]!;
    const named = relations.denied.has(unit) ? undefined : units[unit]!.entries.get(at);
    const own = relations.own[at]!;
    const isCut = own !== -1 && !isOnePart(relations, own, at);
    const stated = isCut ? undefined : spans[local]!.parentId;
    const isLinked = [named, stated].some(
      (id) => id !== undefined && linkById(relations, draft, localOf, local, id),
    );
    const absent = named ?? stated;
    if (isLinked || absent === undefined) continue;
    draft.missing.set(local, absent);
    if (pool.ids.first(absent) !== -1) draft.foreign.add(local);
  }
  return { draft, poolOf: Int32Array.from(positions), localOf };
}

function isOnePart({ units, unitOf }: Relations, a: number, b: number): boolean {
  return unitOf[a] === unitOf[b] || units[unitOf[a]!]!.part === units[unitOf[b]!]!.part;
}

/** Puts a span below the one with this id, a tracer's where both worlds have it. */
function linkById(
  { pool }: Relations,
  draft: TraceDraft,
  localOf: Int32Array,
  local: number,
  parentId: bigint,
): boolean {
  let found = -1;
  for (let at = pool.ids.first(parentId); at !== -1; at = pool.ids.next(at)) {
    const candidate = localOf[at]!;
    if (candidate === -1 || candidate === local) continue;
    if (found === -1 || pool.isXRay[at] === 0) found = candidate;
    if (pool.isXRay[at] === 0) break;
  }
  return found !== -1 && draft.moveBelow(local, found);
}
