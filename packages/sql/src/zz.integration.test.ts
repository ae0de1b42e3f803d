import { Session } from 'chdb';
import * as fc from 'fast-check';
import { compileMatcher, parseQuery } from '@spanloom/query';
import { test } from 'vitest';
import { aSpan } from './span-rows.testing.ts';
test('re', () => {
  const s = new Session('/tmp/q/db3');
  const frag = fc.constantFrom('a','b','A','.','*','+','?','^','$','|','(',')','[',']','[^','-','\\d','\\w','\\s','\\b','\\.','\\-','\\/','\\n','\\t','\\x41','{2}','{1,}','{','}',',','(?:','(?i)','(?i:','(?P<n>','(?<n>','[[:alpha:]]','\\p{L}','\\pL','\\A','\\z','\\Z','é','\\é','\\_','\\a','\\e','\\B','\\D','\\0','(?s)','(?U)','(?-i)','*?','++','\\C','[a-z]','[\\d-z]','\\v','\\f',' ','#','&','\\&','\\h','/','(?#','(?>','x{1001}','\\ ', '[]a]','[^]a]','[\\]a]','[^\\]a]','x\\]');
  const texts = ['', 'a', 'ab', 'A\nb', 'é1 ', 'a-b_]', 'b{2}', '/', 'aab'];
  const seen = new Map<string, number>();
  let ok = 0, total = 0;
  fc.assert(fc.property(fc.array(frag, { minLength: 1, maxLength: 5 }), (parts) => {
    const pat = parts.join('');
    const q = `@k:~"${pat}"`;
    const r = parseQuery(q);
    total++;
    if (!r.ok) return;
    ok++;
    const m = compileMatcher(r.query.predicate);
    const mine = texts.map((t) => (m(aSpan({ attributes: new Map([['k', t]]) })) ? 1 : 0)).join('');
    let theirs: string;
    try { theirs = s.queryBind('SELECT arrayStringConcat(arrayMap(x -> toString(match(x, {p:String})), {t:Array(String)}))', { p: pat, t: texts }, 'TSV').trim(); } catch (e) { theirs = 'ERR ' + String(e).slice(0, 180); }
    if (mine !== theirs) { const k = theirs.startsWith('ERR') ? theirs.replace(/.*error: /,'').slice(0,60) : 'differ'; if ((seen.get(k) ?? 0) < 6) console.log(JSON.stringify(pat), mine, theirs.slice(0, 200)); seen.set(k, (seen.get(k) ?? 0) + 1); }
  }), { numRuns: 8000 });
  console.log(ok, total, seen);
});
