import type { Span } from '@spanloom/model';
import { describe, expect, test } from 'vitest';
import { decodeBody, fixture, segment, subsegment } from './segment-samples.test.support.ts';
import { decodeTrace, lone } from './segment-traces.test.support.ts';

const ARN = 'arn:aws:lambda:eu-west-1:111122223333:function:Orders-API';

/** The segment that Lambda's own side records of an invocation. */
function service(fields: Record<string, unknown> = {}): Record<string, unknown> {
  return segment({
    id: 'aaaa000000000001',
    name: 'Orders-API',
    origin: 'AWS::Lambda',
    resource_arn: ARN,
    aws: { request_id: 'r-1' },
    ...fields,
  });
}

/** The segment of the function itself, in the layout without ARN. */
function instance(fields: Record<string, unknown> = {}): Record<string, unknown> {
  return segment({
    id: 'bbbb000000000001',
    parent_id: 'aaaa000000000001',
    name: 'Orders-API',
    origin: 'AWS::Lambda::Function',
    aws: { 'lambda.name': 'Orders-API', 'xray.origin': 'AWS::Lambda::Function' },
    ...fields,
  });
}

function phase(name: string, fields: Record<string, unknown> = {}): Record<string, unknown> {
  return subsegment({ id: 'cccc000000000001', name, ...fields });
}

function named(spans: readonly Span[], name: string): Span {
  return spans.find((span) => span.name === name)!;
}

describe('what Lambda knows of a function', () => {
  const facts = {
    function_arn: 'arn:aws:lambda:eu-west-1:111122223333:function:orders-api',
    functionname: 'orders-api',
    function_version: '$LATEST',
    region: 'eu-west-1',
    aws_account: '111122223333',
    cold_start: 'true',
    '_dd.origin': 'lambda',
  };

  test('stands on both segments and on each phase, in lower case', () => {
    const { spans } = decodeTrace([
      service(),
      instance({
        subsegments: [phase('Initialization'), phase('Overhead', { id: 'cccc000000000002' })],
      }),
    ]);
    expect(spans).toHaveLength(4);
    for (const span of spans) expect(span.meta).toMatchObject(facts);
    expect(new Set(spans.map(({ functionName }) => functionName))).toEqual(new Set(['orders-api']));
  });

  test('does not stand on what the program did', () => {
    const call = phase('Lambda', {
      namespace: 'aws',
      aws: { operation: 'Invoke', function_name: 'mailer:live' },
    });
    const { spans } = decodeTrace([service(), instance({ subsegments: [call] })]);
    const span = named(spans, 'aws.request');
    expect(span.meta).toMatchObject({ functionname: 'mailer' });
    expect(span.resource).toBe('Invoke mailer');
    expect(span.meta).not.toHaveProperty('cold_start');
    expect(span.meta).not.toHaveProperty('function_arn');
  });

  test('comes from the other segment of the invocation, whichever came first', () => {
    for (const documents of [
      [service(), instance()],
      [instance(), service()],
    ]) {
      const span = named(decodeTrace(documents).spans, 'aws.lambda.function');
      expect(span.meta).toMatchObject({ ...facts, cold_start: 'false' });
    }
  });

  test('is composed of where the trace was fetched when nobody states an ARN', () => {
    const [span] = decodeTrace([instance()]).spans;
    expect(span!.meta).toMatchObject({ ...facts, cold_start: 'false' });
    const [china] = decodeTrace([instance()], { region: 'cn-north-1' }).spans;
    expect(china!.meta['function_arn']).toBe(
      'arn:aws-cn:lambda:cn-north-1:111122223333:function:orders-api',
    );
  });

  test('is composed of the account that the segment states, in a trace of several accounts', () => {
    const [span] = decodeTrace([instance({ aws: { account_id: '444455556666' } })]).spans;
    expect(span!.meta).toMatchObject({
      function_arn: 'arn:aws:lambda:eu-west-1:444455556666:function:orders-api',
      aws_account: '444455556666',
      'xray.account': '111122223333',
    });
  });

  test('is the name alone when nobody knows where', () => {
    const [span] = decodeTrace([instance()], { account: '' }).spans;
    expect(span!.meta['functionname']).toBe('orders-api');
    expect(span!.meta).not.toHaveProperty('function_arn');
    expect(span!.meta).not.toHaveProperty('function_version');
  });

  test('includes the version or alias called', () => {
    const [span] = decodeTrace([service({ resource_arn: `${ARN}:live` })]).spans;
    const { cold_start: _, ...others } = facts;
    expect(span!.meta).toMatchObject({ ...others, function_version: 'live' });
    expect(span!.meta).not.toHaveProperty('cold_start');
  });
});

describe('the request', () => {
  test('of the only invocation stands on both segments', () => {
    const { spans } = decodeTrace([service(), instance({ subsegments: [phase('Overhead')] })]);
    expect(spans.map(({ meta }) => meta['request_id'])).toEqual(['r-1', 'r-1', undefined]);
  });

  test('of several invocations stands on the segment that states it', () => {
    const { spans } = decodeTrace([service(), instance(), instance({ id: 'bbbb000000000002' })]);
    expect(spans.map(({ meta }) => meta['request_id'])).toEqual(['r-1', undefined, undefined]);
    expect(spans[0]!.meta).not.toHaveProperty('cold_start');
    expect(spans[1]!.meta['cold_start']).toBe('false');
  });

  test('of another invocation of the same function is not mixed in', () => {
    const { spans } = decodeTrace([
      service(),
      instance({ subsegments: [phase('Initialization')] }),
      service({ id: 'aaaa000000000002', aws: { request_id: 'r-2' } }),
      instance({ id: 'bbbb000000000002', parent_id: 'aaaa000000000002' }),
    ]);
    expect(spans.map(({ name, meta }) => [name, meta['request_id'], meta['cold_start']])).toEqual([
      ['aws.lambda', 'r-1', 'true'],
      ['aws.lambda.function', 'r-1', 'true'],
      ['Initialization', undefined, 'true'],
      ['aws.lambda', 'r-2', 'false'],
      ['aws.lambda.function', 'r-2', 'false'],
    ]);
  });
});

test('a function that X-Ray inferred knows of no invocation', () => {
  const { spans } = decodeTrace([service({ inferred: true }), instance({ parent_id: undefined })]);
  expect(spans.map(({ name, meta }) => [name, meta['request_id'], meta['_dd.origin']])).toEqual([
    ['aws.lambda', undefined, undefined],
    ['aws.lambda.function', undefined, 'lambda'],
  ]);
});

describe('an asynchronous invocation', () => {
  const asynchronous = JSON.parse(fixture('lambda-asynchronous').toString('utf8')) as {
    trace_id: string;
  };
  const attempts = ['c2d3e4f506172839', 'd3e4f5061728394a'].map((parent_id, index) =>
    segment({
      id: `bbbb00000000000${index}`,
      trace_id: asynchronous.trace_id,
      parent_id,
      name: 'mailer',
      origin: 'AWS::Lambda::Function',
    }),
  );

  test('has attempts after its segment has ended, and a function below each', () => {
    const { spans } = decodeTrace([asynchronous, ...attempts], { trace_id: asynchronous.trace_id });
    const [root] = spans;
    expect(root!.duration).toBe(31_000_000);
    const second = named(spans, 'Attempt_2');
    expect(second.start > root!.start + BigInt(root!.duration)).toBe(true);
    expect(second.duration).toBe(500_000_000);
    expect(second.parentId).toBe(root!.spanId);
    const functions = spans.filter(({ name }) => name === 'aws.lambda.function');
    expect(functions.map(({ parentId }) => parentId)).toEqual([
      0xc2d3e4f506172839n,
      0xd3e4f5061728394an,
    ]);
    // One request came in, whatever became of it.
    expect(spans.filter(({ flags }) => (flags & 1) !== 0)).toEqual([root]);
    expect(functions.map(({ meta }) => meta['request_id'])).toEqual([undefined, undefined]);
    expect(functions.map(({ meta }) => meta['function_arn'])).toEqual([
      'arn:aws:lambda:eu-west-1:111122223333:function:mailer',
      'arn:aws:lambda:eu-west-1:111122223333:function:mailer',
    ]);
  });

  test('fails in the attempt that failed', () => {
    const { spans } = decodeBody(fixture('lambda-asynchronous'));
    expect(spans.map(({ name, error }) => [name, error])).toEqual([
      ['aws.lambda', false],
      ['Dwell_Time', false],
      ['Attempt_1', true],
      ['Attempt_2', false],
    ]);
  });
});

const initialisedUntil = (end_time: number): Span[] =>
  decodeTrace([
    instance({
      start_time: 1727177156.25,
      subsegments: [phase('Initialization', { start_time: end_time - 0.5, end_time })],
    }),
  ]).spans;

describe('phases', () => {
  test.each(['Initialization', 'Init', 'INIT', 'Restore', 'restore'])(
    '%s is a cold start',
    (name) => {
      const { spans } = decodeTrace([instance({ subsegments: [phase(name)] })]);
      expect(spans[0]!.meta['cold_start']).toBe('true');
      expect(spans[0]!.meta).not.toHaveProperty('proactive_initialization');
      expect(spans[1]).toMatchObject({
        name,
        resource: 'Orders-API',
        type: 'serverless',
        kind: 'internal',
      });
    },
  );

  test('an instance made ready within ten seconds before was made ready for this request', () => {
    expect(initialisedUntil(1727177146.25)[0]!.meta).not.toHaveProperty('proactive_initialization');
    const [early, init] = initialisedUntil(1727177146.249);
    expect(early!.meta).toMatchObject({ cold_start: 'true', proactive_initialization: 'true' });
    expect(init!.meta['xray.init.detached']).toBe('true');
    expect(init!.duration).toBe(500_000_000);
    expect(early!.start).toBe(1_727_177_156_250_000_000n);
  });

  test('one that came by itself is told by the segment it belongs to', () => {
    const { spans } = decodeTrace([
      lone({ name: 'Overhead', parent_id: 'bbbb000000000001' }),
      instance(),
    ]);
    expect(spans[0]).toMatchObject({
      name: 'Overhead',
      resource: 'Orders-API',
      service: 'orders-api',
    });
    expect(spans[0]!.meta['functionname']).toBe('orders-api');
  });

  test('work of a program that is called like one is no phase', () => {
    const { spans } = decodeTrace([segment({ subsegments: [subsegment({ name: 'Invocation' })] })]);
    expect(spans[1]).toMatchObject({ name: 'xray.subsegment', resource: 'Invocation' });
    expect(spans[1]!.meta).not.toHaveProperty('_dd.origin');
  });
});

describe('service and environment', () => {
  test('that the program states are those of both segments', () => {
    const inner = phase('## index.handler', { annotations: { Service: 'orders', env: 'prod' } });
    const { spans } = decodeTrace([service(), instance({ subsegments: [inner] })]);
    expect(spans.map(({ service: name, env }) => [name, env])).toEqual([
      ['orders', 'prod'],
      ['orders', 'prod'],
      ['orders', 'prod'],
    ]);
    // Counted where it came in, once.
    expect(spans.map(({ flags }) => flags)).toEqual([1, 0, 0]);
  });

  test('of the newer layout stand in flat metadata', () => {
    const { spans } = decodeBody(fixture('lambda-newer-layout'));
    expect(spans[0]!.service).toBe('orders-api');
    expect(spans[0]!.meta).toMatchObject({
      'aws.lambda.name': 'orders-api',
      'aws:span.name': 'orders-api/LambdaExecutionEnvironment',
      'xray.metadata.faas.name': 'orders-api',
    });
    expect(spans[0]!.metrics).toMatchObject({
      'aws:responseLatency': 500.12,
      'aws:responseDuration': 0.09,
    });
  });
});

describe('failures', () => {
  test('a request that was throttled ends at Lambda', () => {
    const { spans } = decodeTrace([
      service({ throttle: true, http: { response: { status: 429 } } }),
    ]);
    expect(spans).toHaveLength(1);
    expect(spans[0]).toMatchObject({ name: 'aws.lambda', error: true });
    expect(spans[0]!.meta).toMatchObject({ 'xray.throttle': 'true', 'http.status_code': '429' });
  });

  test('a function that ran out of time has failed without an exception', () => {
    const { spans } = decodeTrace(
      [service(), instance({ fault: true, end_time: undefined, in_progress: true })],
      { state: 'stalled' },
    );
    expect(spans[1]).toMatchObject({ error: true, duration: 0, flags: 8 });
    expect(spans[1]!.meta).toMatchObject({ 'xray.fault': 'true', 'xray.incomplete': 'true' });
    expect(spans[1]!.meta).not.toHaveProperty('error.type');
  });

  test('a handler that threw has failed with its exception', () => {
    const cause = { exceptions: [{ id: 'e000000000000001', type: 'Error', message: 'no stock' }] };
    const { spans } = decodeTrace([service(), instance({ fault: true, cause })]);
    expect(spans.map(({ error }) => error)).toEqual([false, true]);
    expect(spans[1]!.meta).toMatchObject({ 'error.type': 'Error', 'error.message': 'no stock' });
  });
});
