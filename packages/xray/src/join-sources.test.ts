import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { awsError } from './testing/fake-calls.ts';
import { ACCOUNT, Harness, NOON } from './testing/harness.ts';
import { segment, traceId } from './testing/segments.ts';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const ID = traceId(NOON, 1);
const CALLER = segment(ID, NOON, { id: '00000000000000a1', children: 1 });
const CALLEE = segment(ID, NOON, { id: '00000000000000c1', parentId: '000000000000b000' });
const GROWN = segment(ID, NOON, {
  id: '00000000000000c1',
  parentId: '000000000000b000',
  extra: { annotations: { grown: true } },
});

/** A trace that begins in one region and goes on in another. */
async function crossing(): Promise<Harness> {
  const harness = await Harness.open({
    accounts: [{ ...ACCOUNT, regions: ['eu-west-1', 'us-east-1'] }],
  });
  harness.region('eu-west-1').traces.set(ID, [{ at: NOON, documents: [CALLER] }]);
  harness.region('us-east-1').traces.set(ID, [{ at: NOON, documents: [CALLEE] }]);
  return harness;
}

test('a trace that crosses regions is one, with the parts of each', async () => {
  await using harness = await crossing();
  await harness.crawler.start();
  await harness.pacer.pass(HOUR);
  expect(harness.stored.get(ID)?.documents.toSorted()).toEqual([CALLER, CALLEE].toSorted());
  expect(harness.stored.size).toBe(1);
  expect(harness.crawler.status().flatMap(({ warnings }) => warnings)).toEqual([]);
  expect(harness.crawler.status().map(({ counts }) => counts.duplicates)).toEqual([0, 0]);
  expect(harness.written.length).toBeLessThanOrEqual(2);
});

test('a part that comes or grows later in another region is added', async () => {
  await using harness = await crossing();
  harness.region('us-east-1').traces.set(ID, [
    { at: NOON + 10 * MINUTE, documents: [CALLEE] },
    { at: NOON + 2 * HOUR, documents: [GROWN] },
  ]);
  await harness.crawler.start();
  await harness.pacer.pass(9 * MINUTE);
  expect(harness.stored.get(ID)?.documents).toEqual([CALLER]);
  await harness.pacer.pass(10 * MINUTE);
  expect(harness.stored.get(ID)?.documents).toEqual([CALLER, CALLEE]);
  await harness.pacer.pass(3 * HOUR);
  expect(harness.stored.get(ID)?.documents).toEqual([CALLER, GROWN]);
});

test('a part that cannot be fetched for a while is not lost from what is stored', async () => {
  await using harness = await crossing();
  const grownCaller = segment(ID, NOON, { id: '00000000000000a1', children: 2 });
  harness.region('eu-west-1').traces.set(ID, [
    { at: NOON, documents: [CALLER] },
    { at: NOON + HOUR, documents: [grownCaller] },
  ]);
  await harness.crawler.start();
  await harness.pacer.pass(50 * MINUTE);
  const [owner] = harness.written;
  const other = owner!.region === 'eu-west-1' ? 'us-east-1' : 'eu-west-1';
  expect(harness.stored.get(ID)?.documents).toHaveLength(2);
  harness.region(other).interfere = (operation) => {
    if (operation === 'BatchGetTraces') throw awsError('AccessDeniedException', 'no', 403);
  };
  await harness.pacer.pass(2 * HOUR);
  expect(harness.stored.get(ID)?.documents).toHaveLength(2);
  harness.region(other).interfere = () => undefined;
  await harness.pacer.pass(HOUR);
  expect(harness.stored.get(ID)?.documents.toSorted()).toEqual([grownCaller, CALLEE].toSorted());
});

test('a copy in a monitoring account is fetched once to find that out, and then no more', async () => {
  const monitor = { ...ACCOUNT, id: '444455556666', regions: ['eu-central-1'] };
  await using harness = await Harness.open({ accounts: [ACCOUNT, monitor] });
  for (let number = 1; number <= 10; number++) {
    const at = NOON + number * MINUTE;
    const id = traceId(at, number);
    const steps = [
      { at, documents: [segment(id, at)] },
      { at: at + HOUR, documents: [segment(id, at, { children: 1 })] },
    ];
    harness.region('eu-west-1').traces.set(id, steps);
    harness.region('eu-central-1').traces.set(id, steps);
  }
  await harness.crawler.start();
  await harness.pacer.pass(3 * HOUR);
  expect(harness.stored.size).toBe(10);
  expect(harness.needless).toEqual([]);
  for (const { documents } of harness.stored.values()) expect(documents).toHaveLength(1);
  const fetched = ['eu-west-1', 'eu-central-1'].map((region) =>
    harness
      .region(region)
      .log.flatMap(({ operation, ids }) => (operation === 'BatchGetTraces' ? ids! : [])),
  );
  // Each trace: three times where it is taken from, once where the copy is.
  expect(fetched.flat().length).toBeLessThanOrEqual(40);
  const warnings = harness.crawler.status().flatMap((one) => one.warnings);
  expect(warnings.join()).toContain('read a monitoring account or its source accounts, not both');
});

/** The region that brings the trace, and the other. */
function ownerAndOther(harness: Harness): readonly [string, string] {
  const owner = harness.written[0]!.region;
  return [owner, owner === 'eu-west-1' ? 'us-east-1' : 'eu-west-1'];
}

const LATE = segment(ID, NOON, { id: '00000000000000d1', parentId: '00000000000000a1' });

function fetches(harness: Harness, region: string): number {
  return harness.region(region).log.filter(({ operation }) => operation === 'BatchGetTraces')
    .length;
}

test('while a part cannot be fetched, growth is written beside what the part was, also after a restart', async () => {
  const path = join(mkdtempSync(join(tmpdir(), 'spanloom-join-')), 'metadata.db');
  await using harness = await Harness.open({
    path,
    accounts: [{ ...ACCOUNT, regions: ['eu-west-1', 'us-east-1'] }],
  });
  harness.region('eu-west-1').traces.set(ID, [{ at: NOON, documents: [CALLER] }]);
  harness.region('us-east-1').traces.set(ID, [{ at: NOON, documents: [CALLEE] }]);
  await harness.crawler.start();
  await harness.pacer.pass(50 * MINUTE);
  const [owner, other] = ownerAndOther(harness);
  const own = owner === 'eu-west-1' ? CALLER : CALLEE;
  const others = owner === 'eu-west-1' ? CALLEE : CALLER;
  harness.region(other).interfere = (operation) => {
    if (operation === 'BatchGetTraces') throw awsError('AccessDeniedException', 'no', 403);
  };
  const grownOther = others.replace('"orders"', '"grown"');
  const growth = harness.pacer.now() + MINUTE;
  harness.region(owner).traces.set(ID, [
    { at: NOON, documents: [own] },
    { at: growth, documents: [own, LATE] },
  ]);
  harness.region(other).traces.set(ID, [
    { at: NOON, documents: [others] },
    { at: growth, documents: [grownOther] },
  ]);
  await harness.crash();
  const before = fetches(harness, owner);
  await harness.pacer.pass(10 * MINUTE);
  expect(harness.stored.get(ID)?.documents.toSorted()).toEqual([own, LATE, others].toSorted());
  await harness.pacer.pass(4 * HOUR);
  expect(fetches(harness, owner) - before).toBeLessThan(20);
  expect(harness.status(owner).warnings.join()).toContain(
    `Traces that go on in account ${ACCOUNT.id}, ${other} show of that part only what was read before: AccessDeniedException`,
  );
  harness.region(other).interfere = () => undefined;
  await harness.pacer.pass(2 * HOUR);
  expect(harness.stored.get(ID)?.documents.toSorted()).toEqual([own, LATE, grownOther].toSorted());
  expect(harness.status(owner).warnings).toEqual([]);
  const settled = fetches(harness, owner);
  await harness.pacer.pass(2 * HOUR);
  expect(fetches(harness, owner)).toBe(settled);
});

test('a part that no longer comes back stays as it was, and growth elsewhere is written', async () => {
  await using harness = await crossing();
  await harness.crawler.start();
  await harness.pacer.pass(50 * MINUTE);
  const [owner, other] = ownerAndOther(harness);
  const own = harness.region(owner).traces.get(ID)![0]!.documents[0]!;
  harness.region(other).withhold = () => 'absent';
  harness.region(owner).traces.set(ID, [
    { at: NOON, documents: [own] },
    { at: harness.pacer.now() + MINUTE, documents: [own, LATE] },
  ]);
  await harness.pacer.pass(5 * HOUR);
  expect(harness.stored.get(ID)?.documents.toSorted()).toEqual([CALLER, CALLEE, LATE].toSorted());
  const settled = fetches(harness, owner);
  await harness.pacer.pass(2 * HOUR);
  expect(fetches(harness, owner)).toBe(settled);
});

test('a copy that comes to have a part of its own is noticed', async () => {
  await using harness = await crossing();
  harness.region('us-east-1').traces.set(ID, [{ at: NOON, documents: [CALLER] }]);
  await harness.crawler.start();
  await harness.pacer.pass(HOUR);
  expect(harness.stored.get(ID)?.documents).toEqual([CALLER]);
  const [, other] = ownerAndOther(harness);
  harness.region(other).traces.set(ID, [
    { at: NOON, documents: [CALLER] },
    { at: harness.pacer.now() + MINUTE, documents: [CALLER, CALLEE] },
  ]);
  await harness.pacer.pass(HOUR);
  expect(harness.stored.get(ID)?.documents).toEqual([CALLER, CALLEE]);
});

test('of a segment in two places the finished version is stored', async () => {
  await using harness = await crossing();
  const running = segment(ID, NOON, { id: '00000000000000a1', inProgress: true });
  harness.region('eu-west-1').traces.set(ID, [{ at: NOON, documents: [running] }]);
  harness.region('us-east-1').traces.set(ID, [
    { at: NOON, documents: [running] },
    { at: NOON + 30 * MINUTE, documents: [CALLER] },
  ]);
  await harness.crawler.start();
  await harness.pacer.pass(20 * MINUTE);
  expect(harness.stored.get(ID)?.documents).toEqual([running]);
  await harness.pacer.pass(2 * HOUR);
  expect(harness.stored.get(ID)?.documents).toEqual([CALLER]);
});

test("while another account's budget is used up, its part stays as it was, and is asked for rarely", async () => {
  const frugal = { ...ACCOUNT, id: '444455556666', regions: ['us-east-1'], monthlyBudgetUsd: 1 };
  await using harness = await Harness.open({
    accounts: [ACCOUNT, frugal],
    now: Date.parse('2026-11-20T12:00:00Z'),
  });
  harness.region('us-east-1').traces.set(ID, [{ at: NOON + 5 * MINUTE, documents: [CALLEE] }]);
  harness.region('eu-west-1').traces.set(ID, [
    { at: NOON, documents: [CALLER] },
    { at: NOON + HOUR, documents: [CALLER, LATE] },
  ]);
  await harness.crawler.start();
  await harness.pacer.pass(30 * MINUTE);
  expect(harness.stored.get(ID)?.documents).toEqual([CALLER, CALLEE]);
  const aws = harness.region('us-east-1');
  const list = aws.listTraces.bind(aws);
  aws.listTraces = async (request) => ({ ...(await list(request)), scanned: 9_000_000 });
  await harness.pacer.pass(10 * MINUTE);
  expect(harness.status('us-east-1').state).toBe('over_budget');
  const before = fetches(harness, 'eu-west-1');
  await harness.pacer.pass(24 * HOUR);
  expect(harness.stored.get(ID)?.documents.toSorted()).toEqual([CALLER, LATE, CALLEE].toSorted());
  expect(fetches(harness, 'eu-west-1') - before).toBeLessThan(16);
  expect(harness.status('eu-west-1').warnings.join()).toContain(
    'its budget for 2026-11 is used up',
  );
});

test('one trace that another region will not retrieve keeps no other from being joined', async () => {
  await using harness = await Harness.open({
    accounts: [{ ...ACCOUNT, regions: ['eu-west-1', 'us-east-1'] }],
  });
  const bad = traceId(NOON, 3);
  for (const [name, id] of [
    ['eu-west-1', '00000000000000a1'],
    ['us-east-1', '00000000000000c1'],
  ] as const) {
    const aws = harness.region(name);
    aws.segmentDestination = { kind: 'logs', active: true };
    aws.withhold = (one) => (one === bad ? 'absent' : undefined);
    for (let number = 1; number <= 6; number++) {
      const xrayId = traceId(NOON, number);
      aws.traces.set(xrayId, [{ at: NOON, documents: [segment(xrayId, NOON, { id })] }]);
    }
    const refused = new Set<string>();
    const start = aws.startRetrieval.bind(aws);
    aws.startRetrieval = async (request) => {
      const token = await start(request);
      if (name === 'us-east-1' && request.ids.includes(bad)) refused.add(token);
      return token;
    };
    const retrieved = aws.retrieved.bind(aws);
    aws.retrieved = async (token, next) =>
      refused.has(token)
        ? { status: 'failed', statusName: 'FAILED', traces: [], nextToken: undefined }
        : retrieved(token, next);
  }
  harness.region('eu-west-1').withhold = () => undefined;
  await harness.crawler.start();
  await harness.pacer.pass(30 * MINUTE);
  const joined = [...harness.stored.values()].filter(({ documents }) => documents.length === 2);
  expect(joined.map(({ trace_id }) => trace_id).toSorted()).toEqual(
    [1, 2, 4, 5, 6].map((number) => traceId(NOON, number)),
  );
});
