import { p, sql } from '@spanloom/sql';
import { expect, test } from 'vitest';
import { bindParams, quoteText } from './bind-params.ts';

test('bindParams() writes texts as literals and everything else as a cast of its text', () => {
  expect(
    bindParams(
      sql`SELECT ${p.string("it's")}, ${p.uint64(5n)}, ${p.strings(['a', "b'"])}, ${p.nanos(1_500_000_000_000_000_001n)}`.render(),
    ),
  ).toBe(
    `SELECT 'it\\'s', _CAST('5', 'UInt64'), _CAST('[\\'a\\',\\'b\\\\\\'\\']', 'Array(String)'), ` +
      `_CAST('1500000000.000000001', 'DateTime64(9, \\'UTC\\')')`,
  );
});

test('bindParams() leaves what looks like a placeholder inside a value alone', () => {
  expect(bindParams(sql`SELECT ${p.string('{p0:String}')}`.render())).toBe("SELECT '{p0:String}'");
});

test('bindParams() refuses a placeholder nothing is bound to', () => {
  expect(() => bindParams({ sql: 'SELECT {x:UInt8}', params: {} })).toThrow(
    'Cannot run a statement: nothing is bound to {x:UInt8}',
  );
});

test('quoteText() escapes what would end the literal or the statement', () => {
  expect(quoteText("a'b\\c\0d\n")).toBe("'a\\'b\\\\c\\0d\n'");
});
