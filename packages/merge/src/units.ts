import { type JoinKey, joinKey, type TraceId } from '@spanloom/base';
import { comparableEnv } from './comparable-env.ts';
import { envParts } from './env-parts.ts';
import type { Fragment } from './fragments.ts';
import type { Pool } from './pool.ts';
import { type XRayPart, xrayParts } from './xray-parts.ts';
import type { XRayTree } from './xray-tree.ts';

/** The smallest thing that is joined to others, or not: a trace of a tracer, or a part of an X-Ray trace of one environment. */
export interface Unit {
  readonly isXRay: boolean;
  /** The fullest id its spans carry. */
  readonly traceId: TraceId;
  readonly key: JoinKey;
  /** Positions in the pool, ascending. */
  readonly members: readonly number[];
  /** ns in the pool's time. Phases long before are left out. */
  readonly start: number;
  readonly end: number;
  /** Of the first span, in seconds since the epoch. */
  readonly startSeconds: number;
  /** In lower case; empty when no span states one. */
  readonly envs: ReadonlySet<string>;
  /** The trace that its own metadata says it continues. */
  readonly continues: TraceId | undefined;
  /** By the span concerned: the parent that metadata names for it. */
  readonly entries: ReadonlyMap<number, bigint>;
  /** Whether it answers to the id of its X-Ray trace. Parts that continue other traces do not. */
  readonly isMain: boolean;
  /** The same number for what is of one part, and was only split by environment. */
  readonly part: number;
  /** Whether that part begins in another unit. */
  readonly isAside: boolean;
}

export function unitsOf(pool: Pool, fragments: readonly Fragment[], tree: XRayTree): Unit[] {
  let part = -1;
  return fragments.flatMap((fragment): Unit[] => {
    const { isXRay, traceId } = fragment;
    const parts = isXRay ? xrayParts(pool, tree, fragment) : [wholeTrace(fragment)];
    return parts.flatMap((one) => {
      part++;
      const pieces = isXRay ? envParts(pool, tree, one) : [{ ...one, isAside: false }];
      return pieces.map(({ members, continues, entries, isMain, isAside }) => ({
        isXRay,
        traceId,
        key: joinKey(traceId),
        members,
        ...rangeOf(pool, members),
        startSeconds: Number(pool.spans[members[0]!]!.start / 1_000_000_000n),
        envs: envsOf(pool, members),
        continues,
        entries,
        isMain,
        part,
        isAside,
      }));
    });
  });
}

function wholeTrace({ members }: Fragment): XRayPart {
  return { members, continues: undefined, statedAt: [], entries: new Map(), isMain: true };
}

function envsOf(pool: Pool, members: readonly number[]): Set<string> {
  const envs = new Set<string>();
  let last = '';
  for (const member of members) {
    const { env } = pool.spans[member]!;
    if (env === '' || env === last) continue;
    last = env;
    envs.add(comparableEnv(env));
  }
  return envs;
}

function rangeOf(pool: Pool, members: readonly number[]): { start: number; end: number } {
  let start = Infinity;
  let end = -Infinity;
  for (const member of members) {
    if (isDetached(pool, member)) continue;
    if (pool.start[member]! < start) start = pool.start[member]!;
    if (pool.end[member]! > end) end = pool.end[member]!;
  }
  return start === Infinity
    ? { start: pool.start[members[0]!]!, end: pool.end[members[0]!]! }
    : { start, end };
}

/** A function made ready long before the request, for whoever might come: no part of how long the request took. */
function isDetached(pool: Pool, position: number): boolean {
  return pool.isXRay[position] === 1 && pool.spans[position]!.meta['xray.init.detached'] === 'true';
}
