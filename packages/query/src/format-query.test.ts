import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import type { Comparison, Key, Node, Piece, Scalar, Value } from './ast.ts';
import { formatQuery } from './format-query.ts';
import { joinNodes, parseSyntax } from './parser.ts';
import { PieceBuilder } from './scalar.ts';

const place = { start: 0, end: 0 };

/** The tree without positions, which formatting may move. */
function bare(tree: unknown): unknown {
  return JSON.parse(
    JSON.stringify(tree, (key, value: unknown) =>
      key === 'start' || key === 'end' ? undefined : value,
    ),
  );
}

function parsed(text: string): Node {
  const result = parseSyntax(text);
  if (!result.ok) throw new Error(`${result.problem.message}: ${text}`);
  return result.tree;
}

const characters = fc.constantFrom(...Array.from('ab1.-_:,@#\'"*?\\()[]{}<>=!~+/&|µ🐶 \tTO'));
const words = fc.constantFrom(
  'AND',
  'OR',
  'NOT',
  'TO',
  'CIDR',
  'LOWER',
  'LEN',
  '_exists_',
  '_missing_',
  "@'x",
  'and',
);
const text = fc.oneof(
  { weight: 5, arbitrary: fc.array(characters, { maxLength: 6 }).map((all) => all.join('')) },
  { weight: 1, arbitrary: words },
);
const name = text.filter((value) => value !== '');
const key: fc.Arbitrary<Key> = fc
  .record({ sigil: fc.constantFrom('@' as const, '' as const), name })
  .map((k) => ({ ...k, ...place }));
const pieces: fc.Arbitrary<readonly Piece[]> = fc
  .array(fc.oneof(text, fc.constantFrom<Piece>({ wildcard: '*' }, { wildcard: '?' })), {
    maxLength: 4,
  })
  .map((all) => {
    const builder = new PieceBuilder();
    for (const piece of all) {
      if (typeof piece === 'string') builder.literal(piece);
      else builder.wildcard(piece.wildcard);
    }
    return builder.build();
  });
const scalar: fc.Arbitrary<Scalar> = pieces.map((all) => ({ pieces: all, ...place }));
const literal: fc.Arbitrary<Scalar> = text.map((value) => ({
  pieces: value === '' ? [] : [value],
  ...place,
}));
const comparison: fc.Arbitrary<Comparison> = fc.record({
  kind: fc.constant('comparison' as const),
  operator: fc.constantFrom('>' as const, '>=' as const, '<' as const, '<=' as const),
  bound: scalar,
  start: fc.constant(0),
  end: fc.constant(0),
});
const notAnything = scalar.filter(
  (s) =>
    !(s.pieces.length === 1 && typeof s.pieces[0] === 'object' && s.pieces[0].wildcard === '*'),
);
const value: fc.Arbitrary<Value> = fc.oneof(
  notAnything.map((s): Value => ({ kind: 'scalar', scalar: s, ...place })),
  comparison,
  fc
    .record({
      low: fc.option(literal, { nil: undefined }),
      lowInclusive: fc.boolean(),
      high: fc.option(literal, { nil: undefined }),
      highInclusive: fc.boolean(),
    })
    .map((range): Value => ({ kind: 'range', ...range, ...place })),
  fc
    .tuple(
      fc.constantFrom('or' as const, 'and' as const),
      fc.array(scalar, { minLength: 1, maxLength: 3 }),
    )
    .map(([join, items]): Value => ({
      kind: 'list',
      join: items.length === 1 ? 'or' : join,
      items,
      ...place,
    })),
  // A backslash in a pattern always has something behind it that is not the closing quote.
  fc
    .array(fc.constantFrom('a', '.', '*', '"', '\\d', '\\\\', ' ', ')'), { maxLength: 5 })
    .map((parts): Value => ({ kind: 'regex', pattern: parts.join(''), ...place })),
);
const leaf: fc.Arbitrary<Node> = fc.oneof(
  fc.tuple(key, value).map(([k, v]): Node => ({ kind: 'field', key: k, value: v, ...place })),
  fc
    .tuple(key, fc.boolean())
    .map(([k, present]): Node => ({ kind: 'exists', key: k, present, ...place })),
  fc
    .tuple(scalar, fc.boolean())
    .map(([s, everywhere]): Node => ({ kind: 'text', scalar: s, everywhere, ...place })),
  fc
    .tuple(key, fc.array(scalar, { minLength: 1, maxLength: 3 }))
    .map(([k, networks]): Node => ({ kind: 'cidr', key: k, networks, ...place })),
  fc.tuple(key, scalar).map(([k, s]): Node => ({ kind: 'lower', key: k, scalar: s, ...place })),
  fc
    .tuple(key, comparison)
    .map(([k, c]): Node => ({ kind: 'length', key: k, comparison: c, ...place })),
);
const tree: fc.Arbitrary<Node> = fc.letrec<{ node: Node }>((tie) => ({
  node: fc.oneof(
    { depthSize: 'small', withCrossShrink: true },
    leaf,
    fc
      .tuple(
        fc.constantFrom('and' as const, 'or' as const),
        fc.array(tie('node'), { minLength: 2, maxLength: 3 }),
      )
      .map(([kind, operands]) => joinNodes(kind, operands, place)),
    tie('node').map((operand): Node => ({ kind: 'not', operand, ...place })),
  ),
})).node;

test('formatQuery() writes text that parses to the same tree', () => {
  fc.assert(
    fc.property(tree, (node) => {
      expect(bare(parsed(formatQuery(node)))).toEqual(bare(node));
    }),
    { numRuns: 2000 },
  );
});

test('formatQuery() has one spelling for whatever text parses', () => {
  const snippets = fc.constantFrom(
    'a',
    ' ',
    ' ',
    '(',
    ')',
    '@k:',
    'service:',
    'AND',
    ' OR ',
    'NOT ',
    '-',
    '!',
    '"b c"',
    '[1 TO 2}',
    '>5',
    '~"x"',
    '*',
    '(x, y)',
    '\\:',
    '_missing_:',
    'LEN(@k):',
    'CIDR(@ip, 10.0.0.0/8)',
    '*:',
  );
  fc.assert(
    fc.property(fc.array(snippets, { maxLength: 10 }), (parts) => {
      const result = parseSyntax(parts.join(''));
      if (!result.ok) return;
      const normal = formatQuery(result.tree);
      expect(bare(parsed(normal))).toEqual(bare(result.tree));
      expect(formatQuery(parsed(normal))).toBe(normal);
    }),
    { numRuns: 3000 },
  );
});

test('parseSyntax() gives a tree or a problem inside the text, whatever the text', () => {
  fc.assert(
    fc.property(fc.array(characters, { maxLength: 30 }), (all) => {
      const query = all.join('');
      const result = parseSyntax(query);
      if (result.ok) return;
      expect(result.problem.start).toBeGreaterThanOrEqual(0);
      expect(result.problem.start).toBeLessThanOrEqual(result.problem.end);
      expect(result.problem.end).toBeLessThanOrEqual(query.length);
    }),
    { numRuns: 3000 },
  );
});

test.each([
  ['', ''],
  ['   ', ''],
  ['service:web', 'service:web'],
  ['service:web AND (env:prod)', 'service:web env:prod'],
  ['a b OR c', 'a b OR c'],
  ['a (b OR c)', 'a (b OR c)'],
  ['NOT a', '-a'],
  ['NOT (a b)', '-(a b)'],
  ['!a -b', '-a -b'],
  ['-(-a)', '-(-a)'],
  ['service:"web"', 'service:web'],
  ['service:"a b"', 'service:"a b"'],
  ['service:a\\ b', 'service:"a b"'],
  ['@url:*user\\=Jane*', '@url:*user=Jane*'],
  ['@x:\\*', '@x:"*"'],
  ['@x:a\\*b*', '@x:a\\*b*'],
  ['_exists_:@k', '@k:*'],
  ['-@k:*', '-@k:*'],
  ['_missing_:k', '_missing_:k'],
  ['env:(prod,staging)', 'env:(prod OR staging)'],
  ['env:(prod staging)', 'env:(prod OR staging)'],
  ['@tags:(a AND b)', '@tags:(a AND b)'],
  ['@n:{ 400 TO * ]', '@n:{400 TO *]'],
  ['@n:>= 5', '@n:>=5'],
  ['@m:~"^a\\.b\\"c$"', '@m:~"^a\\.b\\"c$"'],
  ['*:timeout', '*:timeout'],
  ["@'my key':1", '@my\\ key:1'],
  ['@"my key":1', '@my\\ key:1'],
  ['function_arn:arn:aws:lambda:eu-west-1', 'function_arn:arn:aws:lambda:eu-west-1'],
  ['CIDR(@ip,10.0.0.0/8,2001:db8::/32)', 'CIDR(@ip, 10.0.0.0/8, 2001:db8::/32)'],
  ['LOWER( @k ):V', 'LOWER(@k):V'],
  ['LEN(@k):>5', 'LEN(@k):>5'],
  ['"AND"', '"AND"'],
  ['a - b', 'a "-" b'],
])('formatQuery() writes %j as %j', (query, expected) => {
  expect(formatQuery(parsed(query))).toBe(expected);
});
