import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { ACCOUNT, Harness, NOON } from './testing/harness.ts';
import { segment, traceId } from './testing/segments.ts';

const SECOND = 1000;
const MINUTE = 60 * SECOND;
/** Without the sweep that would find later what the hot one passed over. */
const HOT_ONLY = [{ ...ACCOUNT, sweeps: { late: false } }];

test.each([-150 * SECOND, 150 * SECOND])(
  'with AWS at %i ms from our clock, traces come as soon as otherwise, with a warning',
  async (offsetMs) => {
    await using harness = await Harness.open({ accounts: HOT_ONLY });
    const aws = harness.region();
    aws.offsetMs = offsetMs;
    const awsNow = (): number => harness.pacer.now() + offsetMs;
    await harness.crawler.start();
    await harness.pacer.pass(10 * MINUTE);
    for (let number = 1; number <= 20; number++) {
      const at = awsNow();
      const id = traceId(at, number);
      aws.traces.set(id, [{ at, documents: [segment(id, at)] }]);
      await harness.pacer.pass(20 * SECOND);
    }
    await harness.pacer.pass(2 * MINUTE);
    expect(harness.stored.size).toBe(20);
    expect(harness.status().lag_seconds).toBeLessThan(90);
    expect(harness.status().warnings).toEqual([
      expect.stringContaining(
        `This machine's clock is 150 s ${offsetMs < 0 ? 'ahead of' : 'behind'} AWS's`,
      ),
    ]);
    aws.offsetMs = 0;
    await harness.pacer.pass(2 * MINUTE);
    expect(harness.status().warnings).toEqual([]);
  },
);

test('what a clock that was ahead has passed over is read when its difference is known', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'spanloom-clock-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  await using harness = await Harness.open({
    accounts: HOT_ONLY,
    path: join(folder, 'metadata.sqlite'),
  });
  const aws = harness.region();
  aws.offsetMs = -150 * SECOND;
  aws.clockOffsetMs = () => 0;
  await harness.crawler.start();
  await harness.pacer.pass(10 * MINUTE);
  const at = harness.pacer.now() - 120 * SECOND;
  const id = traceId(at, 1);
  aws.traces.set(id, [{ at, documents: [segment(id, at)] }]);
  await harness.pacer.pass(20 * SECOND);
  aws.clockOffsetMs = () => aws.offsetMs;
  await harness.crash();
  await harness.pacer.pass(5 * MINUTE);
  expect([...harness.stored.keys()]).toEqual([id]);
  expect(Date.parse(harness.status().checkpoint!)).toBeLessThan(harness.pacer.now() + aws.offsetMs);
  expect(NOON).toBeLessThan(at);
});
