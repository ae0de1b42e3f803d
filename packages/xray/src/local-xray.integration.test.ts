import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { clientConfig } from '@spanloom/aws';
import { systemClock } from '@spanloom/base';
import { LocalXRay } from '@spanloom/local-xray';
import { apiToLambda } from '@spanloom/local-xray/scenes';
import { MetadataStore } from '@spanloom/metadata';
import { type IntakeRecord, newOutcome } from '@spanloom/model';
import { Registry } from 'prom-client';
import { expect, onTestFinished, test } from 'vitest';
import { Crawler } from './crawler.ts';
import { ACCOUNT, NOON } from './testing/harness.ts';
import { LocalWorld, PLACE } from './testing/local-world.ts';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
/** 3,000 in CI; set to 100000 for the full size. */
const TRACES = Number(process.env['SPANLOOM_XRAY_TRACES'] ?? 3000);
/** Ten traces a second. */
const SPAN_MS = TRACES * 100;

function temporaryFile(): string {
  const folder = mkdtempSync(join(tmpdir(), 'spanloom-xray-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  return join(folder, 'metadata.sqlite');
}

function put(world: LocalWorld, region = PLACE.region, at = NOON): string {
  const scene = apiToLambda({ at, account: PLACE.account, region, seed: region });
  world.xray.put(PLACE.account, region, scene.documents, { visibleAt: at + 2000 });
  return scene.traceId;
}

test(
  'a crawl with growth, throttling, paging and kills misses nothing and leaves everything as it finally was',
  async () => {
    await using world = await LocalWorld.start({
      path: temporaryFile(),
      xray: { pageSize: 40, tokenLifetimeMs: 5 * MINUTE },
    });
    const { harness, xray } = world;
    harness.storeMs = 100;
    harness.ackMs = 200;
    world.putMany(TRACES, 'crawl', { from: NOON, to: NOON + SPAN_MS });
    xray.script.limitRate({ operation: 'BatchGetTraces', perSecond: 4 });
    xray.script.limitRate({
      operation: 'GetTraceSummaries',
      perSecond: 1.5,
      spelling: 'ThrottlingException',
    });
    xray.script.emptyPages({ next: 20 });
    await harness.crawler.start();
    const random = (): number => harness.pacer.random();
    let crashes = 0;
    while (harness.pacer.now() < NOON + SPAN_MS + 15 * MINUTE) {
      await harness.pacer.pass(Math.floor(random() * 5 * MINUTE) + 1000);
      if (random() < 0.5) xray.script.rejectTokens({ next: 1 });
      if (random() < 0.5) xray.script.fail({ next: 3, status: 503 });
      if (random() < 0.3) xray.script.reset({ next: 2 });
      xray.script.loseTraces(
        world.ids.slice(crashes * 7, crashes * 7 + 7),
        random() < 0.5 ? 'unprocessed' : 'absent',
        2,
      );
      await harness.crash();
      crashes++;
    }
    await harness.pacer.pass(90 * MINUTE);

    const differences = world.differences();
    const { counts, traces, calls, cost } = harness.status();
    expect(differences).toEqual({ missing: 0, outdated: [], unknown: 0 });
    expect(harness.stored.size).toBe(TRACES);
    expect(traces['new']! + traces['growing']!).toBe(0);
    const fetches = xray.calls.of('BatchGetTraces');
    expect(Math.max(...fetches.map(({ ids }) => ids.length))).toBeLessThanOrEqual(5);
    expect(fetches.some(({ error }) => error === 'ThrottledException')).toBe(true);
    // A killed crawler writes again what it could not note as written; beyond that each version is written once.
    expect(harness.needless).toEqual([]);
    console.log(
      `${TRACES} traces, ${crashes} kills: ${harness.written.length} writes, ` +
        `${xray.calls.of('GetTraceSummaries').length} listings, ${fetches.length} fetches, ` +
        `scanned ${cost.scanned} (${(cost.scanned / TRACES).toFixed(2)} per trace), ` +
        `retrieved ${cost.retrieved} (${(cost.retrieved / TRACES).toFixed(2)} per trace), ` +
        `${((0.5 * (cost.scanned + cost.retrieved)) / TRACES).toFixed(2)} USD per million traces beyond the free million; ` +
        `since the last kill: ${JSON.stringify({ counts, calls })}`,
    );
  },
  120_000 + TRACES * 40,
);

test('where listings go by the times in documents, late ones are found by the late sweep', async () => {
  await using world = await LocalWorld.start({ xray: { eventTime: 'segment' } });
  const { harness } = world;
  world.putMany(300, 'late', { from: NOON, to: NOON + 30 * MINUTE });
  await harness.crawler.start();
  await harness.pacer.pass(2 * HOUR);
  expect(world.differences()).toEqual({ missing: 0, outdated: [], unknown: 0 });
});

test('with Transaction Search every trace is found, whether indexed or not', async () => {
  await using world = await LocalWorld.start();
  const { harness, xray } = world;
  xray.region(PLACE.account, PLACE.region).switchDestination('CloudWatchLogs');
  world.putMany(300, 'search', { from: NOON, to: NOON + 20 * MINUTE });
  await harness.crawler.start();
  await harness.pacer.pass(2 * HOUR);
  expect(harness.status()).toMatchObject({
    mode: 'transaction-search',
    state: 'running',
    problem: null,
  });
  expect([...harness.stored.keys()].toSorted()).toEqual(world.ids.toSorted());
  expect(xray.calls.of('GetTraceSummaries').length).toBeLessThan(5);
  expect(
    Math.max(...xray.calls.of('StartTraceRetrieval').map(({ ids }) => ids.length)),
  ).toBeLessThanOrEqual(100);
});

test('each way of being refused is shown for its region, and the others go on', async () => {
  const regions = ['eu-west-1', 'us-east-1', 'ap-south-1', 'sa-east-1', 'eu-north-1'];
  await using world = await LocalWorld.start({ crawler: { accounts: [{ ...ACCOUNT, regions }] } });
  const { harness, xray } = world;
  for (const region of regions) put(world, region);
  const rules = [
    xray.script.deny({ region: 'us-east-1', operation: 'GetTraceSummaries' }),
    xray.script.deny({
      region: 'ap-south-1',
      operation: 'BatchGetTraces',
      reason: 'service control policy',
    }),
    xray.script.denyKey({
      region: 'sa-east-1',
      keyArn: 'arn:aws:kms:sa-east-1:111122223333:key/1',
    }),
    xray.script.reset({ region: 'eu-north-1' }),
  ];
  await harness.crawler.start();
  await harness.pacer.pass(10 * MINUTE);
  expect(harness.status('eu-west-1')).toMatchObject({ state: 'running', problem: null });
  expect(harness.status('us-east-1').problem).toMatchObject({
    name: 'AccessDeniedException',
    missing_action: 'xray:GetTraceSummaries',
  });
  expect(harness.status('ap-south-1').problem?.message).toContain('service control policy');
  expect(harness.status('sa-east-1').problem).toMatchObject({ missing_action: 'kms:Decrypt' });
  expect(harness.status('eu-north-1')).toMatchObject({ state: 'failing' });
  expect(harness.stored.size).toBe(1);
  for (const rule of rules) rule.lift();
  await harness.pacer.pass(25 * MINUTE);
  for (const region of regions) {
    expect(harness.status(region)).toMatchObject({ region, state: 'running', problem: null });
  }
});

test('what was missed while access was denied is read afterwards', async () => {
  await using world = await LocalWorld.start();
  const { harness, xray } = world;
  await harness.crawler.start();
  await harness.pacer.pass(5 * MINUTE);
  const rule = xray.script.deny({ operation: 'GetTraceSummaries' });
  world.putMany(200, 'denied', { from: harness.pacer.now(), to: harness.pacer.now() + 4 * HOUR });
  await harness.pacer.pass(5 * HOUR);
  expect(harness.stored.size).toBeLessThan(10);
  rule.lift();
  await harness.pacer.pass(HOUR);
  expect(world.differences()).toEqual({ missing: 0, outdated: [], unknown: 0 });
});

test('a document that is no JSON does not take its trace with it', async () => {
  await using world = await LocalWorld.start();
  const { harness, xray } = world;
  const id = put(world);
  xray
    .region(PLACE.account, PLACE.region)
    .putVerbatim(id, '00000000deadbeef', '{"id": "00000000deadbe', {
      visibleAt: NOON + 2000,
    });
  await harness.crawler.start();
  await harness.pacer.pass(30 * MINUTE);
  const written = harness.stored.get(id)!;
  expect(written.documents).toContain('{"id": "00000000deadbe');
  expect(written.documents.length).toBeGreaterThan(1);
  expect(harness.status().warnings.join()).toContain('not JSON objects');
  expect(harness.status()).toMatchObject({ state: 'running', problem: null });
});

test('check() names what is allowed and what is not', async () => {
  await using world = await LocalWorld.start();
  const { harness, xray } = world;
  await harness.crawler.start();
  xray.script.deny({ operation: 'BatchGetTraces' });
  let done: unknown;
  void harness.pacer
    .during(() => harness.crawler.check(PLACE.account, PLACE.region))
    .then((result) => (done = result));
  await harness.pacer.until(() => done !== undefined, MINUTE);
  const { actions } = harness.status().permissions;
  expect(actions.find(({ action }) => action === 'xray:GetTraceSummaries')?.status).toBe('allowed');
  expect(actions.find(({ action }) => action === 'xray:BatchGetTraces')).toMatchObject({
    required: true,
    status: 'denied',
  });
});

test("on the machine's own clock, runOnce() reads what is there", async () => {
  await using xray = await LocalXRay.start();
  const now = Date.now();
  for (const [number, seconds] of [300, 200, 100, 60, 50, 40, 30].entries()) {
    const scene = apiToLambda({ at: now - seconds * 1000, ...PLACE, seed: String(number) });
    xray.put(PLACE.account, PLACE.region, scene.documents, { visibleAt: now - seconds * 1000 });
  }
  await using metadata = await MetadataStore.open(temporaryFile(), { clock: systemClock });
  const written: IntakeRecord[] = [];
  const seen: string[] = [];
  await using crawler = new Crawler({
    accounts: [ACCOUNT],
    metadata,
    accept: async (record) => {
      written.push(record);
      return newOutcome();
    },
    clock: systemClock,
    registry: new Registry(),
    report: (message) => seen.push(message),
    connect: (account, region) => ({
      ...clientConfig(account, region),
      endpoint: xray.url,
      credentials: async () => ({ accessKeyId: account.id, secretAccessKey: 'any' }),
    }),
  });
  const progress: (number | null)[] = [];
  const results = await crawler.runOnce(AbortSignal.timeout(60_000), ({ lag_seconds }) =>
    progress.push(lag_seconds),
  );
  expect(results.map(({ problem }) => problem)).toEqual([undefined]);
  expect(written).toHaveLength(7);
  expect(written[0]).toMatchObject({ format: 'xray-trace-json', headers: {} });
  expect(progress.length).toBeGreaterThan(3);
  expect(seen).toEqual([]);
});

test('without configured regions, those with traces are found', async () => {
  await using world = await LocalWorld.start({
    crawler: { accounts: [{ ...ACCOUNT, regions: [] }] },
  });
  const { harness } = world;
  put(world, 'ap-southeast-2', NOON - HOUR);
  await harness.crawler.start();
  await harness.pacer.pass(5 * MINUTE);
  expect(harness.crawler.status()).toMatchObject([{ region: 'ap-southeast-2', state: 'running' }]);
  put(world, 'eu-west-1', harness.pacer.now());
  await harness.pacer.pass(2 * HOUR);
  expect(
    harness.crawler
      .status()
      .map(({ region }) => region)
      .toSorted(),
  ).toEqual(['ap-southeast-2', 'eu-west-1']);
});
