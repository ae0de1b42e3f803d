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
