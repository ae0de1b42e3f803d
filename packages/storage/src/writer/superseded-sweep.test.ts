import type { Clock, EpochMillis } from '@spanloom/base';
import type { SqlQuery } from '@spanloom/sql';
import { expect, test } from 'vitest';
import type { Database } from '../database.ts';
import { SupersededSweep } from './superseded-sweep.ts';

/** A database that knows how many versions are replaced, and forgets the oldest of them when it is told to delete notes. */
class Versions {
  waiting = 0;
  #first = 0;
  readonly statements: string[] = [];
  failing = false;

  readonly port = {
    query: async <Row>({ statement, row }: SqlQuery<Row>): Promise<readonly Row[]> => {
      if (this.failing) throw new Error('out of memory');
      if (statement.render().sql.includes('count()'))
        return [row.parse({ versions: this.waiting })];
      const { sql, params } = statement.render();
      const after = sql.includes('> (') ? Number(Object.values(params)[2]) + 1 : 0;
      const from = Math.max(after, this.#first);
      const listed = Math.min(this.#first + this.waiting - from, 2000);
      return Array.from({ length: listed }, (_, i) =>
        row.parse({ trace_hi: '1', trace_lo: String(from + i), seq: '7' }),
      );
    },
    command: async (statement: string): Promise<void> => {
      this.statements.push(statement.trim().split(' ').slice(0, 3).join(' '));
      if (!statement.includes('ALTER TABLE xray_superseded')) return;
      const deleted = Math.min(this.waiting, 2000);
      this.waiting -= deleted;
      this.#first += deleted;
    },
  } as Partial<Database> as Database;
}

const ROWS = ['DELETE FROM spans_live', 'DELETE FROM spans'];
const NOTES = ['DELETE FROM xray_versions', 'ALTER TABLE xray_superseded'];

function setUp(options: { everyMs?: number; aboveVersions?: number; settleMs?: number } = {}) {
  const versions = new Versions();
  const time = { ms: 1_000_000 };
  const clock: Clock = { now: () => time.ms as EpochMillis };
  const swept: number[] = [];
  const reports: string[] = [];
  const sweep = new SupersededSweep(versions.port, {
    everyMs: 3_600_000,
    aboveVersions: 100,
    settleMs: 0,
    clock,
    swept: (count) => swept.push(count),
    report: (message) => reports.push(message),
    ...options,
  });
  return { versions, time, swept, reports, sweep };
}

test('sweepIfDue() sweeps five minutes after the start and then every hour', async () => {
  const { versions, time, swept, sweep } = setUp();
  versions.waiting = 3;
  time.ms += 299_999;
  await sweep.sweepIfDue(10);
  expect(swept).toEqual([]);
  time.ms += 1;
  await sweep.sweepIfDue(10);
  expect(swept).toEqual([3]);
  versions.waiting = 2;
  time.ms += 3_599_999;
  await sweep.sweepIfDue(10);
  expect(swept).toEqual([3]);
  time.ms += 1;
  await sweep.sweepIfDue(10);
  expect(swept).toEqual([3, 2]);
});

test('sweepIfDue() sweeps before its time when more versions wait than allowed', async () => {
  const { versions, time, swept, sweep } = setUp();
  versions.waiting = 100;
  await sweep.sweepIfDue(10);
  expect(swept).toEqual([]);
  versions.waiting = 101;
  time.ms += 60_000;
  await sweep.sweepIfDue(10);
  expect(swept).toEqual([101]);
});

test('sweepIfDue() reports a failure and tries again at its next time', async () => {
  const { versions, time, reports, swept, sweep } = setUp({ everyMs: 1000 });
  versions.waiting = 1;
  versions.failing = true;
  time.ms += 1000;
  await sweep.sweepIfDue(10);
  expect(reports).toEqual([
    'Replaced versions of X-Ray traces could not be deleted: out of memory',
  ]);
  versions.failing = false;
  time.ms += 1000;
  await sweep.sweepIfDue(10);
  expect(swept).toEqual([1]);
});

test('sweep() deletes list after list, rows before what hides them', async () => {
  const { versions, swept, sweep } = setUp();
  versions.waiting = 2001;
  expect(await sweep.sweep(10)).toBe(2001);
  expect(swept).toEqual([2000, 1]);
  expect(versions.statements).toEqual([...ROWS, ...ROWS, ...NOTES, ...NOTES]);
});

test('what hides deleted rows stays until the deletes have settled, and then goes by itself', async () => {
  const { versions, time, swept, sweep } = setUp({ settleMs: 120_000, aboveVersions: 2 });
  versions.waiting = 3;
  expect(await sweep.sweep(10)).toBe(3);
  expect(versions.statements).toEqual(ROWS);
  expect(await sweep.sweep(10)).toBe(0);
  time.ms += 119_999;
  await sweep.sweepIfDue(10);
  expect(versions.statements).toEqual(ROWS);
  time.ms += 1;
  await sweep.sweepIfDue(10);
  expect(versions.statements).toEqual([...ROWS, ...NOTES]);
  expect([versions.waiting, ...swept]).toEqual([0, 3]);
});

test('stop() ends after the statement that runs', async () => {
  const { versions, sweep } = setUp();
  versions.waiting = 5000;
  const sweeping = sweep.sweep(10);
  await sweep.stop();
  expect(await sweeping).toBe(0);
  expect(versions.statements.length).toBeLessThanOrEqual(1);
});
