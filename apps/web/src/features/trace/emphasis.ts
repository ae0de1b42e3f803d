import { Emphasis, Flag, type Grouping } from '@spanloom/flame';
import type { GroupFilter } from './group-filter.ts';
import type { Scene } from './scene.ts';

interface Wanted {
  readonly filter: GroupFilter;
  readonly errorsOnly: boolean;
  /** Rows found by the search, or undefined when nothing is searched for. */
  readonly hits: readonly number[] | undefined;
}

/** How each row takes part in the picture; undefined when all do in full. */
export function emphasisOf(
  scene: Scene,
  grouping: Grouping,
  { filter, errorsOnly, hits }: Wanted,
): Uint8Array | undefined {
  if (
    filter.isolated === undefined &&
    filter.hidden.size === 0 &&
    !errorsOnly &&
    hits === undefined
  )
    return undefined;
  const { count, flags } = scene.model;
  const emphasis = new Uint8Array(count);
  if (hits !== undefined) {
    emphasis.fill(Emphasis.dimmed);
    for (const row of hits) emphasis[row] = Emphasis.normal;
  }
  const isHidden = grouping.groups.map((group) => filter.hidden.has(group.name));
  const isolated =
    filter.isolated === undefined
      ? -1
      : grouping.groups.findIndex((group) => group.name === filter.isolated);
  for (let row = 0; row < count; row++) {
    const group = grouping.of[row]!;
    if (isHidden[group] === true) emphasis[row] = Emphasis.hidden;
    else if (isolated !== -1 && group !== isolated) emphasis[row] = Emphasis.dimmed;
    else if (errorsOnly && (flags[row]! & Flag.error) === 0) emphasis[row] = Emphasis.dimmed;
  }
  return emphasis;
}
