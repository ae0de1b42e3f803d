import { DecodeError, OverloadedError } from '@spanloom/base';
import { expect, test } from 'vitest';
import { awsError } from './testing/fake-calls.ts';
import { ACCOUNT, Harness, NOON } from './testing/harness.ts';
import { segment, traceId } from './testing/segments.ts';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;

test('a trace is listed, fetched and written once', async () => {
  await using harness = await Harness.open({ accounts: [{ ...ACCOUNT, env: 'prod' }] });
  const id = traceId(NOON - MINUTE, 1);
  const document = segment(id, NOON - MINUTE);
  harness.region().traces.set(id, [{ at: NOON - MINUTE, documents: [document] }]);
  await harness.crawler.start();
  await harness.pacer.pass(HOUR);
  expect(harness.written).toEqual([
    {
      trace_id: id,
      account: '111122223333',
      region: 'eu-west-1',
      env: 'prod',
      state: 'stable',
      documents: [document],
    },
  ]);
  expect(harness.messages).toEqual([]);
  expect(harness.status()).toMatchObject({
    state: 'running',
    mode: 'classic',
    problem: null,
    traces: { new: 0, growing: 0, stable: 1 },
  });
  expect(harness.status().lag_seconds).toBeLessThan(90);
  expect(harness.status().counts).toMatchObject({ fetched: 1, written: 1, rewritten: 0 });
});

test('a trace that grows is fetched again until nothing of it is open', async () => {
  await using harness = await Harness.open();
  const id = traceId(NOON, 1);
  const before = segment(id, NOON, { inProgress: true });
  const after = segment(id, NOON, { children: 2 });
  harness.region().traces.set(id, [
    { at: NOON, documents: [before] },
    { at: NOON + 3 * MINUTE, documents: [after] },
  ]);
  await harness.crawler.start();
  await harness.pacer.pass(HOUR);
  expect(harness.written.map(({ documents }) => documents)).toEqual([[before], [after]]);
  expect(harness.status().counts).toMatchObject({ written: 1, rewritten: 1 });
  expect(harness.status().traces).toMatchObject({ growing: 0, stable: 1 });
});

test('growth on day 6 is seen by what was active, not by when the id was made', async () => {
  await using harness = await Harness.open({
    accounts: [{ ...ACCOUNT, pollSeconds: 3600, sweeps: { late: false } }],
  });
  const id = traceId(NOON - 3 * HOUR, 1);
  const grown = segment(id, NOON, { children: 1 });
  harness.region().traces.set(id, [
    { at: NOON, documents: [segment(id, NOON)] },
    { at: NOON + 6 * 24 * HOUR, documents: [grown] },
  ]);
  await harness.crawler.start();
  await harness.pacer.pass(6 * 24 * HOUR + 90 * MINUTE);
  expect(harness.stored.get(id)?.documents).toEqual([grown]);
}, 60_000);

test('a trace that stays open is shown as it is after a quarter of an hour', async () => {
  await using harness = await Harness.open();
  const id = traceId(NOON, 1);
  harness
    .region()
    .traces.set(id, [{ at: NOON, documents: [segment(id, NOON, { inProgress: true })] }]);
  await harness.crawler.start();
  await harness.pacer.pass(HOUR);
  expect(harness.written.map(({ state }) => state)).toEqual(['growing', 'stalled']);
  expect(harness.status().traces).toMatchObject({ growing: 0, stalled: 1 });
  expect(
    harness.region().log.filter(({ operation }) => operation === 'BatchGetTraces'),
  ).toHaveLength(6);
});

test('a trace that X-Ray has cut is not fetched again', async () => {
  await using harness = await Harness.open();
  const id = traceId(NOON, 1);
  const aws = harness.region();
  aws.limitExceeded.add(id);
  aws.traces.set(id, [
    { at: NOON, documents: [segment(id, NOON, { inProgress: true })] },
    { at: NOON + 20 * MINUTE, documents: [segment(id, NOON)] },
  ]);
  await harness.crawler.start();
  await harness.pacer.pass(HOUR);
  expect(harness.written.map(({ state }) => state)).toEqual(['limit']);
  expect(harness.status().counts.limit_exceeded).toBe(1);
});

test('never more than five ids are asked for at once, and batches are filled', async () => {
  await using harness = await Harness.open();
  const aws = harness.region();
  for (let number = 1; number <= 23; number++) {
    const id = traceId(NOON - MINUTE, number);
    aws.traces.set(id, [{ at: NOON - MINUTE, documents: [segment(id, NOON - MINUTE)] }]);
  }
  await harness.crawler.start();
  await harness.pacer.pass(10 * MINUTE);
  const sizes = aws.log.flatMap(({ operation, ids }) =>
    operation === 'BatchGetTraces' ? ids!.length : [],
  );
  expect(sizes).toEqual([5, 5, 5, 5, 3]);
  expect(harness.stored.size).toBe(23);
});

test('an id that is unprocessed once is asked for again, one that is always absent is given up', async () => {
  await using harness = await Harness.open();
  const aws = harness.region();
  const slow = traceId(NOON, 1);
  const gone = traceId(NOON, 2);
  for (const id of [slow, gone]) aws.traces.set(id, [{ at: NOON, documents: [segment(id, NOON)] }]);
  let asked = 0;
  aws.withhold = (id) => {
    if (id === gone) return 'absent';
    return asked++ === 0 ? 'unprocessed' : undefined;
  };
  await harness.crawler.start();
  await harness.pacer.pass(HOUR);
  expect([...harness.stored.keys()]).toEqual([slow]);
  expect(harness.status().traces).toMatchObject({ new: 0, stable: 1, missing: 1 });
  expect(harness.status().counts.missing).toBeGreaterThan(0);
});

test('throttling halves the pace, which recovers, and no time is skipped', async () => {
  await using harness = await Harness.open();
  const aws = harness.region();
  for (let number = 1; number <= 60; number++) {
    const at = NOON + number * 10_000;
    const id = traceId(at, number);
    aws.traces.set(id, [{ at, documents: [segment(id, at)] }]);
  }
  const names = ['ThrottledException', 'ThrottlingException'];
  aws.interfere = () => {
    const minute = (harness.pacer.now() - NOON) / MINUTE;
    if (minute > 2 && minute < 5)
      throw awsError(names[Math.floor(minute) % 2]!, 'Rate exceeded', 429);
  };
  await harness.crawler.start();
  await harness.pacer.pass(5 * MINUTE);
  expect(harness.status().rates.list).toBeLessThan(1);
  expect(harness.status().counts.throttled).toBeGreaterThan(5);
  aws.interfere = () => undefined;
  await harness.pacer.pass(HOUR);
  expect(harness.status().rates).toEqual({ list: 2, fetch: 5 });
  expect(harness.status().problem).toBeNull();
  expect(harness.stored.size).toBe(60);
});

test('a missing permission is named, rests that call, and leaves other regions alone', async () => {
  await using harness = await Harness.open({
    accounts: [{ ...ACCOUNT, regions: ['eu-west-1', 'us-east-1'] }],
  });
  for (const name of ['eu-west-1', 'us-east-1']) {
    const id = traceId(NOON, name === 'eu-west-1' ? 1 : 2);
    harness.region(name).traces.set(id, [{ at: NOON, documents: [segment(id, NOON)] }]);
  }
  harness.region().interfere = (operation) => {
    if (operation !== 'BatchGetTraces') return;
    throw awsError(
      'AccessDeniedException',
      'User: arn:aws:sts::111122223333:assumed-role/Reader/spanloom is not authorized to perform: xray:BatchGetTraces',
      403,
    );
  };
  await harness.crawler.start();
  await harness.pacer.pass(25 * MINUTE);
  expect(harness.status()).toMatchObject({
    state: 'failing',
    problem: { name: 'AccessDeniedException', missing_action: 'xray:BatchGetTraces' },
  });
  expect(harness.status().problem?.fix).toContain('xray:BatchGetTraces');
  expect(harness.status().calls['BatchGetTraces']).toBe(3);
  // Listing goes on, so that nothing is missed meanwhile.
  expect(harness.status().lag_seconds).toBeLessThan(90);
  expect(harness.status('us-east-1')).toMatchObject({ state: 'running', problem: null });
  expect(harness.stored.size).toBe(1);
  expect(
    harness.messages.filter((message) => message.includes('BatchGetTraces fails')),
  ).toHaveLength(1);

  harness.region().interfere = () => undefined;
  await harness.pacer.pass(15 * MINUTE);
  expect(harness.status()).toMatchObject({ state: 'running', problem: null });
  expect(harness.stored.size).toBe(2);
});

test('a region that cannot be reached is tried ever more rarely and catches up afterwards', async () => {
  await using harness = await Harness.open();
  const aws = harness.region();
  for (let number = 1; number <= 12; number++) {
    const at = NOON + number * 5 * MINUTE;
    const id = traceId(at, number);
    aws.traces.set(id, [{ at, documents: [segment(id, at)] }]);
  }
  aws.interfere = () => {
    throw Object.assign(new Error('getaddrinfo ENOTFOUND xray.eu-west-1.amazonaws.com'), {
      code: 'ENOTFOUND',
      syscall: 'getaddrinfo',
    });
  };
  await harness.crawler.start();
  await harness.pacer.pass(HOUR);
  expect(harness.status()).toMatchObject({ state: 'failing', problem: { name: 'ENOTFOUND' } });
  expect(harness.status().calls['GetTraceSummaries']).toBeLessThan(100);
  aws.interfere = () => undefined;
  await harness.pacer.pass(30 * MINUTE);
  expect(harness.status()).toMatchObject({ state: 'running', problem: null });
  // The first quarter of an hour before the first success is as far back as a new region is read.
  expect(harness.stored.size).toBeGreaterThanOrEqual(3);
});

test('expired credentials are renewed once and then shown', async () => {
  await using harness = await Harness.open();
  let expired = true;
  harness.region().interfere = () => {
    if (expired)
      throw awsError(
        'ExpiredTokenException',
        'The security token included in the request is expired',
        403,
      );
  };
  await harness.crawler.start();
  await harness.pacer.pass(5 * MINUTE);
  expect(harness.status()).toMatchObject({
    state: 'failing',
    problem: { name: 'ExpiredTokenException' },
  });
  expired = false;
  await harness.pacer.pass(10 * MINUTE);
  expect(harness.status()).toMatchObject({ state: 'running', problem: null });
});

test('a token that is rejected starts its slice again with a smaller one', async () => {
  await using harness = await Harness.open();
  const aws = harness.region();
  aws.pageSize = 2;
  for (let number = 1; number <= 30; number++) {
    const at = NOON + number * 2000;
    const id = traceId(at, number);
    aws.traces.set(id, [{ at, documents: [segment(id, at)] }]);
  }
  let rejections = 3;
  aws.interfere = (operation, { nextToken }) => {
    if (operation !== 'GetTraceSummaries' || nextToken === undefined || rejections-- <= 0) return;
    throw awsError('InvalidRequestException', 'Invalid NextToken', 400);
  };
  await harness.crawler.start();
  await harness.pacer.pass(10 * MINUTE);
  expect(rejections).toBeLessThanOrEqual(0);
  expect(harness.stored.size).toBe(30);
  expect(harness.status().warnings).toEqual([]);
});

test('a filter that AWS refuses keeps the checkpoint where it is', async () => {
  await using harness = await Harness.open({
    accounts: [{ ...ACCOUNT, filterExpression: 'annotation.env = ' }],
  });
  harness.region().interfere = (operation) => {
    if (operation === 'GetTraceSummaries') {
      throw awsError('InvalidRequestException', 'Cannot parse the filter expression', 400);
    }
  };
  await harness.crawler.start();
  await harness.pacer.pass(10 * MINUTE);
  expect(harness.status()).toMatchObject({
    state: 'failing',
    checkpoint: null,
    problem: { name: 'InvalidRequestException', message: 'Cannot parse the filter expression' },
  });
});

test('a store without room makes fetching wait, and nothing is lost', async () => {
  await using harness = await Harness.open();
  const aws = harness.region();
  for (let number = 1; number <= 40; number++) {
    const id = traceId(NOON, number);
    aws.traces.set(id, [{ at: NOON, documents: [segment(id, NOON)] }]);
  }
  const accept = harness.accept;
  harness.accept = async () => {
    throw new OverloadedError('the log is full', 5);
  };
  await harness.crawler.start();
  await harness.pacer.pass(10 * MINUTE);
  expect(harness.status().state).toBe('paused');
  expect(harness.status().calls['BatchGetTraces']).toBe(4);
  harness.accept = accept;
  await harness.pacer.pass(10 * MINUTE);
  expect(harness.status().state).toBe('running');
  expect(harness.written).toHaveLength(40);
});

test('a store that fails is shown as a problem, and its traces are stored later', async () => {
  await using harness = await Harness.open();
  const id = traceId(NOON, 1);
  harness.region().traces.set(id, [{ at: NOON, documents: [segment(id, NOON)] }]);
  const accept = harness.accept;
  harness.accept = async () => {
    throw new TypeError('the disk is on fire');
  };
  await harness.crawler.start();
  await harness.pacer.pass(10 * MINUTE);
  expect(harness.status()).toMatchObject({
    state: 'failing',
    problem: { name: 'TypeError', message: 'the disk is on fire', missing_action: null },
  });
  harness.accept = accept;
  await harness.pacer.pass(5 * MINUTE);
  expect(harness.status()).toMatchObject({ state: 'running', problem: null });
  expect([...harness.stored.keys()]).toEqual([id]);
});

test('what happens is counted for Prometheus', async () => {
  await using harness = await Harness.open();
  const id = traceId(NOON, 1);
  harness.region().traces.set(id, [{ at: NOON, documents: [segment(id, NOON)] }]);
  await harness.crawler.start();
  await harness.pacer.pass(10 * MINUTE);
  const text = await harness.registry.metrics();
  const where = 'account="111122223333",region="eu-west-1"';
  expect(text).toContain(`spanloom_xray_written_total{${where},kind="new"} 1`);
  expect(text).toContain(`spanloom_xray_fetch_traces_total{${where}} 1`);
  expect(text).toContain(`spanloom_xray_traces{${where},state="stable"} 1`);
  expect(text).toContain(`spanloom_xray_calls_total{${where},operation="BatchGetTraces"} 1`);
  expect(text).toContain(`spanloom_xray_trace_age_seconds_count{${where}} 1`);
  expect(Number(/spanloom_xray_lag_seconds\{.*\} (\d+)/.exec(text)?.[1])).toBeLessThan(90);
});

test('a malformed document is noted, and the others of its trace survive', async () => {
  await using harness = await Harness.open();
  const bad = traceId(NOON, 1);
  const good = traceId(NOON, 2);
  const sound = segment(bad, NOON);
  harness.region().traces.set(bad, [{ at: NOON, documents: [sound, '{"id": "00'] }]);
  harness.region().traces.set(good, [{ at: NOON, documents: [segment(good, NOON)] }]);
  harness.accept = async (record) => {
    const { documents } = JSON.parse(new TextDecoder().decode(record.body)) as {
      documents: string[];
    };
    for (const document of documents) {
      if (!document.endsWith('}')) throw new DecodeError('expected a segment', 0);
    }
    return { spans: documents.length } as never;
  };
  await harness.crawler.start();
  await harness.pacer.pass(HOUR);
  expect(harness.stored.get(bad)?.documents).toEqual([sound]);
  expect(harness.stored.has(good)).toBe(true);
  expect(harness.written).toHaveLength(2);
  expect(harness.status()).toMatchObject({ state: 'running' });
  expect(harness.status().warnings).toEqual([
    expect.stringMatching(
      `^Some documents are not JSON objects and show no spans \\(trace ${bad} was the first with one\\); the others of their traces are stored \\(once, at 2026-11-20T12:0\\d:\\d\\dZ\\)$`,
    ),
  ]);
  await harness.pacer.pass(24 * HOUR);
  expect(harness.status().warnings).toEqual([]);
});

test('a document that nests deeper than a stack is high is stored like any other', async () => {
  await using harness = await Harness.open();
  const aws = harness.region();
  const deep = '['.repeat(20_000) + ']'.repeat(20_000);
  for (let number = 1; number <= 5; number++) {
    const id = traceId(NOON, number);
    const text = segment(id, NOON);
    const documents = number === 3 ? [text.replace('{', `{"metadata":{"d":${deep}},`)] : [text];
    aws.traces.set(id, [{ at: NOON, documents }]);
  }
  await harness.crawler.start();
  await harness.pacer.pass(10 * MINUTE);
  expect(harness.stored.size).toBe(5);
  expect(harness.status()).toMatchObject({ problem: null, counts: { errors: 0 }, warnings: [] });
});

test('a trace that fails for a reason nobody thought of harms no other, is shown and tried again', async () => {
  await using harness = await Harness.open();
  const aws = harness.region();
  const fetched: (readonly string[])[] = [];
  const bad = traceId(NOON, 3);
  for (let number = 1; number <= 5; number++) {
    const id = traceId(NOON, number);
    aws.traces.set(id, [{ at: NOON, documents: [segment(id, NOON)] }]);
  }
  const fetch = aws.fetchTraces.bind(aws);
  let broken = true;
  aws.fetchTraces = async (ids) => {
    fetched.push(ids);
    const page = await fetch(ids);
    return {
      ...page,
      traces: page.traces.map((trace) =>
        trace.xrayId === bad && broken
          ? { ...trace, documents: [null as unknown as string] }
          : trace,
      ),
    };
  };
  await harness.crawler.start();
  await harness.pacer.pass(3 * HOUR);
  expect(harness.stored.size).toBe(4);
  const tries = fetched.filter((ids) => ids.includes(bad));
  expect(tries.slice(1).every((ids) => ids.length === 1)).toBe(true);
  expect(tries.length).toBeGreaterThan(5);
  expect(tries.length).toBeLessThan(12);
  expect(harness.status().warnings.join()).toContain(
    '1 trace could not be read for a reason of our own and is tried again',
  );
  broken = false;
  await harness.pacer.pass(HOUR);
  expect(harness.stored.size).toBe(5);
  expect(harness.status().warnings).toEqual([]);
});

test('a batch that fails as a whole for such a reason is tried again singly', async () => {
  await using harness = await Harness.open();
  const aws = harness.region();
  const bad = traceId(NOON, 3);
  for (let number = 1; number <= 5; number++) {
    const id = traceId(NOON, number);
    aws.traces.set(id, [{ at: NOON, documents: [segment(id, NOON)] }]);
  }
  const fetch = aws.fetchTraces.bind(aws);
  aws.fetchTraces = async (ids) => {
    const page = await fetch(ids);
    return ids.includes(bad) ? { ...page, traces: [null as never] } : page;
  };
  await harness.crawler.start();
  await harness.pacer.pass(10 * MINUTE);
  expect(harness.stored.size).toBe(4);
  expect(harness.status().warnings.join()).toContain('1 trace could not be read');
});

test('a trace from a source and a monitoring account is stored once', async () => {
  const monitor = { ...ACCOUNT, id: '444455556666', regions: ['eu-central-1'] };
  await using harness = await Harness.open({ accounts: [ACCOUNT, monitor] });
  const id = traceId(NOON, 1);
  for (const region of ['eu-west-1', 'eu-central-1']) {
    harness.region(region).traces.set(id, [{ at: NOON, documents: [segment(id, NOON)] }]);
  }
  await harness.crawler.start();
  await harness.pacer.pass(10 * MINUTE);
  expect(harness.written).toHaveLength(1);
  const all = harness.crawler.status();
  expect(all.map(({ counts }) => counts.duplicates > 0).filter(Boolean)).toHaveLength(1);
  expect(all.flatMap(({ warnings }) => warnings).join()).toContain(
    'read a monitoring account or its source accounts, not both',
  );
});

test('crawlNow() lists at once, and once', async () => {
  await using harness = await Harness.open({ accounts: [{ ...ACCOUNT, pollSeconds: 3600 }] });
  await harness.crawler.start();
  await harness.pacer.pass(20 * MINUTE);
  const listings = (): number =>
    harness.region().log.filter(({ operation }) => operation === 'GetTraceSummaries').length;
  const before = harness.status().checkpoint!;
  const calls = listings();
  harness.crawler.crawlNow();
  await harness.pacer.pass(2 * MINUTE);
  expect(Date.parse(harness.status().checkpoint!)).toBeGreaterThan(Date.parse(before));
  const after = listings();
  expect(after).toBeGreaterThan(calls);
  await harness.pacer.pass(5 * MINUTE);
  expect(listings()).toBe(after);
});

test('a disabled account is shown and never called', async () => {
  await using harness = await Harness.open({ accounts: [{ ...ACCOUNT, enabled: false }] });
  await harness.crawler.start();
  await harness.pacer.pass(HOUR);
  expect(harness.crawler.status()).toMatchObject([{ region: 'eu-west-1', state: 'disabled' }]);
  expect(harness.region().log).toEqual([]);
});

test('a partition that is not read is refused before any call', async () => {
  await expect(
    Harness.open({ accounts: [{ ...ACCOUNT, regions: ['us-gov-west-1'] }] }),
  ).rejects.toThrow('XRAY_PARTITION_UNSUPPORTED');
});

test('runOnce() reads everything up to now and returns', async () => {
  await using harness = await Harness.open();
  const aws = harness.region();
  for (let number = 1; number <= 12; number++) {
    const id = traceId(NOON - 5 * MINUTE, number);
    aws.traces.set(id, [{ at: NOON - 5 * MINUTE, documents: [segment(id, NOON - 5 * MINUTE)] }]);
  }
  let results: unknown;
  void harness.crawler.runOnce(new AbortController().signal).then((done) => (results = done));
  await harness.pacer.until(() => results !== undefined, 10 * MINUTE);
  expect(results).toMatchObject([{ problem: undefined, status: { counts: { written: 12 } } }]);
  expect(harness.pacer.now() - NOON).toBeLessThan(MINUTE);
});

test('runOnce() says what kept it from reading', async () => {
  await using harness = await Harness.open();
  harness.region().interfere = (operation) => {
    if (operation === 'GetTraceSummaries') throw awsError('AccessDeniedException', 'no', 403);
  };
  let results: unknown;
  void harness.crawler.runOnce(new AbortController().signal).then((done) => (results = done));
  await harness.pacer.until(() => results !== undefined, 10 * MINUTE);
  expect(results).toMatchObject([
    { problem: 'Cannot call GetTraceSummaries: AccessDeniedException: no' },
  ]);
});
