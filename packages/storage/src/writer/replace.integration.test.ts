import { copyFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { type EpochMillis, systemClock } from '@spanloom/base';
import { parseQuery, type Query } from '@spanloom/query';
import { returning, sql } from '@spanloom/sql';
import * as fc from 'fast-check';
import { Registry } from 'prom-client';
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest';
import type { Database } from '../database.ts';
import { DatabaseError } from '../database-error.ts';
import { SpanAnalytics } from '../span-analytics.ts';
import { SpanStore } from '../span-store.ts';
import { openMigrated, RETENTION, TemporaryFolder } from '../temporary.testing.ts';
import { Writer, type WriterOptions } from './writer.ts';
import {
  FIRST_START_MS,
  traceIdOf,
  type XRayPayload,
  xrayReaders,
  xrayRecord,
} from './xray-records.testing.ts';

const data = new TemporaryFolder();
let database: Database;
let store: SpanStore;
let folder: TemporaryFolder;
let log: string;
let reports: string[];
/** Traces of each test have numbers of their own. */
let trace = 0;

beforeAll(async () => {
  database = await openMigrated(data.path);
  store = new SpanStore(database);
});

afterAll(async () => {
  await database[Symbol.asyncDispose]();
  data[Symbol.dispose]();
});

beforeEach(() => {
  folder = new TemporaryFolder();
  log = join(folder.path, 'wal');
  reports = [];
  trace += 100;
});

afterEach(() => folder[Symbol.dispose]());

async function openWriter(
  port: Database = database,
  options: Partial<WriterOptions> = {},
): Promise<Writer> {
  const writer = await Writer.open({
    ...xrayReaders,
    directory: log,
    clock: systemClock,
    registry: new Registry(),
    retention: RETENTION,
    rotation: { afterMs: 60_000 },
    keepInsertedMs: 0,
    report: (message) => reports.push(message),
    ...options,
  });
  await writer.attach(port);
  return writer;
}

function fetched(spans: readonly number[], marker: string, of: number = trace): XRayPayload {
  return { trace: of, fetched: true, spans, marker };
}

function segments(spans: readonly number[], marker: string, of: number = trace): XRayPayload {
  return { trace: of, fetched: false, spans, marker };
}

/** Accepts payloads, each in a batch of its own. */
async function write(writer: Writer, ...payloads: readonly XRayPayload[]): Promise<void> {
  for (const payload of payloads) {
    await writer.accept(xrayRecord(payload));
    await writer.flush();
  }
}

async function rowsOf(of: number = trace): Promise<readonly string[]> {
  const { spans } = await store.trace(traceIdOf(of), { limit: 1000 });
  return spans.map(({ spanId, meta }) => `${spanId} ${meta['marker']}`).toSorted();
}

async function numberOf(statement: string): Promise<number> {
  const rows = await database.query(
    // The statement is this test's own.
    returning(
      { parse: (row) => Number((row as { n: string }).n) },
      sql(Object.assign([statement], { raw: [statement] })),
    ),
    { tag: 'test' },
  );
  return rows[0]!;
}

function startOf(span: number): bigint {
  return BigInt(FIRST_START_MS + span) * 1_000_000n;
}

function query(text: string): Query {
  const parsed = parseQuery(text, { now: 0n });
  if (!parsed.ok) throw new Error(parsed.problem.message);
  return parsed.query;
}

const range = {
  from: (FIRST_START_MS - 1000) as EpochMillis,
  to: (FIRST_START_MS + 1000) as EpochMillis,
};

/** Every page of a search for the spans of a trace. */
async function found(of: number, limit = 3): Promise<readonly string[]> {
  const spans: string[] = [];
  let cursor: string | undefined;
  do {
    const search = { query: query(`service:xray-${of}`), range, order: 'oldest', limit } as const;
    const page = await store.search({ ...search, cursor });
    spans.push(...page.spans.map(({ span }) => `${span.spanId} ${span.meta['marker']}`));
    cursor = page.next;
  } while (cursor !== undefined);
  return spans;
}

test('a fetched trace takes the place of its earlier version, wherever spans are read', async () => {
  await using writer = await openWriter();
  await write(
    writer,
    { ...fetched([1, 2, 3], 'v1'), env: 'replaced' },
    { ...fetched([2, 3, 4], 'v2'), env: `now-${trace}` },
  );
  expect(await rowsOf()).toEqual(['2 v2', '3 v2', '4 v2']);
  expect(await found(trace)).toEqual(['2 v2', '3 v2', '4 v2']);
  const limited = await store.trace(traceIdOf(trace), { limit: 2 });
  expect([limited.spans.length, limited.omitted]).toEqual([2, 1]);
  const environments = await store.environments(range);
  expect(environments.find(({ env }) => env === `now-${trace}`)).toEqual({
    env: `now-${trace}`,
    spans: 3,
  });
  expect(environments.find(({ env }) => env === 'replaced')).toBeUndefined();
  const recent = await store.recent({
    query: query(`service:xray-${trace}`),
    since: 0 as EpochMillis,
    fromBatch: 0,
    beforeBatch: Number.MAX_SAFE_INTEGER,
    limit: 2,
  });
  expect(recent.spans.map(({ span }) => span.meta['marker'])).toEqual(['v2', 'v2']);
  expect(recent.omitted).toBe(1);
  const { groups } = await new SpanAnalytics(database).aggregate({
    predicate: query(`service:xray-${trace}`).predicate,
    range,
    computes: [{ kind: 'count' }],
    groups: [],
  });
  expect(groups.map(({ values }) => values)).toEqual([[3]]);
});

test('rawTrace() gives replaced rows too, and marks them', async () => {
  await using writer = await openWriter();
  await write(writer, fetched([1], 'v1'), fetched([1, 2], 'v2'), segments([1], 'daemon'));
  const rows = await store.rawTrace(traceIdOf(trace), { limit: 100 });
  expect(
    rows.map(({ tier, span, superseded }) => [
      tier,
      Number(span.spanId),
      span.meta['marker'],
      superseded ?? false,
    ]),
  ).toEqual(
    ['live', 'kept'].flatMap((tier) => [
      [tier, 1, 'v1', true],
      [tier, 1, 'v2', false],
      [tier, 1, 'daemon', false],
      [tier, 2, 'v2', false],
    ]),
  );
});

test('segments of the same trace that came by themselves stay, also from the batch of a replaced version', async () => {
  await using writer = await openWriter();
  await writer.accept(xrayRecord(segments([1], 'before')));
  await writer.accept(xrayRecord(fetched([1, 2], 'v1')));
  await writer.accept(xrayRecord(segments([2], 'after')));
  await writer.flush();
  await write(writer, fetched([3], 'v2'));
  expect(await rowsOf()).toEqual(['1 before', '2 after', '3 v2']);
});

test('two versions of a trace never share a batch', async () => {
  await using writer = await openWriter();
  await Promise.all(
    [fetched([1, 2], 'v1'), fetched([1], 'other', trace + 1), fetched([2, 3], 'v2')].map(
      (payload) => writer.accept(xrayRecord(payload)),
    ),
  );
  expect(readdirSync(log)).toHaveLength(2);
  await writer.flush();
  expect(await rowsOf()).toEqual(['2 v2', '3 v2']);
  expect(await rowsOf(trace + 1)).toEqual(['1 other']);
});

test('a version without spans takes the place of the one before', async () => {
  await using writer = await openWriter();
  await write(writer, fetched([1], 'v1'), fetched([], 'v2'));
  expect(await rowsOf()).toEqual([]);
});

test('a version whose batch comes late does not take the place of a newer one', async () => {
  // The first batch is refused and put aside; a person moves it back later.
  {
    let refusing = true;
    await using writer = await openWriter(
      {
        ...portOf(database),
        insert: async (...args) => {
          if (refusing) throw new DatabaseError('insert', 'type mismatch', 53);
          await database.insert(...args);
        },
      },
      { insertAttempts: 1 },
    );
    await write(writer, fetched([1], 'v1'));
    refusing = false;
    await write(writer, fetched([2], 'v2'));
  }
  const name = readdirSync(join(log, 'rejected')).find((file) => file.endsWith('.wal'))!;
  copyFileSync(join(log, 'rejected', name), join(log, name));
  await using _ = await openWriter();
  expect(await rowsOf()).toEqual(['2 v2']);
});

test('search() goes on where it stood when a trace is replaced between two pages', async () => {
  await using writer = await openWriter();
  await write(writer, fetched([1, 2, 3, 4, 5, 6], 'v1'));
  const search = {
    query: query(`service:xray-${trace}`),
    range,
    order: 'oldest',
    limit: 3,
  } as const;
  const first = await store.search({ ...search, cursor: undefined });
  await write(writer, fetched([1, 2, 3, 4, 5, 7], 'v2'));
  const second = await store.search({ ...search, cursor: first.next });
  expect(second.next).toBeUndefined();
  expect(
    [first, second].map(({ spans }) =>
      spans.map(({ span }) => `${span.spanId} ${span.meta['marker']}`),
    ),
  ).toEqual([
    ['1 v1', '2 v1', '3 v1'],
    ['4 v2', '5 v2', '7 v2'],
  ]);
});

test('traces() reads several traces at once, oldest span first, under one limit', async () => {
  await using writer = await openWriter();
  await write(
    writer,
    fetched([1, 4], 'a'),
    fetched([2, 3], 'b', trace + 1),
    fetched([5], 'c', trace + 2),
    fetched([6], 'd', trace + 3),
  );
  const ids = [traceIdOf(trace), traceIdOf(trace + 1), { hi: 0n, lo: BigInt(trace + 2) }];
  const { spans, omitted } = await store.traces(ids, { limit: 4 });
  expect(spans.map(({ spanId }) => Number(spanId))).toEqual([1, 2, 3, 4]);
  expect(omitted).toBe(1);
  expect(await store.traces([], { limit: 4 })).toEqual({ spans: [], omitted: 0 });
});

test('tracesByKey() finds what states a key, once, with the earliest span that does', async () => {
  await using writer = await openWriter();
  await write(
    writer,
    fetched([7, 5], 'v1'),
    fetched([5, 7, 8], 'v2'),
    { ...segments([3], 'dev'), env: 'dev' },
    fetched([1], 'next', trace + 1),
  );
  const keys = [
    { kind: 'request', key: BigInt(trace) },
    { kind: 'trace', key: BigInt(trace) },
    { kind: 'trace', key: 1n << 40n },
  ] as const;
  const own = { kind: 'request', key: BigInt(trace), traceId: traceIdOf(trace) };
  const next = {
    kind: 'trace',
    key: BigInt(trace),
    traceId: traceIdOf(trace + 1),
    env: 'prod',
    start: startOf(1),
  };
  expect(await store.tracesByKey(keys, { limit: 10 })).toEqual([
    next,
    { ...own, env: 'dev', start: startOf(3) },
    { ...own, env: 'prod', start: startOf(5) },
  ]);
  expect(await store.tracesByKey(keys, { limit: 1 })).toEqual([next]);
  const around = {
    from: (FIRST_START_MS + 3) as EpochMillis,
    to: (FIRST_START_MS + 5) as EpochMillis,
  };
  expect(await store.tracesByKey(keys, { limit: 10, around })).toEqual([
    { ...own, env: 'dev', start: startOf(3) },
  ]);
  expect(await store.tracesByKey([], { limit: 10 })).toEqual([]);
});

test('attach() brings back keys and versions that a power failure took', async () => {
  {
    await using writer = await openWriter();
    await write(writer, fetched([1], 'v1'), fetched([2], 'v2'));
  }
  for (const table of ['trace_keys', 'xray_versions', 'xray_superseded']) {
    await database.command(
      `ALTER TABLE ${table} DELETE WHERE trace_lo = ${traceIdOf(trace).lo} SETTINGS mutations_sync = 2`,
    );
  }
  expect(await rowsOf()).toEqual(['1 v1', '2 v2']);
  await using _ = await openWriter();
  expect(await rowsOf()).toEqual(['2 v2']);
  expect(
    await store.tracesByKey([{ kind: 'request', key: BigInt(trace) }], { limit: 10 }),
  ).toHaveLength(1);
});

test('attach() notes again what is replaced where a power failure took the note alone', async () => {
  {
    await using writer = await openWriter();
    await write(writer, fetched([1], 'v1'), fetched([2], 'v2'));
  }
  await database.command(
    `ALTER TABLE xray_superseded DELETE WHERE trace_lo = ${traceIdOf(trace).lo} SETTINGS mutations_sync = 2`,
  );
  await using _ = await openWriter();
  expect(await rowsOf()).toEqual(['2 v2']);
});

test('sweepSuperseded() deletes replaced rows and what hid them, and nothing else', async () => {
  await using writer = await openWriter();
  await writer.accept(xrayRecord(segments([9], 'daemon')));
  await writer.accept(xrayRecord(fetched([9], 'other', trace + 1)));
  await write(writer, fetched([1, 2], 'v1'), fetched([3], 'v2'), fetched([4], 'v3'));
  await writer[Symbol.asyncDispose]();
  await using next = await openWriter();
  expect(await next.sweepSuperseded()).toBeGreaterThanOrEqual(2);
  const ofTrace = `trace_lo = ${traceIdOf(trace).lo}`;
  for (const [table, rows] of [
    ['spans', 2],
    ['spans_live', 2],
    ['xray_versions', 1],
    ['xray_superseded', 0],
  ] as const) {
    expect(await numberOf(`SELECT count() AS n FROM ${table} WHERE ${ofTrace}`), table).toBe(rows);
  }
  expect(await rowsOf()).toEqual(['4 v3', '9 daemon']);
  expect(await rowsOf(trace + 1)).toEqual(['9 other']);
  expect(await next.sweepSuperseded()).toBe(0);
});

test('sweepSuperseded() leaves alone what is still in the log', async () => {
  await using writer = await openWriter(database, { keepInsertedMs: 600_000 });
  await write(writer, fetched([1], 'v1'), fetched([2], 'v2'));
  await writer.sweepSuperseded();
  const ofTrace = `trace_lo = ${traceIdOf(trace).lo}`;
  expect(await numberOf(`SELECT count() AS n FROM spans WHERE ${ofTrace}`)).toBe(2);
  expect(await rowsOf()).toEqual(['2 v2']);
});

type Step =
  | { readonly do: 'fetch' | 'segment'; readonly trace: number; readonly spans: readonly number[] }
  | { readonly do: 'flush' | 'restart' | 'forget' }
  /**
   * The database stops taking statements after some, the first of which does its work or does not. `crash`: while batches are
   * inserted, and the process ends. `sweep`: while replaced versions are deleted.
   */
  | { readonly do: 'crash' | 'sweep'; readonly after: number; readonly lost: Lost };
type Lost = 'statement' | 'answer';

const someSpans = fc.uniqueArray(fc.integer({ min: 1, max: 6 }), { maxLength: 4 });
const aTrace = fc.integer({ min: 1, max: 3 });
const aStep: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.record({ do: fc.constant('fetch'), trace: aTrace, spans: someSpans }),
  },
  {
    weight: 2,
    arbitrary: fc.record({ do: fc.constant('segment'), trace: aTrace, spans: someSpans }),
  },
  { weight: 4, arbitrary: fc.record({ do: fc.constantFrom('flush', 'restart', 'forget') }) },
  {
    weight: 5,
    arbitrary: fc.record({
      do: fc.constantFrom('crash', 'sweep'),
      after: fc.nat(6),
      lost: fc.constantFrom('statement', 'answer'),
    }),
  },
);

test('any order of versions, segments, crashes and deletions shows what a plain model does', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(aStep, { minLength: 1, maxLength: 14 }), async (steps) => {
      trace += 100;
      using own = new TemporaryFolder();
      log = join(own.path, 'wal');
      const model = new Map<number, { version: readonly string[]; segments: readonly string[] }>();
      const plan: Plan = { budget: Number.POSITIVE_INFINITY, lost: 'statement' };
      const port = failingPort(plan);
      let writer = await openWriter(port);
      try {
        for (const [index, step] of steps.entries()) {
          switch (step.do) {
            case 'fetch':
            case 'segment': {
              const of = trace + step.trace;
              const rows = step.spans.map((span) => `${span} p${index}`);
              const known = model.get(of) ?? { version: [], segments: [] };
              model.set(
                of,
                step.do === 'fetch'
                  ? { ...known, version: rows }
                  : { ...known, segments: [...known.segments, ...rows] },
              );
              const { spans } = step;
              const payload = {
                trace: of,
                fetched: step.do === 'fetch',
                spans,
                marker: `p${index}`,
              };
              await writer.accept(xrayRecord(payload));
              break;
            }
            case 'flush':
              await writer.flush();
              break;
            case 'forget':
              // A power failure: what was written last is gone from some tables, and the log still has it.
              await writer.flush();
              await writer[Symbol.asyncDispose]();
              await forgetNewest();
              writer = await openWriter(port);
              break;
            case 'crash':
              plan.budget = step.after;
              plan.lost = step.lost;
              await writer[Symbol.asyncDispose]();
              plan.budget = Number.POSITIVE_INFINITY;
              writer = await openWriter(port);
              break;
            case 'sweep':
              // Opened again, the log has the newest batch only: what came before can be deleted.
              await writer[Symbol.asyncDispose]();
              writer = await openWriter(port);
              plan.budget = step.after;
              plan.lost = step.lost;
              await writer.sweepSuperseded().catch(() => 0);
              plan.budget = Number.POSITIVE_INFINITY;
              break;
            case 'restart':
              await writer[Symbol.asyncDispose]();
              writer = await openWriter(port);
          }
        }
        await writer.flush();
        for (const [of, { version, segments: single }] of model) {
          expect(await rowsOf(of)).toEqual([...version, ...single].toSorted());
          const ids = new Set([...version, ...single].map((row) => row.split(' ')[0]));
          expect(new Set((await found(of)).map((row) => row.split(' ')[0]))).toEqual(ids);
        }
      } finally {
        plan.budget = Number.POSITIVE_INFINITY;
        await writer[Symbol.asyncDispose]();
      }
    }),
    // Ends the search for a smaller counterexample before the test ends without any.
    { numRuns: 25, interruptAfterTimeLimit: 90_000 },
  );
});

/** Takes away what the batches of the log left in the tables of facts. */
async function forgetNewest(): Promise<void> {
  const seqs = readdirSync(log).map((name) => BigInt(name.split('.')[0]!));
  for (const table of ['trace_keys', 'xray_versions', 'xray_superseded']) {
    await database.command(
      `ALTER TABLE ${table} DELETE WHERE seq IN (${seqs.join(', ')}) SETTINGS mutations_sync = 2`,
    );
  }
}

interface Plan {
  budget: number;
  lost: Lost;
}

/** A database that fails every statement once its budget is spent: before the statement, or after it. */
function failingPort(plan: Plan): Database {
  const guarded = async <Result>(run: () => Promise<Result>): Promise<Result> => {
    const failing = plan.budget-- <= 0;
    if (failing && (plan.lost === 'statement' || plan.budget < -1)) throw gone();
    const result = await run();
    if (failing) throw gone();
    return result;
  };
  return {
    ...portOf(database),
    command: (...args) => guarded(() => database.command(...args)),
    stage: (...args) => guarded(() => database.stage(...args)),
    insert: (...args) => guarded(() => database.insert(...args)),
  };
}

function gone(): DatabaseError {
  return new DatabaseError('run', 'the machine is going down', 242);
}

/** The port of a real database, to replace methods of. */
function portOf(real: Database): Database {
  return {
    kind: real.kind,
    version: real.version,
    query: (statement, options) => real.query(statement, options),
    command: (statement, options) => real.command(statement, options),
    stage: (block, name) => real.stage(block, name),
    insert: (table, columns, block, options) => real.insert(table, columns, block, options),
    [Symbol.asyncDispose]: () => real[Symbol.asyncDispose](),
  };
}
