// Compares layouts of the table of kept spans: bytes on disk and the time of typical questions, on one set of data.
// node --conditions=@spanloom/source bench/layout/duel.ts [--spans 20000000] [--days 15] [--directory DIR] [--json FILE] [--only a,b]
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { EMBEDDED, renderStep, sql, returning, Sql } from '@spanloom/sql';
import { openEmbeddedDatabase } from '../../packages/storage/src/embedded/chdb-database.ts';
import { encodeSpanBlock } from '../../packages/storage/src/native/span-block.ts';
import { LAYOUTS, type Layout } from './layouts.ts';
import { QUESTIONS } from './questions.ts';
import { TraceGenerator } from './trace-generator.ts';

const { values: options } = parseArgs({
  options: {
    spans: { type: 'string', default: '20000000' },
    days: { type: 'string', default: '15' },
    directory: { type: 'string' },
    json: { type: 'string' },
    only: { type: 'string', default: LAYOUTS.map(({ name }) => name).join(',') },
    repeat: { type: 'string', default: '7' },
  },
});
const total = Number(options.spans);
const days = Number(options.days);
const DAY_MS = 86_400_000;
const BATCH = 50_000;
/** Days end at midnight, so that every one is whole. */
const lastMs = Math.floor(Date.UTC(2026, 9, 31) / DAY_MS) * DAY_MS;
const directory = options.directory ?? mkdtempSync(join(tmpdir(), 'layout-duel-'));

const database = await openEmbeddedDatabase({
  directory,
  memoryBytes: 6_000_000_000,
  queryMemoryBytes: 4_000_000_000,
  querySeconds: 600,
});

/** Text of this file and of the layouts, never input. */
function raw(text: string): Sql {
  return new Sql([text], []);
}

async function rows(text: string): Promise<readonly Record<string, unknown>[]> {
  return database.query(
    returning({ parse: (row) => row as Record<string, unknown> }, sql`${raw(text)}`),
    { tag: 'duel' },
  );
}

async function timed(run: () => Promise<unknown>): Promise<number> {
  const from = performance.now();
  await run();
  return performance.now() - from;
}

function say(text: string): void {
  console.log(`${new Date().toISOString().slice(11, 19)} ${text}`);
}

async function fill(): Promise<void> {
  const source = {
    ...LAYOUTS[0]!.table,
    name: 'source',
    orderBy: 'ing',
    indexes: [],
    settings: {},
  };
  for (const step of renderStep({ kind: 'create-table', table: source }, EMBEDDED)) {
    await database.command(step);
  }
  const generator = new TraceGenerator(42);
  const batches = Math.ceil(total / BATCH);
  for (let i = 0; i < batches; i++) {
    const from = lastMs - days * DAY_MS + ((days * DAY_MS) / batches) * i;
    const batch = generator.batch(BATCH, from, from + (days * DAY_MS) / batches);
    const block = encodeSpanBlock(batch, i + 1);
    await using staged = await database.stage(block.bytes, `duel-${i}`);
    await database.insert({ name: 'source' }, block.columns, staged, { token: `duel-${i}` });
    if (i % 50 === 49) say(`${(((i + 1) / batches) * 100).toFixed(0)} % of the data made`);
  }
}

const SENT = LAYOUTS[0]!.table.columns.filter((column) => column.materialized === undefined);

async function copy(layout: Layout): Promise<number> {
  for (const step of renderStep({ kind: 'create-table', table: layout.table }, EMBEDDED)) {
    await database.command(step);
  }
  const columns = layout.table.columns.filter((column) => column.materialized === undefined);
  const names = columns.map(({ name }) => name).join(', ');
  const values = columns
    .map(({ name }) => `${layout.computed?.[name] ?? name} AS ${name}`)
    .join(', ');
  let ms = 0;
  for (let day = 0; day < days; day++) {
    const date = `toDate('${new Date(lastMs - (days - day) * DAY_MS).toISOString().slice(0, 10)}')`;
    const from = `source WHERE toDate(ts) = ${date}`;
    const reading =
      layout.computed === undefined
        ? `SELECT ${names} FROM ${from}`
        : `SELECT ${values} FROM (${WITH_UP(`SELECT * FROM ${from}`)})`;
    ms += await timed(() =>
      database.command(
        `INSERT INTO ${layout.table.name} (${names}) ${reading} SETTINGS max_insert_threads = 1, max_threads = 2`,
      ),
    );
  }
  return ms;
}

/** Adds `up`: how far above its parent each span stands in its trace, 0 when it does not. */
function WITH_UP(from: string): string {
  const own = SENT.map(({ name }) => `s.${name} AS ${name}`).join(', ');
  return `SELECT ${own}, if(s.parent_id != 0 AND p.place > 0 AND p.place < s.place AND s.place - p.place < 65536, toUInt16(s.place - p.place), 0) AS up
    FROM (SELECT *, row_number() OVER (PARTITION BY trace_lo ORDER BY ts, span_id) AS place FROM (${from})) AS s
    LEFT JOIN (SELECT trace_lo, span_id, row_number() OVER (PARTITION BY trace_lo ORDER BY ts, span_id) AS place FROM (${from})) AS p
    ON s.trace_lo = p.trace_lo AND s.parent_id = p.span_id`;
}

interface Result {
  readonly layout: string;
  readonly what: string;
  readonly insertSeconds: number;
  readonly mergeSeconds: number;
  readonly bytesPerSpan: number;
  readonly indexBytesPerSpan: number;
  readonly columns: Record<string, number>;
  readonly questions: Record<string, { first: number; median: number; rows: number }>;
}

async function measure(layout: Layout): Promise<Result> {
  const { name } = layout.table;
  const insertSeconds = (await copy(layout)) / 1000;
  say(`${layout.name}: copied in ${insertSeconds.toFixed(0)} s`);
  const mergeSeconds = (await timed(() => database.command(`OPTIMIZE TABLE ${name} FINAL`))) / 1000;
  say(`${layout.name}: merged in ${mergeSeconds.toFixed(0)} s`);
  const [size] = await rows(`
    SELECT sum(rows) AS spans, sum(data_compressed_bytes) AS data, sum(bytes_on_disk) AS disk,
      sum(secondary_indices_compressed_bytes) AS indexes
    FROM system.parts WHERE table = '${name}' AND active`);
  const spans = Number(size!['spans']);
  const columns: Record<string, number> = {};
  for (const row of await rows(`
    SELECT column, sum(column_data_compressed_bytes) AS bytes
    FROM system.parts_columns WHERE table = '${name}' AND active GROUP BY column ORDER BY bytes DESC LIMIT 14`)) {
    columns[String(row['column'])] = Number((Number(row['bytes']) / spans).toFixed(2));
  }
  const questions: Result['questions'] = {};
  for (const [question, text] of Object.entries(await QUESTIONS(rows, lastMs))) {
    const times: number[] = [];
    let found = 0;
    for (let i = 0; i < Number(options.repeat); i++) {
      times.push(
        await timed(async () => {
          found = (await rows(`${text(name)} SETTINGS use_query_condition_cache = 0`)).length;
        }),
      );
    }
    const sorted = times.toSorted((a, b) => a - b);
    questions[question] = {
      first: Number(times[0]!.toFixed(1)),
      median: Number(sorted[Math.floor(sorted.length / 2)]!.toFixed(1)),
      rows: found,
    };
  }
  return {
    layout: layout.name,
    what: layout.what,
    insertSeconds: Math.round(insertSeconds),
    mergeSeconds: Math.round(mergeSeconds),
    bytesPerSpan: Number((Number(size!['data']) / spans).toFixed(1)),
    indexBytesPerSpan: Number((Number(size!['indexes']) / spans).toFixed(1)),
    columns,
    questions,
  };
}

await fill();
const [made] = await rows('SELECT count() AS spans, uniqExact(trace_lo) AS traces FROM source');
say(`${String(made!['spans'])} spans of ${String(made!['traces'])} traces over ${days} days`);
const results: Result[] = [];
for (const layout of LAYOUTS.filter(({ name }) => options.only.split(',').includes(name))) {
  const result = await measure(layout);
  results.push(result);
  console.log(JSON.stringify(result));
  if (options.json !== undefined)
    writeFileSync(options.json, `${JSON.stringify(results, null, 2)}\n`);
  await database.command(`DROP TABLE ${layout.table.name} SYNC`);
}
await database[Symbol.asyncDispose]();
if (options.directory === undefined) rmSync(directory, { recursive: true, force: true });
