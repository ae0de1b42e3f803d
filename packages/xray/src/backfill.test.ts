import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { awsError, type FakeCalls } from './testing/fake-calls.ts';
import { Harness, NOON } from './testing/harness.ts';
import { segment, traceId } from './testing/segments.ts';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const REQUEST = {
  account: '111122223333',
  region: 'eu-west-1',
  from: '2026-11-18T12:00:00Z',
  to: '2026-11-18T18:00:00Z',
};
const FROM = Date.parse(REQUEST.from);

function putTraces(aws: FakeCalls, count: number): void {
  for (let number = 0; number < count; number++) {
    const at = FROM + Math.floor((number * 6 * HOUR) / count);
    const id = traceId(at, number + 1);
    aws.traces.set(id, [{ at, documents: [segment(id, at)] }]);
  }
}

test('a backfill reads an older range, newest first, and ends when all of it is fetched', async () => {
  await using harness = await Harness.open();
  putTraces(harness.region(), 100);
  await harness.crawler.start();
  await harness.pacer.pass(2 * MINUTE);
  const { id, state } = await harness.crawler.backfill(REQUEST);
  expect(state).toBe('queued');
  await harness.pacer.pass(20 * MINUTE);
  expect(await harness.crawler.backfillStatus(id)).toMatchObject({
    state: 'done',
    progress: 1,
    traces: 100,
    error: null,
  });
  expect(harness.stored.size).toBe(100);
  const slices = harness
    .region()
    .log.flatMap(({ request }) => (request?.by === 'id' ? request.from : []));
  expect(slices.length).toBeGreaterThanOrEqual(24);
  expect(slices).toEqual(slices.toSorted((left, right) => right - left));
});

test('a backfill that is asked for during the first sweep begins when that is over', async () => {
  await using harness = await Harness.open();
  const aws = harness.region();
  putTraces(aws, 10);
  let slow = 10;
  aws.interfere = (operation) => {
    if (operation === 'GetTraceSummaries' && slow-- > 0) {
      throw awsError('ThrottlingException', 'Rate exceeded', 400);
    }
  };
  await harness.crawler.start();
  const { id } = await harness.crawler.backfill(REQUEST);
  await harness.pacer.until(() => harness.status().last_success !== null, 10 * MINUTE);
  await harness.pacer.pass(1000);
  expect(await harness.crawler.backfillStatus(id)).toMatchObject({ state: 'running' });
});

test('a backfill goes on after a crash where it was', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'spanloom-backfill-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  await using harness = await Harness.open({ path: join(folder, 'metadata.sqlite') });
  putTraces(harness.region(), 10);
  await harness.crawler.start();
  await harness.pacer.pass(MINUTE);
  const { id } = await harness.crawler.backfill(REQUEST);
  await harness.pacer.pass(5000);
  const { progress } = await harness.crawler.backfillStatus(id);
  expect(progress).toBeGreaterThan(0);
  expect(progress).toBeLessThan(0.9);
  const before = harness.region().log.length;
  await harness.crash();
  await harness.pacer.pass(20 * MINUTE);
  expect(await harness.crawler.backfillStatus(id)).toMatchObject({ state: 'done', traces: 10 });
  expect(harness.written).toHaveLength(10);
  const again = harness
    .region()
    .log.slice(before)
    .flatMap(({ request }) => (request?.by === 'id' ? request.to : []));
  expect(Math.max(...again)).toBeLessThan(Date.parse(REQUEST.to));
});

test('a cancelled backfill stops, and cannot be cancelled into another state', async () => {
  await using harness = await Harness.open();
  putTraces(harness.region(), 100);
  await harness.crawler.start();
  await harness.pacer.pass(2 * MINUTE);
  const { id } = await harness.crawler.backfill(REQUEST);
  await harness.pacer.pass(4000);
  expect(await harness.crawler.cancelBackfill(id)).toMatchObject({ state: 'cancelled' });
  const { traces } = await harness.crawler.backfillStatus(id);
  await harness.pacer.pass(20 * MINUTE);
  expect(await harness.crawler.backfillStatus(id)).toMatchObject({ state: 'cancelled' });
  expect(traces).toBeLessThan(100);
  await expect(harness.crawler.cancelBackfill('backfill-none')).rejects.toThrow(
    'No X-Ray backfill backfill-none is stored here',
  );
});

test.each([
  [{ ...REQUEST, from: REQUEST.to }, 'A backfill reads from an earlier to a later time'],
  [{ ...REQUEST, from: '2026-10-01T00:00:00Z' }, 'X-Ray keeps traces for 30 days'],
  [{ ...REQUEST, from: 'yesterday' }, 'from is a time such as'],
  [{ ...REQUEST, region: 'us-east-1' }, 'No X-Ray region 111122223333 us-east-1'],
])('backfill() refuses %j', async (request, message) => {
  await using harness = await Harness.open();
  await expect(harness.crawler.backfill(request)).rejects.toThrow(message);
  expect(harness.pacer.now()).toBe(NOON);
});
