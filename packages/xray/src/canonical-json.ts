/** An array or object that is being written. */
interface Open {
  /** Undefined for an array. */
  readonly keys: readonly string[] | undefined;
  readonly items: readonly unknown[];
  next: number;
}

/**
 * JSON text that is the same for the same document: keys in order, and numbers as JavaScript writes them, because X-Ray renders
 * one and the same time now as `1727177156.262` and now as `1.727177156262E9`. Subsegments are ordered by id: X-Ray adds those
 * that were sent on their own in the order in which they came.
 *
 * Written without recursion: metadata of a few kilobytes nests deeper than a stack is high, and JSON.parse() reads it all the same.
 */
export function canonicalJson(value: unknown): string {
  const parts: string[] = [];
  const open: Open[] = [];
  begin(value, parts, open);
  for (let last = open.at(-1); last !== undefined; last = open.at(-1)) {
    const { keys, items } = last;
    const index = last.next++;
    if (index === items.length) {
      parts.push(keys === undefined ? ']' : '}');
      open.pop();
      continue;
    }
    if (index > 0) parts.push(',');
    if (keys !== undefined) parts.push(JSON.stringify(keys[index]), ':');
    begin(items[index], parts, open);
  }
  return parts.join('');
}

/** Writes a scalar, or the bracket of what has items. */
function begin(value: unknown, parts: string[], open: Open[]): void {
  if (typeof value !== 'object' || value === null) {
    parts.push(JSON.stringify(value) ?? 'null');
  } else if (Array.isArray(value)) {
    parts.push('[');
    open.push({ keys: undefined, items: value, next: 0 });
  } else {
    const object = value as Record<string, unknown>;
    const keys = Object.keys(object).toSorted();
    const items = keys.map((key) => {
      const item = object[key];
      return key === 'subsegments' && Array.isArray(item) ? item.toSorted(byId) : item;
    });
    parts.push('{');
    open.push({ keys, items, next: 0 });
  }
}

function byId(left: unknown, right: unknown): number {
  const [a, b] = [idOf(left), idOf(right)];
  return a < b ? -1 : a > b ? 1 : 0;
}

function idOf(value: unknown): string {
  const id = (value as { id?: unknown } | null)?.id;
  return typeof id === 'string' ? id : '';
}
