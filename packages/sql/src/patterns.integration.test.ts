import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Session } from 'chdb';
import * as fc from 'fast-check';
import { compileMatcher, parseQuery } from '@spanloom/query';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { compilePredicate } from './compile-predicate.ts';
import { p } from './param.ts';
import { aSpan } from './span-rows.testing.ts';
import { sql } from './sql.ts';

/** Texts that patterns are tried on; the attribute `k` has each of them in turn. */
const TEXTS = ['a', 'ab', 'A\nb', 'é1 ', 'a-b_]', 'b{2}', '/', 'aab', '100%', 'a\\b', '🐶', "'*?'"];

let folder: string;
let session: Session;

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'spanloom-patterns-'));
  session = new Session(join(folder, 'db'));
});

afterAll(() => {
  session.close();
  rmSync(folder, { recursive: true, force: true });
});

/** Which texts match, in memory and in the database; undefined when the query has a problem. */
function compare(
  query: string,
): { memory: readonly string[]; database: readonly string[] } | undefined {
  const result = parseQuery(query);
  if (!result.ok) return undefined;
  const { predicate } = result.query;
  const matches = compileMatcher(predicate);
  const statement = sql`
    SELECT text
    FROM (SELECT arrayJoin(${p.strings(TEXTS)}) AS text, map('k', text) AS a, CAST(map(), 'Map(String, Float64)') AS n,
      '' AS resource, '' AS name, '' AS service)
    WHERE ${compilePredicate(predicate, 'kept')}`;
  const { sql: text, params } = statement.render();
  const rows = session.queryBind(text, params, 'JSONEachRow').split('\n');
  return {
    memory: TEXTS.filter((candidate) =>
      matches(
        aSpan({ service: '', name: '', resource: '', attributes: new Map([['k', candidate]]) }),
      ),
    ),
    database: rows
      .filter((row) => row !== '')
      .map((row) => String(Object.values(JSON.parse(row))[0])),
  };
}

const FRAGMENTS =
  'a b A é . * + ? ^ $ | ( ) [ ] [^ - { } , / # & \\d \\D \\w \\s \\S \\b \\B \\n \\t \\f \\v \\a \\x41 \\A \\z ' +
  '\\C \\h \\e \\Z \\0 \\. \\- \\/ \\_ \\] \\& \\é \\p{L} \\pL \\p{Greek} \\P{Lu} [[:alpha:]] [[:punct:]x] (?: (?i) ' +
  '(?i: (?s) (?U) (?-i) (?P<n> (?<n> (?# (?> (?= (?<! {2} {1,} {1001} *? ++ [a-z] [\\d-z] []a] [^]a] [\\]a] [^\\]a] ' +
  '[\\s] [\\S]';
const fragment = fc.constantFrom(' ', '\\ ', ...FRAGMENTS.split(' '));

test('a pattern that is accepted means the same in memory and in the database', () => {
  fc.assert(
    fc.property(fc.array(fragment, { minLength: 1, maxLength: 5 }), (parts) => {
      const query = `@k:~"${parts.join('')}"`;
      const compared = compare(query);
      expect({ query, found: compared?.database }).toEqual({ query, found: compared?.memory });
    }),
    { numRuns: 2000 },
  );
});

// The database takes this bracket for the end of the class when it looks for text that every match contains.
test.each(['[]a]a', '[^]a]b'])('the pattern %s is refused', (pattern) => {
  expect(parseQuery(`@k:~"${pattern}"`)).toMatchObject({
    problem: {
      message: 'Cannot use this pattern: a ] in first place must be escaped, as in [\\]a]',
    },
  });
});

test('wildcards and literal text mean the same in memory and in the database', () => {
  const piece = fc.constantFrom(
    'a',
    'b',
    'A',
    'é',
    '🐶',
    '*',
    '?',
    '\\*',
    '\\?',
    '\\\\',
    '%',
    '_',
    "'",
    '{',
    '}',
    '\\ ',
    '1',
    '0',
    '-',
    ']',
  );
  fc.assert(
    fc.property(
      fc.array(piece, { minLength: 1, maxLength: 5 }),
      fc.constantFrom('@k:', 'LOWER(@k):', '*:'),
      (pieces, key) => {
        const query = `${key}${pieces.join('').replaceAll(/[{}\]]/g, '\\$&')}`;
        const compared = compare(query);
        expect({ query, found: compared?.database }).toEqual({ query, found: compared?.memory });
      },
    ),
    { numRuns: 1000 },
  );
});
