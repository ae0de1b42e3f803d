import { Flag, UNCOUNTED } from './span-flags.ts';
import type { TraceModel } from './trace-model.ts';

/**
 * The row a trace is named after: its root, or without one the longest span that has no parent here.
 * -1 for an empty trace.
 */
export function displayRoot(model: TraceModel): number {
  let best = -1;
  for (let row = 0; row < model.count; row += model.size[row]!) {
    if ((model.flags[row]! & UNCOUNTED) === 0 && longer(model, row, best)) best = row;
  }
  if (best !== -1) return best;
  for (let row = 0; row < model.count; row++) {
    const up = model.parent[row]!;
    if (up !== -1 && (model.flags[up]! & Flag.placeholder) !== 0 && longer(model, row, best))
      best = row;
  }
  return best;
}

function longer(model: TraceModel, row: number, than: number): boolean {
  return than === -1 || model.end[row]! - model.start[row]! > model.end[than]! - model.start[than]!;
}
