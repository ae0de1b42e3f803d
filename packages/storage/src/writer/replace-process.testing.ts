/**
 * A process that `replace-kill.integration.test.ts` has killed: `write <directory>` replaces two versions of a trace and deletes
 * them; `read <directory>` starts again, deletes what is left to delete, and prints what there is.
 */
import { join } from 'node:path';
import { systemClock } from '@spanloom/base';
import { returning, sql } from '@spanloom/sql';
import { Registry } from 'prom-client';
import { SpanStore } from '../span-store.ts';
import { openMigrated, RETENTION } from '../temporary.testing.ts';
import { Writer } from './writer.ts';
import { traceIdOf, xrayReaders, xrayRecord } from './xray-records.testing.ts';

/** What `read` prints. */
export interface ReplaceFindings {
  /** Of the trace, before anything was deleted. */
  readonly before: readonly string[];
  readonly after: readonly string[];
  /** Rows of all tables afterwards: kept and live spans, versions, replaced versions. */
  readonly rows: readonly number[];
  /** How often the trace states its request. */
  readonly keys: number;
}

const [, , mode, directory = ''] = process.argv;

async function run(): Promise<void> {
  await using database = await openMigrated(directory);
  const open = async (): Promise<Writer> => {
    const writer = await Writer.open({
      ...xrayReaders,
      directory: join(directory, 'wal'),
      clock: systemClock,
      registry: new Registry(),
      retention: RETENTION,
      rotation: { afterMs: 60_000 },
      keepInsertedMs: 0,
    });
    await writer.attach(database);
    return writer;
  };
  const store = new SpanStore(database);
  const rows = async (): Promise<readonly string[]> => {
    const { spans } = await store.trace(traceIdOf(1), { limit: 100 });
    return spans.map(({ spanId, meta }) => `${spanId} ${meta['marker']}`);
  };
  if (mode === 'write') {
    {
      await using writer = await open();
      for (const [marker, spans] of [
        ['v1', [1, 2]],
        ['v2', [2, 3]],
        ['v3', [3, 4]],
      ] as const) {
        await writer.accept(xrayRecord({ trace: 1, fetched: true, spans, marker }));
        await writer.flush();
      }
    }
    // Opened again, the log has the newest batch only.
    await using writer = await open();
    await writer.sweepSuperseded();
    return;
  }
  await using writer = await open();
  await using restarted = await (async () => {
    await writer[Symbol.asyncDispose]();
    return open();
  })();
  const before = await rows();
  await restarted.sweepSuperseded();
  const after = await rows();
  const counts = await database.query(
    returning(
      { parse: (row) => Number((row as { n: string }).n) },
      sql`
      SELECT n
      FROM (
        SELECT 1 AS place, count() AS n FROM spans
        UNION ALL SELECT 2, count() FROM spans_live
        UNION ALL SELECT 3, count() FROM xray_versions FINAL
        UNION ALL SELECT 4, count() FROM xray_superseded FINAL
      )
      ORDER BY place`,
    ),
    { tag: 'test' },
  );
  const keys = await store.tracesByKey([{ kind: 'request', key: 1n }], { limit: 10 });
  const findings: ReplaceFindings = { before, after, rows: counts, keys: keys.length };
  process.stdout.write(`${JSON.stringify(findings)}\n`);
}

await run();
