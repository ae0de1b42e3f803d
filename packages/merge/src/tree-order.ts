/** Spans in tree order, by index into the spans given. */
export interface TreeOrder {
  readonly order: Int32Array;
  /** Depth by position in `order`. */
  readonly depths: Int32Array;
}

/**
 * Depth-first order: a parent before its children, siblings and roots in the order given. Iterative, because real traces
 * are deeper than a call stack.
 */
export function treeOrder(parents: Int32Array): TreeOrder {
  const count = parents.length;
  const firstChild = new Int32Array(count).fill(-1);
  const nextSibling = new Int32Array(count).fill(-1);
  let firstRoot = -1;
  // Backwards, so that each list starts with its earliest member.
  for (let index = count - 1; index >= 0; index--) {
    const parent = parents[index]!;
    if (parent === -1) {
      nextSibling[index] = firstRoot;
      firstRoot = index;
    } else {
      nextSibling[index] = firstChild[parent]!;
      firstChild[parent] = index;
    }
  }
  const order = new Int32Array(count);
  const depths = new Int32Array(count);
  const depthOf = new Int32Array(count);
  let position = 0;
  for (let at = firstRoot; at !== -1;) {
    order[position] = at;
    depths[position++] = depthOf[at]!;
    const child = firstChild[at]!;
    if (child !== -1) {
      depthOf[child] = depthOf[at]! + 1;
      at = child;
      continue;
    }
    while (at !== -1 && nextSibling[at] === -1) at = parents[at]!;
    if (at === -1) break;
    const next = nextSibling[at]!;
    depthOf[next] = depthOf[at]!;
    at = next;
  }
  return { order, depths };
}
