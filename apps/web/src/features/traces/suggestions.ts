import type { SpanEvent } from '@spanloom/contract';
import type { Suggestions } from './query-extensions.ts';

/** What the loaded spans can offer, wherever a key is asked for. */
export interface SeenKeys extends Suggestions {
  /** With their sigil, in order of the alphabet: an order by frequency would change with every row. */
  readonly attributes: readonly string[];
  /** Those with numbers. */
  readonly measures: readonly string[];
}

/** Keys and values seen in the loaded spans. Internal attributes stay out: nobody searches for them first. */
export function suggestionsFrom(rows: readonly SpanEvent[]): SeenKeys {
  const counts = new Map<string, number>();
  const numeric = new Set<string>();
  for (const { attributes } of rows) {
    for (const [key, value] of Object.entries(attributes.attributes)) {
      if (typeof value === 'number') numeric.add(key);
      if (!key.startsWith('_')) counts.set(key, (counts.get(key) ?? 0) + 1);
    }
  }
  const keys = [...counts]
    .toSorted((a, b) => b[1] - a[1])
    .map(([name, count]) => ({
      name,
      description: `${Math.round((100 * count) / rows.length)}% of loaded spans`,
    }));
  const attributes = keys.map(({ name }) => `@${name}`).toSorted();
  return {
    keys,
    valuesOf: (key) => valuesOf(rows, key),
    attributes,
    measures: ['@duration', ...attributes.filter((key) => numeric.has(key.slice(1)))],
  };
}

function valuesOf(rows: readonly SpanEvent[], key: string): readonly string[] {
  const counts = new Map<string, number>();
  for (const row of rows) {
    const value = key.startsWith('@')
      ? row.attributes.attributes[key.slice(1)]
      : reserved(row, key);
    if (value === undefined || value === '' || String(value).length > 120) continue;
    counts.set(String(value), (counts.get(String(value)) ?? 0) + 1);
  }
  return [...counts]
    .toSorted((a, b) => b[1] - a[1])
    .slice(0, 30)
    .map(([value]) => value);
}

function reserved({ attributes }: SpanEvent, key: string): string | number | undefined {
  switch (key) {
    case 'service':
      return attributes.service;
    case 'env':
      return attributes.env;
    case 'resource_name':
    case 'resource':
      return attributes.resource_name;
    case 'operation_name':
    case 'name':
      return attributes.custom.operation_name;
    case 'type':
      return attributes.type;
    case 'version':
      return attributes.custom.version;
    case 'function':
      return attributes.custom.function;
    default:
      return attributes.attributes[key];
  }
}
