import { p } from './param.ts';
import { attributeIndexes, type SpanTier, spanTables } from './span-tables.ts';
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
