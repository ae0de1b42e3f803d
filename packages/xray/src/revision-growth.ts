import { hasGrown } from './revision.ts';

/** By how much a trace has grown since `known` was listed; without bound where the two revisions are of different kinds. */
export function revisionGrowth(known: number, listed: number): number {
  const isOtherKind = hasGrown(known, listed) && hasGrown(listed, known);
  return isOtherKind ? Number.POSITIVE_INFINITY : listed - known;
}
