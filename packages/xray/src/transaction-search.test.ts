import { expect, test } from 'vitest';
import { awsError, type FakeCalls } from './testing/fake-calls.ts';
import { ACCOUNT, Harness, NOON } from './testing/harness.ts';
import { segment, traceId } from './testing/segments.ts';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;

/** One trace each 10 s, for ten minutes. */
function putTraces(aws: FakeCalls, from: number, count = 60): void {
  for (let number = 0; number < count; number++) {
    const at = from + number * 10_000;
    const id = traceId(at, number + 1);
    aws.traces.set(id, [{ at, documents: [segment(id, at)] }]);
  }
}

function callsOf(aws: FakeCalls, operation: string): number {
  return aws.log.filter((call) => call.operation === operation).length;
}

test('with Transaction Search, traces are found in the log group and fetched by retrieval', async () => {
  await using harness = await Harness.open();
  const aws = harness.region();
  aws.segmentDestination = { kind: 'logs', active: true };
  putTraces(aws, NOON);
  await harness.crawler.start();
  await harness.pacer.pass(20 * MINUTE);
  expect(harness.stored.size).toBe(60);
  expect(harness.written).toHaveLength(60);
  expect(callsOf(aws, 'GetTraceSummaries')).toBe(0);
  expect(callsOf(aws, 'BatchGetTraces')).toBe(0);
  expect(harness.status()).toMatchObject({
    mode: 'transaction-search',
    state: 'running',
    problem: null,
  });
  expect(harness.status().warnings.join()).toContain('Transaction Search is on');
});

test('a trace that grows under Transaction Search is retrieved again', async () => {
  await using harness = await Harness.open();
  const aws = harness.region();
  aws.segmentDestination = { kind: 'logs', active: true };
  const id = traceId(NOON, 1);
  const grown = segment(id, NOON, { children: 3 });
  aws.traces.set(id, [
    { at: NOON, documents: [segment(id, NOON)] },
    { at: NOON + 30 * MINUTE, documents: [grown] },
  ]);
  await harness.crawler.start();
  await harness.pacer.pass(HOUR);
  expect(harness.stored.get(id)?.documents).toEqual([grown]);
});

test('where the log group may not be read, the indexed summaries are, with a loud warning', async () => {
  await using harness = await Harness.open();
  const aws = harness.region();
  aws.segmentDestination = { kind: 'logs', active: true };
  aws.interfere = (operation) => {
    if (operation === 'FilterLogEvents') {
      throw awsError(
        'AccessDeniedException',
        'not authorized to perform: logs:FilterLogEvents',
        400,
      );
    }
  };
  putTraces(aws, NOON);
  await harness.crawler.start();
  await harness.pacer.pass(20 * MINUTE);
  expect(harness.stored.size).toBe(60);
  expect(callsOf(aws, 'FilterLogEvents')).toBeLessThan(4);
  expect(harness.status()).toMatchObject({ state: 'running', problem: null });
  expect(harness.messages.join('\n')).toContain(
    'allow logs:FilterLogEvents on log-group:aws/spans',
  );
});

test('a log group that cannot be reached for a while is waited for, and nothing is skipped', async () => {
  await using harness = await Harness.open();
  const aws = harness.region();
  aws.segmentDestination = { kind: 'logs', active: true };
  await harness.crawler.start();
  await harness.pacer.pass(5 * MINUTE);
  putTraces(aws, harness.pacer.now());
  aws.interfere = (operation) => {
    if (operation === 'FilterLogEvents') throw awsError('ServiceUnavailable', 'later', 503);
  };
  await harness.pacer.pass(90 * MINUTE);
  expect(harness.status()).toMatchObject({ state: 'failing', problem: { message: 'later' } });
  expect(harness.stored.size).toBe(0);
  aws.interfere = () => undefined;
  await harness.pacer.pass(30 * MINUTE);
  expect(harness.status()).toMatchObject({ state: 'running', problem: null });
  expect(harness.stored.size).toBe(60);
});

test('a change to Transaction Search is noticed within the hour, and what it hid is read', async () => {
  await using harness = await Harness.open();
  const aws = harness.region();
  await harness.crawler.start();
  await harness.pacer.pass(10 * MINUTE);
  // From now on X-Ray lists nothing; the log group has it all.
  aws.segmentDestination = { kind: 'logs', active: true };
  putTraces(aws, harness.pacer.now());
  const list = aws.listTraces.bind(aws);
  aws.listTraces = async (request) => ({ ...(await list(request)), traces: [] });
  await harness.pacer.pass(30 * MINUTE);
  expect(harness.stored.size).toBe(0);
  await harness.pacer.pass(40 * MINUTE);
  expect(harness.status().mode).toBe('transaction-search');
  expect(harness.stored.size).toBe(60);
});

test('traces from before the change are fetched where they are', async () => {
  await using harness = await Harness.open();
  const aws = harness.region();
  aws.segmentDestination = { kind: 'logs', active: true };
  putTraces(aws, NOON, 5);
  aws.retrieved = async () => ({
    status: 'complete',
    statusName: 'COMPLETE',
    traces: [],
    nextToken: undefined,
  });
  await harness.crawler.start();
  await harness.pacer.pass(10 * MINUTE);
  expect(harness.stored.size).toBe(5);
});

test('a retrieval that fails is started again later', async () => {
  await using harness = await Harness.open();
  const aws = harness.region();
  aws.segmentDestination = { kind: 'logs', active: true };
  putTraces(aws, NOON, 5);
  const retrieved = aws.retrieved.bind(aws);
  aws.retrieved = async (token, next) =>
    harness.pacer.now() < NOON + 5 * MINUTE
      ? { status: 'failed', statusName: 'TIMEOUT', traces: [], nextToken: undefined }
      : retrieved(token, next);
  await harness.crawler.start();
  await harness.pacer.pass(20 * MINUTE);
  expect(harness.stored.size).toBe(5);
  expect(callsOf(aws, 'StartTraceRetrieval')).toBeLessThan(30);
});

test('where the destination may not be asked for, reading goes on and says so', async () => {
  await using harness = await Harness.open({ accounts: [ACCOUNT] });
  const aws = harness.region();
  aws.interfere = (operation) => {
    if (operation === 'GetTraceSegmentDestination')
      throw awsError('AccessDeniedException', 'no', 403);
  };
  putTraces(aws, NOON, 5);
  await harness.crawler.start();
  await harness.pacer.pass(10 * MINUTE);
  expect(harness.stored.size).toBe(5);
  expect(harness.status()).toMatchObject({ mode: 'unknown', state: 'running', problem: null });
  expect(harness.status().warnings.join()).toContain(
    'Whether Transaction Search is on is not known',
  );
});

test('before the log group exists, what X-Ray lists is read', async () => {
  await using harness = await Harness.open();
  const aws = harness.region();
  aws.segmentDestination = { kind: 'logs', active: true };
  putTraces(aws, NOON, 5);
  aws.interfere = (operation) => {
    if (operation === 'FilterLogEvents') {
      throw awsError('ResourceNotFoundException', 'The specified log group does not exist.', 400);
    }
  };
  await harness.crawler.start();
  await harness.pacer.pass(10 * MINUTE);
  expect(harness.stored.size).toBe(5);
  expect(harness.status()).toMatchObject({ state: 'running', problem: null });
  expect(harness.status().warnings.join()).toContain('aws/spans cannot be listed');
});

test('while an account is changing over, both places are read', async () => {
  await using harness = await Harness.open();
  const aws = harness.region();
  aws.segmentDestination = { kind: 'logs', active: false };
  putTraces(aws, NOON, 5);
  await harness.crawler.start();
  await harness.pacer.pass(10 * MINUTE);
  expect(callsOf(aws, 'GetTraceSummaries')).toBeGreaterThan(0);
  expect(callsOf(aws, 'FilterLogEvents')).toBeGreaterThan(0);
  expect(harness.stored.size).toBe(5);
});
