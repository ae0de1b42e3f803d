import { expect, test } from 'vitest';
import { tokens } from './tokens.ts';

function coloured(text: string): string {
  return tokens(text)
    .map(({ start, end, colour }) => `${colour}<${text.slice(start, end)}>`)
    .join(' ');
}

test.each([
  ['service:web', 'key<service> operator<:> value<web>'],
  ['-@k:"a b" OR x', 'operator<-> key<@k> operator<:> string<"a b"> keyword<OR> text<x>'],
  ['@n:>=5', 'key<@n> operator<:> operator<>=> value<5>'],
  [
    '@n:[1 TO *] t',
    'key<@n> operator<:> bracket<[> value<1> keyword<TO> value<*> bracket<]> text<t>',
  ],
  [
    '(env:(a, b) c)',
    'bracket<(> key<env> operator<:> bracket<(> value<a> operator<,> value<b> bracket<)> text<c> bracket<)>',
  ],
  ['@m:~"x"', 'key<@m> operator<:> pattern<~"x">'],
  ['LEN(@k):>5', 'keyword<LEN> bracket<(> key<@k> bracket<)> operator<:> operator<>> value<5>'],
  ['_exists_:@k', 'key<_exists_> operator<:> key<@k>'],
  ['a service: "un', 'text<a> key<service> operator<:> string<"un>'],
])('tokens() colours %s', (text, expected) => {
  expect(coloured(text)).toBe(expected);
});
