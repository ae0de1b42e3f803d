/** Colours of the span palette, numbered 1 to 24 in the style sheet and 0 to 23 here. */
export const PALETTE_SIZE = 24;

const utf8 = new TextEncoder();

/** FNV-1a, 32 bits, of the UTF-8 bytes of `text`. */
export function fnv1a(text: string): number {
  let hash = 0x811c9dc5;
  for (const byte of utf8.encode(text)) hash = Math.imul(hash ^ byte, 0x01000193) >>> 0;
  return hash;
}

/** The palette slot of a name where it stands alone: the same on every page and every visit. */
export function paletteSlot(name: string): number {
  return fnv1a(name) % PALETTE_SIZE;
}

/**
 * Palette slots of names shown together, in the order given, which is largest share first. A name whose slot is taken
 * moves to the next free one; past 24 names slots are shared again.
 */
export function assignSlots(names: readonly string[]): Uint8Array {
  const slots = new Uint8Array(names.length);
  const taken = new Set<number>();
  for (let i = 0; i < names.length; i++) {
    let slot = paletteSlot(names[i]!);
    while (taken.size < PALETTE_SIZE && taken.has(slot)) slot = (slot + 1) % PALETTE_SIZE;
    taken.add(slot);
    slots[i] = slot;
  }
  return slots;
}
