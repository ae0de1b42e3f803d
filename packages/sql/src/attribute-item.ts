import { p } from './param.ts';
import { attributeIndexes, numberIndex, type SpanTier, spanTables } from './span-tables.ts';
import { type Sql, Sql as SqlFragment, sql } from './sql.ts';

/**
 * Whether a span has the text attribute with exactly this value, in the spelling that the tier's index answers.
 *
 * `a[key] = value` means the same and reads every map, so nothing else may spell this test.
 */
export function hasAttributeItem(tier: SpanTier, key: string, value: string): Sql {
  const { itemIndex } = spanTables[tier];
  const items = new SqlFragment([attributeIndexes[itemIndex].expression], []);
  // Stored keys never have a `=`; with one the item would be ambiguous, so such a key asks the map itself.
  if (key.includes('=')) {
    return sql`(mapContains(a, ${p.string(key)}) AND a[${p.string(key)}] = ${p.string(value)})`;
  }
  switch (itemIndex) {
    case 'text':
      return sql`has(${items}, ${p.string(`${key}=${value}`)})`;
    case 'hashes':
      // The hash finds candidates, the second half makes it exact.
      return sql`(has(${items}, cityHash64(${p.string(key)}, ${p.string(value)})) AND a[${p.string(key)}] = ${p.string(value)})`;
  }
}

/** Whether a span has the numeric attribute with exactly this value, in the spelling that both tiers' index answers. */
export function hasNumberItem(key: string, value: number): Sql {
  const exact = sql`n[${p.string(key)}] = ${p.float64(value)}`;
  // Looking up an absent key gives 0, and 0 and -0 are equal with different hashes: the one value that asks for the key.
  if (value === 0) return sql`(mapContains(n, ${p.string(key)}) AND ${exact})`;
  const items = new SqlFragment([numberIndex.expression], []);
  return sql`(has(${items}, cityHash64(${p.string(key)}, ${p.float64(value)})) AND ${exact})`;
}
