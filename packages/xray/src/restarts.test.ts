import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { expect, onTestFinished, test } from 'vitest';
import { awsError } from './testing/fake-calls.ts';
import { ACCOUNT, Harness, NOON } from './testing/harness.ts';
import { segment, traceId } from './testing/segments.ts';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const TRACES = 120;
const SPAN_MS = 20 * MINUTE;

test('whatever fails and whenever it is killed, every trace ends up stored as it finally was', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'spanloom-restarts-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  let run = 0;
  await fc.assert(
    fc.asyncProperty(
      fc.record({
        seed: fc.integer({ min: 1, max: 2 ** 31 }),
        throttled: fc.double({ min: 0, max: 0.4, noNaN: true }),
        broken: fc.double({ min: 0, max: 0.2, noNaN: true }),
        crashes: fc.array(fc.integer({ min: 1, max: 30 * 60 }), { maxLength: 6 }),
      }),
      async ({ seed, throttled, broken, crashes }) => {
        await using harness = await Harness.open({ seed, path: join(folder, `${run++}.sqlite`) });
        const random = (): number => harness.pacer.random();
        harness.storeMs = 400;
        harness.ackMs = 300;
        const aws = harness.region();
        aws.pageSize = 7;
        const final = new Map<string, string>();
        for (let number = 1; number <= TRACES; number++) {
          const at = NOON + Math.floor(random() * SPAN_MS);
          const id = traceId(at, number);
          const grows = random() < 0.2;
          const last = segment(id, at, { children: grows ? 2 : 0 });
          const steps = [
            { at, documents: [grows ? segment(id, at, { inProgress: random() < 0.5 }) : last] },
          ];
          if (grows) steps.push({ at: at + Math.floor(random() * 15 * MINUTE), documents: [last] });
          aws.traces.set(id, steps);
          final.set(id, last);
        }
        aws.interfere = () => {
          const luck = random();
          if (luck < throttled) throw awsError('ThrottledException', 'Rate exceeded', 429);
          if (luck < throttled + broken) throw awsError('InternalFailure', 'try again', 500);
        };
        aws.withhold = () => (random() < 0.1 ? 'unprocessed' : undefined);
        await harness.crawler.start();
        for (const second of crashes.toSorted((left, right) => left - right)) {
          const ms = NOON + second * 1000 - harness.pacer.now();
          if (ms > 0) await harness.pacer.pass(ms);
          await harness.crash();
        }
        await harness.pacer.pass(NOON + 100 * MINUTE - harness.pacer.now());
        const stored = new Map(
          [...harness.stored].map(([id, { documents }]) => [id, documents[0]]),
        );
        expect(stored.size).toBe(TRACES);
        expect(stored).toEqual(final);
        expect(harness.needless).toEqual([]);
        for (const { operation, ids } of aws.log) {
          if (operation === 'BatchGetTraces') expect(ids!.length).toBeLessThanOrEqual(5);
        }
      },
    ),
    { numRuns: 5 },
  );
}, 120_000);

test('a listing that is cut short after its first page is read again from its beginning', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'spanloom-restarts-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  // Without what would find the traces another way.
  await using harness = await Harness.open({
    path: join(folder, 'metadata.sqlite'),
    accounts: [{ ...ACCOUNT, sweeps: { late: false } }],
    limits: { overlapMs: 0 },
  });
  const aws = harness.region();
  aws.pageSize = 2;
  for (let number = 1; number <= 6; number++) {
    const at = NOON + number * 1000;
    const id = traceId(at, number);
    aws.traces.set(id, [{ at, documents: [segment(id, at)] }]);
  }
  let pages = 0;
  aws.interfere = (operation, { nextToken }) => {
    if (operation !== 'GetTraceSummaries' || nextToken === undefined) return;
    pages++;
    throw awsError('InternalFailure', 'try again', 500);
  };
  await harness.crawler.start();
  await harness.pacer.until(() => pages > 0, 10 * MINUTE);
  aws.interfere = () => undefined;
  await harness.crash();
  await harness.pacer.pass(10 * MINUTE);
  expect(harness.stored.size).toBe(6);
});

test('a trace that was being stored when the process was killed is fetched again', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'spanloom-restarts-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  await using harness = await Harness.open({
    path: join(folder, 'metadata.sqlite'),
    accounts: [{ ...ACCOUNT, sweeps: { late: false } }],
  });
  const id = traceId(NOON, 1);
  harness.region().traces.set(id, [{ at: NOON, documents: [segment(id, NOON)] }]);
  harness.storeMs = HOUR;
  await harness.crawler.start();
  await harness.pacer.pass(10 * MINUTE);
  expect(harness.status().calls['BatchGetTraces']).toBe(1);
  harness.storeMs = 0;
  await harness.crash();
  await harness.pacer.pass(2 * MINUTE);
  expect([...harness.stored.keys()]).toEqual([id]);
});

test('a process that is killed every few minutes still comes to its late sweeps', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'spanloom-restarts-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  await using harness = await Harness.open({ path: join(folder, 'metadata.sqlite') });
  await harness.crawler.start();
  for (let kill = 0; kill < 10; kill++) {
    await harness.pacer.pass(5 * MINUTE);
    await harness.crash();
  }
  const late = harness.status().sweeps.find(({ name }) => name === 'late');
  expect(Date.parse(late!.checkpoint!)).toBeGreaterThan(NOON + 15 * MINUTE);
});

test('what was stored is not stored again after a restart', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'spanloom-restarts-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  await using harness = await Harness.open({ path: join(folder, 'metadata.sqlite') });
  for (let number = 1; number <= 20; number++) {
    const id = traceId(NOON, number);
    harness.region().traces.set(id, [{ at: NOON, documents: [segment(id, NOON)] }]);
  }
  await harness.crawler.start();
  await harness.pacer.pass(5 * MINUTE);
  expect(harness.written).toHaveLength(20);
  for (let restart = 0; restart < 3; restart++) {
    await harness.crash();
    await harness.pacer.pass(2 * MINUTE);
  }
  expect(harness.written).toHaveLength(20);
  expect(harness.status().traces).toMatchObject({ stable: 20 });
});
