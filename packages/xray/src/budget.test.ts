import { expect, test } from 'vitest';
import { AccountBudget } from './account-budget.ts';
import { monthlyCostUsd, monthOf } from './cost.ts';
import { ACCOUNT, Harness, NOON } from './testing/harness.ts';
import { segment, traceId } from './testing/segments.ts';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;

test('monthlyCostUsd() charges what is beyond the free million of both together', () => {
  expect(monthlyCostUsd({ scanned: 600_000, retrieved: 400_000 })).toBe(0);
  expect(monthlyCostUsd({ scanned: 600_001, retrieved: 400_000 })).toBeCloseTo(5e-7, 12);
  // Ten traces a second for 31 days, listed four times over and fetched once and a half.
  const month = 26_784_000;
  expect(monthlyCostUsd({ scanned: month * 4, retrieved: month * 1.5 })).toBeCloseTo(73.16, 2);
});

test('monthOf() is the calendar month in UTC', () => {
  expect(monthOf(Date.parse('2026-11-30T23:59:59.999Z'))).toBe('2026-11');
  expect(monthOf(Date.parse('2026-12-01T00:00:00Z'))).toBe('2026-12');
});

test('AccountBudget degrades step by step and starts anew with the month', () => {
  let now = NOON;
  const budget = new AccountBudget('111122223333', 1, () => now);
  const levels: string[] = [];
  for (const scanned of [2_499_999, 1, 299_999, 1, 199_999, 1]) {
    budget.add({ region: 'eu-west-1' }, scanned, 0);
    levels.push(budget.level);
  }
  expect(levels).toEqual(['normal', 'slow', 'slow', 'sample', 'sample', 'stop']);
  now = Date.parse('2026-12-01T00:00:00Z');
  expect(budget.level).toBe('normal');
});

test("AccountBudget gives each region its part of the account's cost", () => {
  const budget = new AccountBudget('111122223333', undefined, () => NOON);
  budget.add({ region: 'eu-west-1' }, 2_000_000, 0);
  budget.add({ region: 'us-east-1' }, 500_000, 500_000);
  expect(budget.costUsd).toBe(1);
  expect(budget.regionCostUsd('eu-west-1')).toBeCloseTo(2 / 3);
  expect(budget.regionCostUsd('us-east-1')).toBeCloseTo(1 / 3);
  expect(budget.level).toBe('normal');
});

test('a crawler lists more rarely, then samples, then stops, and goes on in the next month', async () => {
  await using harness = await Harness.open({
    accounts: [{ ...ACCOUNT, monthlyBudgetUsd: 1 }],
    now: Date.parse('2026-11-30T20:00:00Z'),
  });
  const aws = harness.region();
  let scanned = 0;
  const list = aws.listTraces.bind(aws);
  aws.listTraces = async (request) => ({ ...(await list(request)), scanned });
  const calls = (): number =>
    aws.log.filter(({ operation }) => operation === 'GetTraceSummaries').length;
  await harness.crawler.start();
  await harness.pacer.pass(20 * MINUTE);

  scanned = 2_600_000;
  await harness.pacer.pass(2 * MINUTE);
  scanned = 0;
  expect(harness.status().cost).toMatchObject({
    month: '2026-11',
    scanned: 2_600_000,
    estimated_usd: 0.8,
    budget_usd: 1,
  });
  let before = calls();
  await harness.pacer.pass(30 * MINUTE);
  expect(calls() - before).toBeLessThan(45);
  expect(harness.status().warnings.join()).toContain('polls are rarer');

  scanned = 300_000;
  await harness.pacer.pass(6 * MINUTE);
  scanned = 0;
  await harness.pacer.pass(6 * MINUTE);
  expect(aws.log.at(-1)?.request?.samplingRate).toBe(0.1);

  scanned = 300_000;
  await harness.pacer.pass(6 * MINUTE);
  expect(harness.status().state).toBe('over_budget');
  before = calls();
  await harness.pacer.pass(2 * HOUR);
  expect(calls()).toBe(before);
  expect(harness.crawler.coverage()).toMatchObject([
    { problem: "the month's budget for reading X-Ray is used up" },
  ]);

  scanned = 0;
  await harness.pacer.pass(Date.parse('2026-12-01T00:30:00Z') - harness.pacer.now());
  const id = traceId(harness.pacer.now(), 1);
  aws.traces.set(id, [{ at: harness.pacer.now(), documents: [segment(id, harness.pacer.now())] }]);
  await harness.pacer.pass(10 * MINUTE);
  expect(harness.status()).toMatchObject({ state: 'running', cost: { month: '2026-12' } });
  expect(harness.stored.has(id)).toBe(true);
  expect(harness.messages.join('\n')).toContain(
    "when the month's budget was used up; a backfill reads it",
  );
}, 60_000);

test('what reading has cost is known after a restart', async () => {
  await using harness = await Harness.open();
  const aws = harness.region();
  for (let number = 1; number <= 20; number++) {
    const id = traceId(NOON, number);
    aws.traces.set(id, [{ at: NOON, documents: [segment(id, NOON)] }]);
  }
  await harness.crawler.start();
  await harness.pacer.pass(10 * MINUTE);
  const { scanned, retrieved } = harness.status().cost;
  expect(retrieved).toBe(20);
  expect(scanned).toBeGreaterThanOrEqual(20);
  expect(await harness.metadata.xray.usage('111122223333', '2026-11')).toEqual([
    { region: 'eu-west-1', month: '2026-11', scanned, retrieved },
  ]);
});
