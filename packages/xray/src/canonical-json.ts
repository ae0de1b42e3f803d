/**
 * JSON text that is the same for the same document: keys in order, and numbers as JavaScript writes them, because X-Ray renders
 * one and the same time now as `1727177156.262` and now as `1.727177156262E9`. Subsegments are ordered by id: X-Ray adds those
 * that were sent on their own in the order in which they came.
 */
export function canonicalJson(value: unknown): string {
  if (typeof value !== 'object' || value === null) return JSON.stringify(value) ?? 'null';
  if (Array.isArray(value)) return `[${value.map(canonicalJson).join(',')}]`;
  const object = value as Record<string, unknown>;
  const parts: string[] = [];
  for (const key of Object.keys(object).toSorted()) {
    const item = object[key];
    const text =
      key === 'subsegments' && Array.isArray(item)
        ? canonicalJson(item.toSorted(byId))
        : canonicalJson(item);
    parts.push(`${JSON.stringify(key)}:${text}`);
  }
  return `{${parts.join(',')}}`;
}

function byId(left: unknown, right: unknown): number {
  const [a, b] = [idOf(left), idOf(right)];
  return a < b ? -1 : a > b ? 1 : 0;
}

function idOf(value: unknown): string {
  const id = (value as { id?: unknown } | null)?.id;
  return typeof id === 'string' ? id : '';
}
