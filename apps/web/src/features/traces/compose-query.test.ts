import { expect, test } from 'vitest';
import { clauseRanges, composeQuery, queryProblem, relaxations } from './compose-query.ts';

test('composeQuery() adds scope and environment without changing what an OR means', () => {
  expect(composeQuery('', 'all', undefined)).toBe('*');
  expect(composeQuery(' a:b ', 'all', undefined)).toBe('a:b');
  expect(composeQuery('a:b OR c:d', 'root', 'prod')).toBe(
    '(a:b OR c:d) AND env:"prod" AND root:true',
  );
  expect(composeQuery('', 'entry', 'my env')).toBe('(env:"my env") AND entry:true');
});

test('queryProblem() places the mistake in the text as typed', () => {
  expect(queryProblem('service:web', 0)).toBeUndefined();
  expect(queryProblem('', 0)).toBeUndefined();
  const problem = queryProblem('service:web @duration:>abc', 0)!;
  expect('service:web @duration:>abc'.slice(problem.start, problem.end)).toContain('abc');
});

test('relaxations() takes out one clause at a time', () => {
  expect(relaxations('service:web AND env:prod -type:cache')).toEqual([
    { clause: 'service:web', without: 'env:prod -type:cache' },
    { clause: 'env:prod', without: 'service:web AND -type:cache' },
    { clause: '-type:cache', without: 'service:web AND env:prod' },
  ]);
  expect(relaxations('a:b')).toEqual([{ clause: 'a:b', without: '' }]);
  expect(relaxations('')).toEqual([]);
});

test('clauseRanges() finds whole clauses, brackets and all', () => {
  const q = 'env:prod service:(checkout OR fulfil) -type:cache cold';
  expect(clauseRanges(q).map(({ start, end }) => q.slice(start, end))).toEqual([
    'env:prod',
    'service:(checkout OR fulfil)',
    '-type:cache',
  ]);
});
