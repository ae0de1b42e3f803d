import { parseQuery } from '@spanloom/query';
import { expect, test } from 'vitest';
import { compilePredicate } from './compile-predicate.ts';
import { goldenCases } from './golden.testing.ts';
import { spanColumns } from './span-tables.ts';

test.each(goldenCases())(
  'compilePredicate() compiles golden/$name.sql',
  async ({ file, query }) => {
    const result = parseQuery(query, { now: 1_727_177_200_000_000_000n });
    if (!result.ok) throw new Error(result.problem.message);
    const kept = compilePredicate(result.query.predicate, 'kept').render();
    const live = compilePredicate(result.query.predicate, 'live').render();
    const lines = [`-- query: ${query}`, '-- kept', kept.sql, params(kept.params)];
    if (live.sql !== kept.sql) lines.push('-- live', live.sql, params(live.params));
    await expect(`${lines.filter((line) => line !== '').join('\n')}\n`).toMatchFileSnapshot(file);
  },
);

test('compilePredicate() uses columns of the span tables only', () => {
  const names = new Set(spanColumns.map((column) => column.name));
  for (const { query } of goldenCases()) {
    const result = parseQuery(query, { now: 0n });
    if (!result.ok) throw new Error(result.problem.message);
    const { sql } = compilePredicate(result.query.predicate, 'kept').render();
    const bare = sql.replaceAll(/\{[^}]*\}|'[^']*'/g, '').replaceAll(/\b[A-Za-z]\w*\(/g, '');
    const words = bare.match(/\b[a-z]\w*\b/g) ?? [];
    for (const word of words.filter((found) => found !== 'k' && found !== 'v')) {
      expect(names).toContain(word);
    }
  }
});

function params(values: Readonly<Record<string, unknown>>): string {
  return Object.entries(values)
    .map(([name, value]) => `-- ${name} = ${JSON.stringify(value)}`)
    .join('\n');
}
