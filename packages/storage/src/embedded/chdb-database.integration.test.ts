import { setTimeout as sleep } from 'node:timers/promises';
import { ConfigError, LimitError, OverloadedError } from '@spanloom/base';
import { p, returning, sql } from '@spanloom/sql';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Database } from '../database.ts';
import { DatabaseError } from '../database-error.ts';
import { NativeBlock } from '../native/native-block.ts';
import { TemporaryFolder } from '../temporary.testing.ts';
import { openEmbeddedDatabase } from './chdb-database.ts';

const folder = new TemporaryFolder();
let database: Database;

beforeAll(async () => {
  database = await openEmbeddedDatabase({ directory: folder.path, readers: 2, waitingQueries: 1 });
  await database.command(
    'CREATE TABLE numbers (x UInt64) ENGINE = MergeTree ORDER BY x SETTINGS non_replicated_deduplication_window = 100',
  );
});

afterAll(async () => {
  await database[Symbol.asyncDispose]();
  folder[Symbol.dispose]();
});

const anything = { parse: (row: unknown): unknown => row };
const slow = returning(
  anything,
  sql`SELECT sum(cityHash64(number)) AS x FROM numbers(400000000000)`,
);
const one = returning(anything, sql`SELECT 1 AS x`);

async function running(): Promise<unknown> {
  const [row] = await database.query(
    returning(
      anything,
      // A cancelled statement stays on the list until its session runs the next one.
      sql`SELECT toUInt32(count()) AS x FROM system.processes WHERE Settings['log_comment'] LIKE 'slow/%' AND NOT is_cancelled`,
    ),
    { tag: 'processes' },
  );
  return row;
}

function block(values: readonly number[]): Uint8Array {
  const native = new NativeBlock(1, values.length);
  native.numbers('x', 'UInt64', Uint32Array.from(values.flatMap((value) => [value, 0])), 2);
  return native.finish();
}

async function count(): Promise<unknown> {
  const [row] = await database.query(
    returning(anything, sql`SELECT toUInt32(count()) AS x FROM numbers`),
    { tag: 'count' },
  );
  return row;
}

test('query() binds every kind of parameter as the text it is', async () => {
  const nasty = `a'b\\c\0d"e\n{p0:String}é\u{1f600}`;
  const [row] = await database.query(
    returning(
      anything,
      sql`SELECT ${p.string(nasty)} AS text, ${p.strings([nasty, ''])} AS texts, ${p.uint64((1n << 64n) - 1n)} AS id,
          ${p.int64(-5n)} AS signed, ${p.float64(0.1)} AS number, toUnixTimestamp64Nano(${p.nanos(1_727_177_156_250_000_001n)}) AS nanos`,
    ),
    { tag: 'params' },
  );
  expect(row).toEqual({
    text: nasty,
    texts: [nasty, ''],
    id: '18446744073709551615',
    signed: '-5',
    number: 0.1,
    nanos: '1727177156250000001',
  });
});

test('query() answers while another question with parameters is slow', async () => {
  const stop = new AbortController();
  const other = database
    .query(
      returning(
        anything,
        sql`SELECT sum(cityHash64(number)) AS x FROM numbers(${p.uint64(400_000_000_000n)})`,
      ),
      { tag: 'slow', signal: stop.signal },
    )
    .catch(() => undefined);
  await sleep(50);
  const started = performance.now();
  const [row] = await database.query(returning(anything, sql`SELECT ${p.uint8(7)} AS x`), {
    tag: 'quick',
  });
  expect(row).toEqual({ x: 7 });
  expect(performance.now() - started).toBeLessThan(2000);
  stop.abort();
  await other;
});

test('query() ends the statement in the engine when its signal aborts', async () => {
  const stop = new AbortController();
  const question = database.query(slow, { tag: 'slow', signal: stop.signal });
  setTimeout(() => stop.abort(new Error('nobody waits')), 100);
  await expect(question).rejects.toThrow('nobody waits');
  await expect.poll(running, { timeout: 10_000 }).toEqual({ x: 0 });
});

test('query() answers nothing of questions that were cut short before it', async () => {
  const streaming = returning(anything, sql`SELECT number AS x FROM numbers(400000000)`);
  for (let round = 0; round < 12; round++) {
    const stop = new AbortController();
    const questions = [1, 2].map(() =>
      database.query(streaming, { tag: 'slow', signal: stop.signal }).catch(() => undefined),
    );
    await sleep(10 + round * 5);
    stop.abort();
    await Promise.all(questions);
    // Both sessions were cut short, and both are asked next.
    await expect.poll(running, { timeout: 10_000 }).toEqual({ x: 0 });
    const answers = [1, 2].map(() => database.query(one, { tag: 'one' }));
    expect(await Promise.all(answers)).toEqual([[{ x: 1 }], [{ x: 1 }]]);
  }
});

test('query() rejects with LimitError when a question takes too long or too much memory', async () => {
  await expect(database.query(slow, { tag: 'slow', limits: { seconds: 1 } })).rejects.toThrow(
    'Cannot answer slow within 1 s; narrow the time range or the query',
  );
  await expect(
    database.query(
      returning(anything, sql`SELECT groupArray(number) AS x FROM numbers(100000000)`),
      {
        tag: 'big',
        limits: { memoryBytes: 50_000_000 },
      },
    ),
  ).rejects.toThrow(LimitError);
});

test('query() lets as many wait as allowed and refuses the next with OverloadedError', async () => {
  // The questions of the test before were cut short, and their sessions may not be free again yet.
  for (const _ of [1, 2, 3]) await database.query(one, { tag: 'one' });
  const stop = new AbortController();
  const busy = [1, 2].map(() =>
    database.query(slow, { tag: 'slow', signal: stop.signal }).catch(() => undefined),
  );
  const waiting = database.query(one, { tag: 'waits' });
  await expect(database.query(one, { tag: 'refused' })).rejects.toThrow(OverloadedError);
  stop.abort();
  await Promise.all(busy);
  await expect(waiting).resolves.toEqual([{ x: 1 }]);
});

test('query() gives the code of the engine with an error', async () => {
  const error = await database
    .query(returning(anything, sql`SELECT nothing_of_the_kind`), { tag: 'wrong' })
    .catch((reason: unknown) => reason);
  expect(error).toBeInstanceOf(DatabaseError);
  expect((error as DatabaseError).engineCode).toBe(47);
  expect((error as DatabaseError).transient).toBe(false);
});

test('insert() with a known token adds nothing, with another one it does', async () => {
  await using staged = await database.stage(block([1, 2, 3]), 'numbers');
  const table = { name: 'numbers' };
  for (const [token, rows] of [
    ['numbers-1', 3],
    ['numbers-1', 3],
    ['numbers-2', 6],
    ['numbers-1', 6],
  ] as const) {
    await database.insert(table, ['x'], staged, { token });
    expect(await count()).toEqual({ x: rows });
  }
});

test('insert() rejects a block the engine cannot read, as a failure that will not pass', async () => {
  await using staged = await database.stage(Uint8Array.of(5, 200, 1, 2), 'broken');
  const error = await database
    .insert({ name: 'numbers' }, ['x'], staged, { token: 'broken-1' })
    .catch((reason: unknown) => reason);
  expect(error).toBeInstanceOf(DatabaseError);
  expect((error as DatabaseError).transient).toBe(false);
});

test('openEmbeddedDatabase() refuses a directory the engine would read as a pattern', async () => {
  await expect(openEmbeddedDatabase({ directory: '/tmp/{a,b}' })).rejects.toThrow(ConfigError);
});
