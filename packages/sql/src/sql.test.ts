import { expect, expectTypeOf, test } from 'vitest';
import { p } from './param.ts';
import { returning, type SqlQuery } from './sql-query.ts';
import { identifier, joinSql, type Param, type Sql, sql } from './sql.ts';

test('sql`` puts parameters behind typed placeholders', () => {
  const statement = sql`SELECT * FROM spans WHERE service = ${p.string("o'brien")} AND dur > ${p.uint64(5n)}`;
  expect(statement.render()).toEqual({
    sql: 'SELECT * FROM spans WHERE service = {p0:String} AND dur > {p1:UInt64}',
    params: { p0: "o'brien", p1: '5' },
  });
});

test('sql`` composes fragments and numbers their parameters together', () => {
  const condition = joinSql(
    [sql`a = ${p.string('x')}`, sql`b = ${p.string('y')}`, sql`c = ${p.string('x')}`],
    sql` OR `,
  );
  expect(sql`WHERE (${condition}) LIMIT ${p.uint32(50)}`.render()).toEqual({
    sql: 'WHERE (a = {p0:String} OR b = {p1:String} OR c = {p0:String}) LIMIT {p2:UInt32}',
    params: { p0: 'x', p1: 'y', p2: 50 },
  });
});

test('sql`` keeps equal values of different types apart', () => {
  expect(sql`${p.uint8(1)} ${p.uint16(1)}`.render().sql).toBe('{p0:UInt8} {p1:UInt16}');
});

test('sql`` takes no bare string, neither in types nor at run time', () => {
  expectTypeOf(sql).parameter(1).toEqualTypeOf<Sql | Param>();
  // @ts-expect-error A string is not SQL.
  expect(() => sql`SELECT ${'1; DROP TABLE spans'}`).toThrow(
    'Cannot put a string into SQL: wrap it in a typed parameter such as p.string(…)',
  );
});

test('joinSql() of nothing is empty', () => {
  expect(joinSql([], sql`, `).render().sql).toBe('');
});

test('identifier() takes plain names from schema data', () => {
  expect(identifier({ name: 'spans_live' }).render().sql).toBe('spans_live');
  expect(() => identifier({ name: 'spans; DROP' })).toThrow(
    'Cannot use "spans; DROP" as an SQL name',
  );
});

test('returning() ties a statement to the type of its rows', () => {
  const row = { parse: (value: unknown): number => Number(value) };
  expectTypeOf(returning(row, sql`SELECT 1`)).toEqualTypeOf<SqlQuery<number>>();
});

test('p refuses values that do not fit their type', () => {
  expect(p.uint8(255).value).toBe(255);
  expect(() => p.uint8(256)).toThrow(
    'Cannot bind 256 as UInt8: expected a whole number from 0 to 255',
  );
  expect(() => p.uint32(1.5)).toThrow('Cannot bind 1.5 as UInt32');
  expect(p.uint64(18_446_744_073_709_551_615n).value).toBe('18446744073709551615');
  expect(() => p.uint64(18_446_744_073_709_551_616n)).toThrow(
    'Cannot bind 18446744073709551616 as UInt64',
  );
  expect(() => p.uint64(-1n)).toThrow('Cannot bind -1 as UInt64');
  expect(p.int64(-9_223_372_036_854_775_808n).value).toBe('-9223372036854775808');
  expect(() => p.float64(Number.NaN)).toThrow('Cannot bind NaN as Float64: not finite');
  expect(() => p.nanos(-1n)).toThrow('Cannot bind -1 as a time: it is before 1970');
});

test('p.nanos() and p.millis() keep every digit', () => {
  expect(p.nanos(1_727_177_156_250_000_001n).value).toBe('1727177156.250000001');
  expect(p.nanos(0n).value).toBe('0000000000.000000000');
  expect(p.millis(1_727_177_156_250).value).toBe('1727177156.250');
});

test('p.uint64s() is array text, because JavaScript numbers would round its items', () => {
  expect(p.uint64s([1n, 18_446_744_073_709_551_615n]).value).toBe('[1,18446744073709551615]');
});
