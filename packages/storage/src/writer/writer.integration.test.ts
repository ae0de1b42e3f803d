import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { DecodeError, type EpochMillis, OverloadedError, systemClock } from '@spanloom/base';
import { type IntakeRecord, newOutcome, type SpanBatch } from '@spanloom/model';
import { p, returning, sql } from '@spanloom/sql';
import { Registry } from 'prom-client';
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest';
import type { Database } from '../database.ts';
import { DatabaseError } from '../database-error.ts';
import { appendSpans, aSpan } from '../span-batch.testing.ts';
import { openMigrated, RETENTION, TemporaryFolder } from '../temporary.testing.ts';
import { Writer, type WriterOptions } from './writer.ts';

const data = new TemporaryFolder();
let database: Database;
let folder: TemporaryFolder;
let log: string;
let registry: Registry;
let reports: string[];
let trace = 0;

beforeAll(async () => {
  database = await openMigrated(data.path);
});

afterAll(async () => {
  await database[Symbol.asyncDispose]();
  data[Symbol.dispose]();
});

beforeEach(() => {
  folder = new TemporaryFolder();
  log = join(folder.path, 'wal');
  trace++;
});

afterEach(() => folder[Symbol.dispose]());

/** A payload whose body is the numbers of its spans; `!` is one that cannot be decoded. */
function payload(
  body: string,
  format: IntakeRecord['format'] = 'agent-v0.4-msgpack',
): IntakeRecord {
  return {
    format,
    receivedMs: Date.now(),
    headers: { 'x-trace': String(trace) },
    body: Buffer.from(body),
  };
}

function openWriter(options: Partial<WriterOptions> = {}): Promise<Writer> {
  registry = new Registry();
  reports = [];
  return Writer.open({
    directory: log,
    clock: systemClock,
    registry,
    retention: RETENTION,
    report: (message) => reports.push(message),
    decode: (record, batch) => {
      const outcome = newOutcome();
      const mark = batch.mark();
      const numbers = Buffer.from(record.body).toString().split(' ').filter(Boolean);
      for (const number of numbers) {
        if (number === '!') {
          batch.rollback(mark);
          throw new DecodeError('expected a number', 0);
        }
        appendSpans(batch, [
          aSpan({
            traceId: { hi: 0n, lo: BigInt(record.headers['x-trace']!) },
            spanId: BigInt(number),
            received: record.receivedMs as EpochMillis,
          }),
        ]);
        outcome.spans++;
      }
      return outcome;
    },
    statsRows: (record) => [
      {
        received: record.receivedMs as EpochMillis,
        format: record.format,
        language: 'nodejs',
        tracerVersion: '6.21.0',
        runtimeId: `runtime-${trace}`,
        sequence: 1n,
        hostname: 'host',
        env: 'prod',
        service: 'checkout',
        version: '',
        payload: Buffer.from(record.body).toString(),
      },
    ],
    ...options,
  });
}

async function stored(table: 'spans' | 'spans_live'): Promise<readonly string[]> {
  const statement = sql`SELECT span_id FROM `;
  const from = table === 'spans' ? sql`spans` : sql`spans_live`;
  return database.query(
    returning(
      { parse: (row) => (row as { span_id: string }).span_id },
      sql`${statement}${from} WHERE trace_lo = ${p.uint64(BigInt(trace))} ORDER BY span_id`,
    ),
    { tag: 'test' },
  );
}

async function metric(name: string): Promise<number> {
  const found = await registry.getSingleMetric(`spanloom_writer_${name}`)!.get();
  return found.values.reduce((sum, { value }) => sum + value, 0);
}

function segments(): readonly string[] {
  return readdirSync(log).filter((name) => /\.(wal|done)$/.test(name));
}

test('accept() makes spans readable in both tables, each once', async () => {
  await using writer = await openWriter();
  await writer.attach(database);
  expect((await writer.accept(payload('1 2'))).spans).toBe(2);
  await Promise.all([writer.accept(payload('3')), writer.accept(payload('4 5'))]);
  await writer.flush();
  expect(await stored('spans_live')).toEqual(['1', '2', '3', '4', '5']);
  expect(await stored('spans')).toEqual(['1', '2', '3', '4', '5']);
  expect(writer.status).toMatchObject({ received: 5, written: 5, batches: 0, rows: 0, bytes: 0 });
});

test('accept() inserts by itself soon after, without being asked to flush', async () => {
  await using writer = await openWriter({ rotation: { afterMs: 20 } });
  await writer.attach(database);
  await writer.accept(payload('1'));
  await expect.poll(() => stored('spans'), { timeout: 5000 }).toEqual(['1']);
});

test('accept() rejects a payload that cannot be decoded and keeps its neighbours', async () => {
  await using writer = await openWriter();
  await writer.attach(database);
  const results = await Promise.allSettled(
    ['1', '2 !', '3'].map((body) => writer.accept(payload(body))),
  );
  expect(results.map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'fulfilled']);
  expect((results[1] as PromiseRejectedResult).reason).toBeInstanceOf(DecodeError);
  await writer.flush();
  expect(await stored('spans')).toEqual(['1', '3']);
});

test('accept() shares one commit among payloads that come together', async () => {
  await using writer = await openWriter();
  await writer.attach(database);
  await Promise.all(Array.from({ length: 50 }, (_, i) => writer.accept(payload(String(i + 1)))));
  expect(await metric('wal_frames_total')).toBe(50);
  const commits = await registry.getSingleMetric('spanloom_writer_commit_seconds')!.get();
  const count = commits.values.find(
    (value) => 'metricName' in value && value.metricName === 'spanloom_writer_commit_seconds_count',
  );
  expect(count?.value).toBe(2);
});

test('an observer sees rows when they are durable and batches when the tables have them', async () => {
  const seen: string[] = [];
  const seqs: number[] = [];
  const batches: SpanBatch[] = [];
  const name = (seq: number): string => {
    if (!seqs.includes(seq)) seqs.push(seq);
    return String(seqs.indexOf(seq));
  };
  await using writer = await openWriter({
    rotation: { afterMs: 60_000 },
    observer: {
      opened: (seq, spans) => {
        batches.push(spans);
        seen.push(`opened ${name(seq)}`);
      },
      durable: (seq, rows) => seen.push(`durable ${name(seq)}: ${rows}`),
      closed: (seq) => seen.push(`closed ${name(seq)}`),
      settled: (seq) => seen.push(`settled ${name(seq)}`),
    },
  });
  await writer.accept(payload('1 2'));
  expect(seen).toEqual(['opened 0', 'durable 0: 2']);
  await expect(writer.accept(payload('3 !'))).rejects.toThrow('expected a number');
  await Promise.all([writer.accept(payload('4')), writer.accept(payload('5 6'))]);
  await writer.accept(payload('', 'client-stats-msgpack'));
  await writer.attach(database);
  expect(seen.slice(2)).toEqual(['durable 0: 3', 'durable 0: 5']);
  await writer.flush();
  expect(seen.slice(4)).toEqual(['closed 0', 'settled 0']);
  await writer.accept(payload('7'));
  expect(seen.slice(6)).toEqual(['opened 1', 'durable 1: 1']);
  expect(batches.map(({ length }) => length)).toEqual([5, 1]);
  expect(seqs[1]).toBeGreaterThan(seqs[0]!);
});

test('attach() inserts what was accepted before there was a database', async () => {
  await using writer = await openWriter();
  await writer.accept(payload('1'));
  await writer.attach(database);
  await writer.accept(payload('2'));
  await writer.flush();
  expect(await stored('spans')).toEqual(['1', '2']);
});

test('attach() inserts once what an earlier process had accepted, however often it is restarted', async () => {
  {
    await using writer = await openWriter({ rotation: { rows: 2 } });
    await Promise.all(['1', '2', '3', '4', '5'].map((body) => writer.accept(payload(body))));
  }
  expect(segments()).toHaveLength(3);
  expect(await stored('spans')).toEqual([]);
  for (let restart = 0; restart < 3; restart++) {
    await using writer = await openWriter();
    await writer.attach(database);
    expect(await stored('spans')).toEqual(['1', '2', '3', '4', '5']);
    expect(await stored('spans_live')).toEqual(['1', '2', '3', '4', '5']);
    expect(await metric('rows_replayed_total')).toBe(restart === 0 ? 5 : 0);
  }
});

test('attach() completes a batch that had reached one table only', async () => {
  {
    await using writer = await openWriter();
    await writer.attach({
      ...portOf(database),
      insert: async (table, ...rest) => {
        if (table.name === 'spans') throw new DatabaseError('insert', 'disk full', 243);
        await database.insert(table, ...rest);
      },
    });
    await writer.accept(payload('1 2'));
  }
  expect(await stored('spans_live')).toEqual(['1', '2']);
  expect(await stored('spans')).toEqual([]);
  await using writer = await openWriter();
  await writer.attach(database);
  expect(await stored('spans_live')).toEqual(['1', '2']);
  expect(await stored('spans')).toEqual(['1', '2']);
});

test('attach() writes a batch again whose token is known and whose rows are gone', async () => {
  let seq: string;
  {
    await using writer = await openWriter();
    await writer.attach(database);
    await writer.accept(payload('1 2 3'));
    await writer.flush();
    seq = segments()[0]!.split('.')[0]!;
  }
  // What a power failure leaves: the token survived, the rows did not.
  await database.command(
    `ALTER TABLE spans DELETE WHERE seq = ${BigInt(seq)} AND span_id > 1 SETTINGS mutations_sync = 2`,
  );
  expect(await stored('spans')).toEqual(['1']);
  await using writer = await openWriter();
  await writer.attach(database);
  expect(await stored('spans')).toEqual(['1', '2', '3']);
  expect(await stored('spans_live')).toEqual(['1', '2', '3']);
  expect(await metric('replay_repairs_total')).toBe(1);
  expect(reports).toHaveLength(1);
});

test('attach() drops a frame that was cut short and keeps those before it', async () => {
  {
    await using writer = await openWriter();
    await writer.accept(payload('1'));
    await writer.accept(payload('2'));
  }
  const file = join(log, segments()[0]!);
  const whole = readFileSync(file);
  writeFileSync(file, whole.subarray(0, whole.length - 1));
  await using writer = await openWriter();
  await writer.attach(database);
  expect(await stored('spans')).toEqual(['1']);
  expect(await metric('torn_segments_total')).toBe(1);
});

test('attach() skips what can no longer be decoded and inserts the rest', async () => {
  {
    await using writer = await openWriter();
    await writer.accept(payload('1'));
    await writer.accept(payload('2'));
  }
  await using writer = await openWriter({
    decode: (record, batch) => {
      if (Buffer.from(record.body).toString() === '1') throw new DecodeError('unknown', 0);
      appendSpans(batch, [
        aSpan({
          traceId: { hi: 0n, lo: BigInt(trace) },
          spanId: 2n,
          received: record.receivedMs as EpochMillis,
        }),
      ]);
      return newOutcome();
    },
  });
  await writer.attach(database);
  expect(await stored('spans')).toEqual(['2']);
  expect(await metric('undecodable_records_total')).toBe(1);
  const [copy, reason] = readdirSync(join(log, 'rejected'));
  expect(copy).toMatch(/^\d{20}\.wal$/);
  expect(readFileSync(join(log, 'rejected', reason!), 'utf8')).toBe(
    'agent-v0.4-msgpack: Cannot decode payload at byte 0: unknown\n',
  );
});

test('accept() keeps a batch whole when a decoder fails in the middle of a row', async () => {
  await using writer = await openWriter({
    decode: (record, batch) => {
      const number = BigInt(Buffer.from(record.body).toString());
      const span = aSpan({
        traceId: { hi: 0n, lo: BigInt(trace) },
        spanId: number,
        received: record.receivedMs as EpochMillis,
      });
      if (number === 2n) {
        batch.appendRow();
        batch.meta.appendText(batch.meta.keys.internText('half'), 'a row');
        throw new TypeError('a bug');
      }
      appendSpans(batch, [span]);
      return { ...newOutcome(), spans: 1 };
    },
  });
  await writer.attach(database);
  await writer.accept(payload('1'));
  await expect(writer.accept(payload('2'))).rejects.toThrow('a bug');
  await writer.accept(payload('3'));
  await writer.flush();
  expect(await stored('spans')).toEqual(['1', '3']);
});

test('a block that cannot be staged is tried again, not put aside', async () => {
  await using writer = await openWriter({ insertAttempts: 1 });
  let failures = 2;
  await writer.attach({
    ...portOf(database),
    stage: async (...args) => {
      if (failures-- > 0) throw new DatabaseError('write a block', 'no space left on device');
      return database.stage(...args);
    },
  });
  await writer.accept(payload('1'));
  await writer.flush();
  expect(await stored('spans')).toEqual(['1']);
  expect(await metric('rejected_batches_total')).toBe(0);
});

test('a batch the engine refuses for good is put aside and those behind it go on', async () => {
  await using writer = await openWriter({ insertAttempts: 2, rotation: { rows: 1 } });
  let poisoned: string | undefined;
  await writer.attach({
    ...portOf(database),
    insert: async (table, columns, block, options) => {
      poisoned ??= options.token.split('-').at(-1)!;
      if (options.token.endsWith(poisoned)) throw new DatabaseError('insert', 'type mismatch', 53);
      await database.insert(table, columns, block, options);
    },
  });
  await writer.accept(payload('1'));
  await writer.accept(payload('2'));
  await writer.flush();
  expect(await stored('spans')).toEqual(['2']);
  expect(await metric('rejected_batches_total')).toBe(1);
  const rejected = readdirSync(join(log, 'rejected'));
  expect(rejected).toHaveLength(2);
  expect(readFileSync(join(log, 'rejected', rejected[1]!), 'utf8')).toContain('type mismatch');
});

test('an insert that fails for a passing reason is tried until it succeeds', async () => {
  await using writer = await openWriter({ insertAttempts: 1 });
  let failures = 3;
  await writer.attach({
    ...portOf(database),
    insert: async (...args) => {
      if (failures-- > 0) throw new DatabaseError('insert', 'too many parts', 252);
      await database.insert(...args);
    },
  });
  await writer.accept(payload('1'));
  await writer.flush();
  expect(await stored('spans')).toEqual(['1']);
  expect(await metric('insert_retries_total')).toBe(3);
  expect(writer.status.problem).toBeUndefined();
});

test('accept() refuses when too much waits for the database and takes spans again afterwards', async () => {
  await using writer = await openWriter({ limits: { pendingBytes: 2000 } });
  await writer.accept(payload('1'));
  await expect(
    (async () => {
      for (;;) await writer.accept(payload('2'));
    })(),
  ).rejects.toThrow(OverloadedError);
  expect(await metric('refusals_total')).toBe(1);
  await writer.attach(database);
  await writer.flush();
  await writer.accept(payload('3'));
  await writer.flush();
  expect(await stored('spans')).toContain('3');
});

test('accept() refuses when the log has reached its limit, by the name of the limit', async () => {
  await using writer = await openWriter({ limits: { walBytes: 300 } });
  await writer.accept(payload('1'));
  await expect(
    (async () => {
      for (;;) await writer.accept(payload('2'));
    })(),
  ).rejects.toThrow(/^Cannot take more spans now: the log holds \d+ MB of at most 0 MB$/);
});

test('accept() refuses when the disk is nearly full', async () => {
  await using writer = await openWriter({ limits: { freeDiskBytes: Number.MAX_SAFE_INTEGER } });
  await expect(writer.accept(payload('1'))).rejects.toThrow(/the disk has \d+ MB left/);
});

test('accept() refuses when the log cannot be written', async () => {
  await using writer = await openWriter();
  folder[Symbol.dispose]();
  await expect(writer.accept(payload('1'))).rejects.toThrow(OverloadedError);
  mkdirSync(log, { recursive: true });
  await writer.accept(payload('2'));
  await writer.attach(database);
  await writer.flush();
  expect(await stored('spans')).toContain('2');
});

test('accept() stores statistics of clients, the same payload sent twice once', async () => {
  await using writer = await openWriter();
  await writer.attach(database);
  for (const body of ['{"a":1}', '{"a":1}', '{"a":2}']) {
    await writer.accept(payload(body, 'client-stats-msgpack'));
    await writer.flush();
  }
  const rows = await database.query(
    returning(
      { parse: (row) => row },
      sql`SELECT runtime_id, toUInt32(sequence) AS sequence, service, format, payload FROM client_stats FINAL
          WHERE runtime_id = ${p.string(`runtime-${trace}`)} ORDER BY payload`,
    ),
    { tag: 'test' },
  );
  const row = {
    runtime_id: `runtime-${trace}`,
    sequence: 1,
    service: 'checkout',
    format: 'client-stats-msgpack',
  };
  expect(rows).toEqual([
    { ...row, payload: '{"a":1}' },
    { ...row, payload: '{"a":2}' },
  ]);
});

test('the log keeps inserted segments for the time asked for, and always the newest', async () => {
  await using writer = await openWriter({ keepInsertedMs: 0, rotation: { rows: 1 } });
  await writer.attach(database);
  for (const body of ['1', '2', '3']) await writer.accept(payload(body));
  await writer.flush();
  const before = segments();
  expect(before).toHaveLength(3);
  await using next = await openWriter({ keepInsertedMs: 0 });
  await next.attach(database);
  expect(segments()).toEqual([before[2]]);
});

test('disposing refuses new payloads and inserts the accepted ones', async () => {
  const writer = await openWriter();
  await writer.attach(database);
  const accepted = writer.accept(payload('1'));
  await writer[Symbol.asyncDispose]();
  await accepted;
  expect(await stored('spans')).toEqual(['1']);
  await expect(writer.accept(payload('2'))).rejects.toThrow(OverloadedError);
});

/** The port of a real database, to replace one method of. */
function portOf(real: Database): Database {
  return {
    kind: real.kind,
    version: real.version,
    query: (query, options) => real.query(query, options),
    command: (statement, options) => real.command(statement, options),
    stage: (block, name) => real.stage(block, name),
    insert: (table, columns, block, options) => real.insert(table, columns, block, options),
    [Symbol.asyncDispose]: () => real[Symbol.asyncDispose](),
  };
}
