import type { Clock, EpochMillis } from '@spanloom/base';
import type { SqlQuery } from '@spanloom/sql';
import { expect, test } from 'vitest';
import type { Database } from '../database.ts';
import { SupersededSweep } from './superseded-sweep.ts';

/** A database that knows how many versions are replaced, and forgets a list of them when it is told to delete. */
class Versions {
  waiting = 0;
  readonly statements: string[] = [];
  failing = false;

  readonly port = {
    query: async <Row>({ statement, row }: SqlQuery<Row>): Promise<readonly Row[]> => {
      if (this.failing) throw new Error('out of memory');
      if (statement.render().sql.includes('count()'))
        return [row.parse({ versions: this.waiting })];
      const listed = Math.min(this.waiting, 2000);
      return Array.from({ length: listed }, (_, i) =>
        row.parse({ trace_hi: '1', trace_lo: String(i), seq: '7' }),
      );
    },
    command: async (statement: string): Promise<void> => {
      this.statements.push(statement.trim().split(' ').slice(0, 3).join(' '));
      if (statement.includes('ALTER TABLE xray_superseded')) {
        this.waiting -= Math.min(this.waiting, 2000);
      }
    },
  } as Partial<Database> as Database;
}

function setUp(options: { everyMs?: number; aboveVersions?: number } = {}) {
  const versions = new Versions();
  const time = { ms: 1_000_000 };
  const clock: Clock = { now: () => time.ms as EpochMillis };
  const swept: number[] = [];
  const reports: string[] = [];
  const sweep = new SupersededSweep(versions.port, {
    everyMs: 3_600_000,
    aboveVersions: 100,
    clock,
    swept: (count) => swept.push(count),
    report: (message) => reports.push(message),
    ...options,
  });
  return { versions, time, swept, reports, sweep };
}

test('sweepIfDue() sweeps once its time has come, and not before', async () => {
  const { versions, time, swept, sweep } = setUp();
  versions.waiting = 3;
  await sweep.sweepIfDue(10);
  time.ms += 3_599_999;
  await sweep.sweepIfDue(10);
  expect(swept).toEqual([]);
  time.ms += 1;
  await sweep.sweepIfDue(10);
  expect(swept).toEqual([3]);
  versions.waiting = 2;
  await sweep.sweepIfDue(10);
  expect(swept).toEqual([3]);
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
  const list = [
    'DELETE FROM spans_live',
    'DELETE FROM spans',
    'DELETE FROM xray_versions',
    'ALTER TABLE xray_superseded',
  ];
  expect(versions.statements).toEqual([...list, ...list]);
});

test('stop() ends after the statement that runs', async () => {
  const { versions, sweep } = setUp();
  versions.waiting = 5000;
  const sweeping = sweep.sweep(10);
  await sweep.stop();
  expect(await sweeping).toBe(0);
  expect(versions.statements.length).toBeLessThanOrEqual(1);
});
