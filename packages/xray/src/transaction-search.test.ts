import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
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

test('where retrievals are denied, what X-Ray indexes is fetched from it, with a loud warning', async () => {
  await using harness = await Harness.open();
  const aws = harness.region();
  aws.segmentDestination = { kind: 'logs', active: true };
  aws.interfere = (operation) => {
    if (operation === 'StartTraceRetrieval') {
      throw awsError('AccessDeniedException', 'not authorized', 403);
    }
  };
  putTraces(aws, NOON);
  aws.withhold = (id) => (id.endsWith('1') ? 'absent' : undefined);
  const indexed = [...aws.traces.keys()].filter((id) => !id.endsWith('1'));
  await harness.crawler.start();
  await harness.pacer.pass(20 * MINUTE);
  expect([...harness.stored.keys()].toSorted()).toEqual(indexed.toSorted());
  expect(callsOf(aws, 'StartTraceRetrieval')).toBeLessThan(4);
  expect(harness.status()).toMatchObject({ state: 'running', problem: null });
  expect(harness.status().warnings.join()).toContain('allow xray:StartTraceRetrieval');
  await harness.pacer.pass(4 * HOUR);
  aws.interfere = () => undefined;
  aws.withhold = () => undefined;
  await harness.crawler.backfill({
    account: ACCOUNT.id,
    region: 'eu-west-1',
    from: '2026-11-20T11:00:00Z',
    to: '2026-11-20T13:00:00Z',
  });
  await harness.pacer.pass(HOUR);
  expect(harness.stored.size).toBe(60);
  expect(harness.status().warnings.join()).not.toContain('allow xray:StartTraceRetrieval');
});

test('retrievals that AWS gives up on are shown, and ever rarer until one succeeds', async () => {
  await using harness = await Harness.open();
  const aws = harness.region();
  aws.segmentDestination = { kind: 'logs', active: true };
  aws.withhold = () => 'absent';
  putTraces(aws, NOON, 60);
  const retrieved = aws.retrieved.bind(aws);
  aws.retrieved = async () => ({
    status: 'failed',
    statusName: 'FAILED',
    traces: [],
    nextToken: undefined,
  });
  await harness.crawler.start();
  await harness.pacer.pass(30 * MINUTE);
  expect(harness.status()).toMatchObject({
    state: 'failing',
    problem: { name: 'RetrievalFailed', message: 'the retrieval of traces ended as FAILED' },
  });
  expect(callsOf(aws, 'StartTraceRetrieval')).toBeLessThan(30);
  aws.withhold = () => undefined;
  aws.retrieved = retrieved;
  await harness.pacer.pass(30 * MINUTE);
  expect(harness.status()).toMatchObject({ state: 'running', problem: null });
  expect(harness.stored.size).toBe(60);
});

test('one trace that AWS will not retrieve holds up no other, and is given up', async () => {
  await using harness = await Harness.open();
  const aws = harness.region();
  aws.segmentDestination = { kind: 'logs', active: true };
  putTraces(aws, NOON, 60);
  const bad = [...aws.traces.keys()][7]!;
  aws.withhold = (id) => (id === bad ? 'absent' : undefined);
  const refused = new Set<string>();
  const start = aws.startRetrieval.bind(aws);
  aws.startRetrieval = async (request) => {
    const token = await start(request);
    if (request.ids.includes(bad)) refused.add(token);
    return token;
  };
  const retrieved = aws.retrieved.bind(aws);
  aws.retrieved = async (token, next) =>
    refused.has(token)
      ? { status: 'failed', statusName: 'TIMEOUT', traces: [], nextToken: undefined }
      : retrieved(token, next);
  await harness.crawler.start();
  await harness.pacer.pass(30 * MINUTE);
  expect(harness.stored.size).toBe(59);
  expect(refused.size).toBeLessThan(15);
  expect(harness.status()).toMatchObject({
    state: 'running',
    problem: null,
    traces: { missing: 1, new: 0 },
  });
  expect(harness.status().warnings.join()).toContain(`AWS does not retrieve trace ${bad}`);
});

test.each([
  ['ThrottlingException', 400],
  ['InternalFailure', 500],
])(
  'where the destination is not told for %s, reading goes on the classic way and says so',
  async (name, status) => {
    await using harness = await Harness.open();
    const aws = harness.region();
    aws.interfere = (operation) => {
      if (operation === 'GetTraceSegmentDestination') throw awsError(name, 'later', status);
    };
    putTraces(aws, NOON, 5);
    await harness.crawler.start();
    await harness.pacer.pass(3 * MINUTE);
    expect(harness.stored.size).toBe(5);
    expect(harness.status()).toMatchObject({ mode: 'unknown', state: 'running', problem: null });
    expect(harness.status().warnings).toEqual([
      `Whether Transaction Search is on is not known (${name}); if it is, only a part of the traces is seen. It is asked again at a later poll`,
    ]);
    expect(callsOf(aws, 'GetTraceSegmentDestination')).toBeLessThan(16);
    aws.interfere = () => undefined;
    await harness.pacer.pass(10 * MINUTE);
    expect(harness.status()).toMatchObject({ mode: 'classic', warnings: [] });
  },
);

test('where the destination is throttled after a restart, reading goes on as it was last found', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'spanloom-mode-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  await using harness = await Harness.open({ path: join(folder, 'metadata.sqlite') });
  const aws = harness.region();
  aws.segmentDestination = { kind: 'logs', active: true };
  await harness.crawler.start();
  await harness.pacer.pass(5 * MINUTE);
  aws.interfere = (operation) => {
    if (operation === 'GetTraceSegmentDestination')
      throw awsError('ThrottlingException', 'no', 400);
  };
  putTraces(aws, harness.pacer.now(), 5);
  await harness.crash();
  await harness.pacer.pass(5 * MINUTE);
  expect(harness.stored.size).toBe(5);
  expect(callsOf(aws, 'GetTraceSummaries')).toBe(0);
  expect(harness.status()).toMatchObject({ mode: 'transaction-search', state: 'running' });
  expect(harness.status().warnings.join()).toContain(
    'Whether Transaction Search is still on is not known (ThrottlingException); traces are read as if it were',
  );
});

test('growth after the account has changed back from Transaction Search is seen', async () => {
  await using harness = await Harness.open({
    accounts: [{ ...ACCOUNT, sweeps: { late: false } }],
  });
  const aws = harness.region();
  aws.segmentDestination = { kind: 'logs', active: true };
  const id = traceId(NOON, 1);
  const grown = segment(id, NOON, { children: 3 });
  aws.traces.set(id, [
    { at: NOON, documents: [segment(id, NOON)] },
    { at: NOON + 90 * MINUTE, documents: [grown] },
  ]);
  await harness.crawler.start();
  await harness.pacer.pass(30 * MINUTE);
  expect(harness.stored.has(id)).toBe(true);
  aws.segmentDestination = { kind: 'xray', active: true };
  await harness.pacer.pass(50 * MINUTE);
  expect(harness.status().mode).toBe('classic');
  await harness.pacer.pass(20 * MINUTE);
  expect(harness.stored.get(id)?.documents).toEqual([grown]);
});

test('a lone trace is not given up while no retrieval succeeds, for six hours', async () => {
  await using harness = await Harness.open();
  const aws = harness.region();
  aws.segmentDestination = { kind: 'logs', active: true };
  aws.withhold = () => 'absent';
  putTraces(aws, NOON, 1);
  const page = { traces: [], nextToken: undefined };
  const retrieved = aws.retrieved.bind(aws);
  aws.retrieved = async () => ({ status: 'failed', statusName: 'FAILED', ...page });
  await harness.crawler.start();
  await harness.pacer.pass(5 * HOUR);
  expect(harness.status()).toMatchObject({ state: 'failing', traces: { new: 1, missing: 0 } });
  await harness.pacer.pass(3 * HOUR);
  expect(harness.status()).toMatchObject({ state: 'running', traces: { new: 0, missing: 1 } });
  aws.withhold = () => undefined;
  aws.retrieved = retrieved;
  await harness.crawler.backfill({
    account: ACCOUNT.id,
    region: 'eu-west-1',
    from: '2026-11-20T11:00:00Z',
    to: '2026-11-20T13:00:00Z',
  });
  await harness.pacer.pass(HOUR);
  expect(harness.stored.size).toBe(1);
});

test('runOnce() says when AWS gives up on retrievals', async () => {
  await using harness = await Harness.open();
  const aws = harness.region();
  aws.segmentDestination = { kind: 'logs', active: true };
  putTraces(aws, NOON - 10 * MINUTE, 5);
  const page = { traces: [], nextToken: undefined };
  aws.retrieved = async () => ({ status: 'failed', statusName: 'FAILED', ...page });
  let results: unknown;
  void harness.crawler.runOnce(new AbortController().signal).then((done) => (results = done));
  await harness.pacer.until(() => results !== undefined, 10 * MINUTE);
  expect(results).toMatchObject([
    {
      problem:
        'Cannot call ListRetrievedTraces: RetrievalFailed: the retrieval of traces ended as FAILED',
    },
  ]);
});
