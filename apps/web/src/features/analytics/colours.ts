import { paletteSlot } from '@spanloom/flame';
import type { GroupValues } from './groups.ts';

const SLOTS = 24;

/**
 * A colour token for each group: by name as services have theirs everywhere, a clash moving to the next free one. What failed is
 * red and what did not is grey, because nothing else may take these.
 */
export function groupColours(
  keys: readonly string[],
  groups: readonly { readonly name: string; readonly values: GroupValues }[],
): readonly string[] {
  const [key] = keys;
  if (key === undefined) return groups.map(() => 'chart-base');
  if (keys.length === 1 && key === 'status') {
    return groups.map(({ values }) => (values[0] === 'error' ? 'error' : 'chart-base'));
  }
  const taken = new Set<number>();
  return groups.map(({ name }) => {
    let slot = paletteSlot(name);
    for (let i = 0; i < SLOTS && taken.has(slot); i++) slot = (slot + 1) % SLOTS;
    taken.add(slot);
    return `span-${slot + 1}-edge`;
  });
}
