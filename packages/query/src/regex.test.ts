import { expect, test } from 'vitest';
import { compileRegex, regexProblem } from './regex.ts';

test.each([
  ['a.c', 'a\nc', true],
  ['^b$', 'a\nb', false],
  ['(?m)^b$', 'a\nb', true],
  ['(?i)ÉRROR', 'érror', true],
  ['a(?:b|c)', 'ac', true],
  ['\\Ab\\z', 'b', true],
  ['\\Ab', 'a\nb', false],
  ['a\\-b\\_c\\/', 'a-b_c/', true],
  ['a{x}]', 'a{x}]', true],
  ['^.$', '🐶', true],
  ['[[:alpha:]_]+$', 'ab_', true],
  ['[[:digit:]]', 'x', false],
  ['\\pL\\p{Lu}\\p{Greek}', 'aBγ', true],
  ['\\x41\\x{1F436}', 'A🐶', true],
  ['(?P<name>a)', 'a', true],
  // Only these spaces, as in RE2; JavaScript alone would take a no-break space too.
  ['\\s', '\u00a0', false],
])('compileRegex() runs %s on %j: %j', (pattern, text, expected) => {
  expect(regexProblem(pattern)).toBeUndefined();
  expect(compileRegex(pattern).test(text)).toBe(expected);
});

test.each([
  ['(?=a)', 'look-ahead and look-behind are not supported; combine two terms instead'],
  ['(?<!a)', 'look-ahead and look-behind are not supported; combine two terms instead'],
  ['(a)\\1', 'back-references are not supported'],
  ['a(?i)b', 'flags can be i, m and s, and stand at the very start, as in (?i)error'],
  ['a(?i:b)', 'flags can be i, m and s, and stand at the very start, as in (?i)error'],
  ['(?i)\\P{Lu}', '\\P cannot be used together with (?i)'],
  ['(?m)\\Ab', '\\A cannot be used together with (?m); leave out the flag'],
  ['(?>a)', 'this kind of group is not supported; write (?:…) or (…)'],
  ['\\Qa\\E', 'the escape \\Q is not supported'],
  ['[\\b]', 'the escape \\b is not supported inside [ ]'],
  ['a{1001}', 'a repetition can ask for at most 1000 copies'],
  ['[a', 'a [ is not closed'],
  ['(a', 'unterminated group'],
  ['*a', 'nothing to repeat'],
  ['[[:alfa:]]', 'there is no class [:alfa:]'],
  ['\\p{Klingon}', 'invalid property name'],
])('regexProblem() explains %s', (pattern, problem) => {
  expect(regexProblem(pattern)).toBe(problem);
});

test('regexProblem() takes 1000 copies', () => {
  expect(regexProblem('a{1000}')).toBeUndefined();
});
