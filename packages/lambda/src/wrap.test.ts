import {
  apiGatewayV1Event,
  apiGatewayV2Event,
  dynamoDbEvent,
  eventBridgeInSnsEvent,
  eventBridgeInSqsEvent,
  functionUrlEvent,
  loadBalancerEvent,
  mskEvent,
  snsInSqsEvent,
  sqsEvent,
} from '@spanloom/local-lambda/events';
import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import { describe, expect, expectTypeOf, onTestFinished, test, vi } from 'vitest';
import { datadog } from './wrap.ts';
import { getTraceContext, getTraceHeaders } from './outbound/trace-headers.ts';
import { sendDistributionMetric } from './metrics/distribution.ts';
import { keepLog, lambdaContext, withEnvironment, type Written } from './testing/fake-lambda.ts';
import { tracer } from './tracer.ts';

const carrier = {
  'x-datadog-trace-id': '111',
  'x-datadog-parent-id': '222',
  'x-datadog-sampling-priority': '1',
};

async function traced(event: unknown, result: unknown = { statusCode: 200 }): Promise<Written> {
  const log = keepLog();
  await datadog(async (_event: unknown, _context: unknown) => result)(event, lambdaContext());
  return log;
}

async function orderOf(event: { readonly id: number }): Promise<string> {
  return `order ${event.id}`;
}

async function answerOne(_event: unknown, _context: unknown): Promise<number> {
  return 1;
}

function message(parent: string): { body: string; attributes: { _datadog: string } } {
  const headers = { ...carrier, 'x-datadog-parent-id': parent };
  return { body: 'b', attributes: { _datadog: JSON.stringify(headers) } };
}

describe('datadog()', () => {
  test('keeps the type, result and error of the handler, and does not wrap twice', async () => {
    keepLog();
    const wrapped = datadog(orderOf);
    expectTypeOf(wrapped).toEqualTypeOf<typeof orderOf>();
    expect(await wrapped({ id: 7 })).toBe('order 7');
    expect(datadog(wrapped)).toBe(wrapped);
    expect(datadog(wrapped, { forceWrap: true })).not.toBe(wrapped);
    const error = new RangeError('no');
    const failing = datadog(async () => {
      throw error;
    });
    await expect(failing()).rejects.toBe(error);
  });

  test('keeps the marks of the runtime (D18)', () => {
    const streaming = Symbol.for('aws.lambda.runtime.handler.streaming');
    const mark = Symbol.for('aws.lambda.runtime.handler.streaming.highWaterMark');
    const marks: Record<symbol, unknown> = { [streaming]: 'response', [mark]: 99 };
    const handler = Object.assign(async () => 1, marks);
    const wrapped = datadog(handler);
    expect([wrapped[streaming], wrapped[mark], wrapped.length]).toEqual(['response', 99, 0]);
  });

  const shapes: unknown[] = [
    null,
    undefined,
    '',
    'text',
    0,
    false,
    [],
    [{}],
    {},
    [null],
    { headers: 'text' },
    { headers: [] },
    { headers: null, multiValueHeaders: null },
    { Records: {} },
    { Records: [null] },
    { Records: [] },
    { requestContext: null },
    { requestContext: { stage: 1 }, httpMethod: 1, resource: 1 },
    { info: null },
    { Payload: null },
    { _datadog: null },
    { version: '2.0', rawQueryString: '', requestContext: {} },
    { requestContext: { elb: true } },
    { requestContext: { messageDirection: 'IN' } },
    { awslogs: { data: 'x' } },
    { awslogs: true },
    { 'detail-type': '' },
    { 'detail-type': 1, detail: 'text' },
    { 'detail-type': 'T', detail: null, source: 5, time: 5 },
    { Records: [{ eventSource: 'aws:sqs', body: 5 }] },
    { Records: [{ eventSource: 'aws:sqs', body: '{"TopicArn":1,"Timestamp":{}}' }] },
    { Records: [{ Sns: null }] },
    { Records: [{ Sns: 5 }] },
    { Records: [{ Sns: { MessageAttributes: 'x' } }] },
    { Records: [{ kinesis: null }] },
    { Records: [{ kinesis: { data: 5 } }] },
    { Records: [{ s3: {} }] },
    { Records: [{ s3: 1 }] },
    { Records: [{ dynamodb: {} }] },
    { Records: [{ dynamodb: { Keys: 5 } }] },
    { Records: [{ cf: {} }] },
    { eventSource: 'aws:kafka', records: null },
    { eventSource: 'aws:kafka', records: { a: [null] } },
    { eventSource: 'aws:kafka', records: { a: [{ headers: [null, { x: 5 }] }] } },
    { DurableExecutionArn: 'x' },
    {
      DurableExecutionArn: 'a/durable-execution/b/c',
      InitialExecutionState: { Operations: [null] },
    },
    { Execution: 1, State: 2, StateMachine: 3 },
    { Execution: {}, State: {}, StateMachine: {} },
  ];

  test.each(shapes.map((shape) => [JSON.stringify(shape) ?? 'undefined', shape]))(
    'takes the event %s as it takes any',
    async (_, shape) => {
      const log = keepLog();
      const seen: unknown[] = [];
      const handler = datadog(async (event: unknown, _context: unknown) => {
        seen.push(event);
        return 1;
      });
      expect(await handler(shape, lambdaContext({ awsRequestId: 'own' }))).toBe(1);
      expect(seen).toEqual([shape]);
      expect(log.span('aws.lambda').meta['request_id']).toBe('own');
      expect(log.metrics().map((one) => one.m)).toEqual(['aws.lambda.enhanced.invocations']);
    },
  );

  test('nothing of one invocation reaches the next, not even after an event of null (D1)', async () => {
    const log = keepLog();
    const handler = datadog(async (_event: unknown, _context: unknown) => null);
    await handler(
      apiGatewayV1Event({ headers: carrier }),
      lambdaContext({ awsRequestId: 'first' }),
    );
    await handler(null, lambdaContext({ awsRequestId: 'second' }));
    const second = log.spans().filter((span) => span.meta['request_id'] === 'second');
    expect(second.length).toBe(1);
    expect(second[0]).toMatchObject({ name: 'aws.lambda', parent_id: '0000000000000000' });
    expect(second[0]?.trace_id).not.toBe('000000000000006f');
    expect(Object.keys(second[0]?.meta ?? {}).filter((key) => key.startsWith('http.'))).toEqual([]);
  });

  test('invocations at the same time stay apart', async () => {
    const log = keepLog();
    const handler = datadog(async (event: { body: string }, _context: unknown) => {
      const before = getTraceHeaders()['x-datadog-trace-id'];
      await new Promise((resolve) => setTimeout(resolve, Math.random() * 20));
      console.log(`line of ${event.body}`);
      return tracer.trace('work', async () => {
        await new Promise((resolve) => setTimeout(resolve, Math.random() * 20));
        return [before, getTraceHeaders()['x-datadog-trace-id']];
      });
    });
    const answers = await Promise.all(
      Array.from({ length: 20 }, (_, i) => {
        const headers = { ...carrier, 'x-datadog-trace-id': String(1000 + i) };
        const event =
          i % 2 === 0
            ? apiGatewayV1Event({ headers, body: `${i}` })
            : functionUrlEvent({ headers, body: `${i}` });
        return handler(event as never, lambdaContext({ awsRequestId: `r${i}` }));
      }),
    );
    for (const [i, answer] of answers.entries()) {
      expect(answer).toEqual([String(1000 + i), String(1000 + i)]);
      const own = log.spans().filter((span) => Number.parseInt(span.trace_id, 16) === 1000 + i);
      expect(own.map((span) => span.name)).toEqual([
        i % 2 === 0 ? 'aws.apigateway' : 'aws.lambda.url',
        'aws.lambda',
        'work',
      ]);
      expect(own[1]?.meta['request_id']).toBe(`r${i}`);
      expect(own[2]?.parent_id).toBe(own[1]?.span_id);
    }
  });
});

describe('the trace', () => {
  test('of an HTTP request goes on below the API, with priority on every span', async () => {
    const log = await traced(
      apiGatewayV2Event({
        method: 'GET',
        path: '/orders/7',
        route: '/orders/{id}',
        headers: carrier,
      }),
    );
    const api = log.span('aws.httpapi');
    const fn = log.span('aws.lambda');
    expect(api).toMatchObject({
      trace_id: '000000000000006f',
      parent_id: '00000000000000de',
      resource: 'GET /orders/{id}',
      type: 'web',
    });
    expect(fn).toMatchObject({
      parent_id: api.span_id,
      resource: 'Orders',
      service: 'Orders',
      type: 'serverless',
    });
    expect(fn.meta).toMatchObject({
      'http.method': 'GET',
      'http.status_code': '200',
      'http.route': '/orders/{id}',
      'function_trigger.event_source': 'api-gateway',
      functionname: 'orders',
    });
    expect(log.spans().map((span) => span.metrics['_sampling_priority_v1'])).toEqual([1, 1]);
  });

  test.each([
    [
      'SNS in SQS',
      snsInSqsEvent([{ message: 'm', attributes: { _datadog: JSON.stringify(carrier) } }]),
      ['aws.sns', 'aws.sqs', 'aws.lambda'],
    ],
    [
      'a bus in SQS',
      eventBridgeInSqsEvent([{ source: 's', detail: { _datadog: carrier } }] as never),
      ['aws.eventbridge', 'aws.sqs', 'aws.lambda'],
    ],
    [
      'a bus in SNS',
      eventBridgeInSnsEvent({ source: 's', detail: { _datadog: carrier } }),
      ['aws.eventbridge', 'aws.sns', 'aws.lambda'],
    ],
    [
      'Kafka',
      mskEvent([
        { topic: 't', value: 'v' },
        { topic: 't', value: 'v', headers: carrier },
      ]),
      ['aws.msk', 'aws.lambda'],
    ],
    [
      'a load balancer',
      loadBalancerEvent({ headers: carrier, multiValue: true }),
      ['aws.alb', 'aws.lambda'],
    ],
  ])('of %s has a span for each service on the way', async (_, event, names) => {
    const log = await traced(event);
    const spans = log.spans();
    expect(spans.map((span) => span.name)).toEqual(names);
    let parent = '00000000000000de';
    for (const span of spans) {
      expect(span).toMatchObject({ trace_id: '000000000000006f', parent_id: parent });
      expect(span.duration).toBeGreaterThan(0);
      parent = span.span_id;
    }
  });

  test('of a batch has the first record for parent and links to the others', async () => {
    const log = await traced(
      sqsEvent([message('222'), message('222'), message('333'), message('444')]),
    );
    const links = JSON.parse(log.span('aws.lambda').meta['_dd.span_links'] ?? '[]') as {
      span_id: string;
      attributes: object;
    }[];
    expect(links.map((link) => [link.span_id, link.attributes])).toEqual([
      ['000000000000014d', { 'messaging.batch.index': '2' }],
      ['00000000000001bc', { 'messaging.batch.index': '3' }],
    ]);
  });

  test('of a stream of items points to who wrote them', async () => {
    const log = await traced(
      dynamoDbEvent([{ kind: 'INSERT', keys: { 'some-key': { S: 'some-value' } } }], {
        table: 'some-table',
      }),
    );
    expect(log.span('aws.dynamodb').meta['_dd.span_links']).toContain(
      '"ptr.hash":"7f1aee721472bcb48701d45c7c7f7821"',
    );
  });

  test('goes on with X-Ray only if asked to', async () => {
    withEnvironment({
      _X_AMZN_TRACE_ID:
        'Root=1-5e272390-8c398be037738dc042009320;Parent=94ae789b969f1cc5;Sampled=1',
    });
    const apart = await traced({});
    expect(apart.span('aws.lambda')).toMatchObject({ parent_id: '0000000000000000' });
    withEnvironment({ DD_MERGE_XRAY_TRACES: 'true' });
    const log = await traced({});
    const merged = log.spans().at(-1);
    expect(merged).toMatchObject({ trace_id: '37738dc042009320', parent_id: '94ae789b969f1cc5' });
    expect(merged?.meta['_dd.parent_source']).toBe('xray');
  });

  test('does not begin in the future or weeks ago', async () => {
    const log = await traced(sqsEvent([{ body: 'b' }], { epochMs: Date.now() + 60_000 }));
    expect(log.span('aws.sqs').metrics['_inferred_span.clamped']).toBe(1);
    expect(log.span('aws.sqs').start).toBeLessThan((Date.now() + 2) * 1e6);
  });

  test('is known to the custom extractor first, and survives its failure', async () => {
    const log = keepLog();
    const own = { traceId: '5', parentId: '6', sampleMode: 2 };
    const event = apiGatewayV1Event({ headers: carrier });
    await datadog(answerOne, { traceExtractor: async () => own })(event, lambdaContext());
    expect(log.span('aws.apigateway')).toMatchObject({
      trace_id: '0000000000000005',
      parent_id: '0000000000000006',
    });
    const second = await (async () => {
      const other = keepLog();
      await datadog(answerOne, {
        traceExtractor: () => {
          throw new Error('broken');
        },
      })(event, lambdaContext());
      return other;
    })();
    expect(second.spans()[0]?.trace_id).toBe('000000000000006f');
  });

  test('passes through an authorizer', async () => {
    const authorizer = datadog(
      async (_event: unknown, _context: unknown): Promise<Record<string, unknown>> => ({
        principalId: 'p',
        policyDocument: {},
        context: { own: 1 },
      }),
    );
    const log = keepLog();
    const request = apiGatewayV1Event({ headers: carrier });
    const answer = (await authorizer(request, lambdaContext())) as {
      context: { _datadog: string; own: number };
    };
    expect(answer.context.own).toBe(1);
    const backend = apiGatewayV1Event() as { requestContext: Record<string, unknown> };
    backend.requestContext['authorizer'] = {
      _datadog: answer.context['_datadog'],
      integrationLatency: 30,
    };
    await datadog(async (_event: unknown, _context: unknown) => ({ statusCode: 200 }))(
      backend,
      lambdaContext(),
    );
    const spans = log.spans().slice(2);
    expect(spans.map((span) => [span.name, span.trace_id])).toEqual([
      ['aws.apigateway.authorizer', '000000000000006f'],
      ['aws.apigateway', '000000000000006f'],
      ['aws.lambda', '000000000000006f'],
    ]);
    expect(spans[1]?.parent_id).toBe(spans[0]?.span_id);
    expect(spans[0]?.parent_id).toBe(log.spans()[0]?.span_id);
  });

  test('is kept out, but its ids are passed on, where tracing is off (D30)', async () => {
    withEnvironment({ DD_TRACE_ENABLED: 'false' });
    const log = keepLog();
    const handler = datadog(async (_event: unknown, _context: unknown) => getTraceHeaders());
    expect(await handler(apiGatewayV1Event({ headers: carrier }), lambdaContext())).toEqual(
      carrier,
    );
    expect(log.spans()).toEqual([]);
  });
});

describe('failures', () => {
  test('are counted once, whether thrown or answered (D6)', async () => {
    const log = keepLog();
    const http = loadBalancerEvent();
    const throwing = datadog(async (_event: unknown, _context: unknown): Promise<void> => {
      throw new TypeError('no');
    });
    await expect(throwing(http, lambdaContext())).rejects.toThrow('no');
    await datadog(async (_event: unknown, _context: unknown) => ({ statusCode: 503 }))(
      http,
      lambdaContext(),
    );
    expect(log.metrics().filter((one) => one.m === 'aws.lambda.enhanced.errors').length).toBe(2);
    const [albOfThrow, thrown, alb, answered] = log.spans();
    expect(thrown?.meta).toMatchObject({
      'error.type': 'TypeError',
      'error.message': 'no',
      'http.status_code': '502',
    });
    expect([albOfThrow?.error, thrown?.error, alb?.error, answered?.error]).toEqual([1, 1, 1, 1]);
    expect(answered?.meta['http.status_code']).toBe('503');
  });

  test('of single records are counted', async () => {
    const log = await traced(sqsEvent([{ body: 'a' }, { body: 'b' }]), {
      batchItemFailures: [{ itemIdentifier: 'a' }],
    });
    expect(
      log.metrics().find((one) => one.m === 'aws.lambda.enhanced.batch_item_failures')?.v,
    ).toBe(1);
    expect(log.span('aws.lambda').metrics).toMatchObject({ batch_item_failures: 1, batch_size: 2 });
  });

  test('by time leave a trace with what was open', async () => {
    const log = keepLog();
    const handler = datadog(async (_event: unknown, _context: unknown) => {
      await tracer.trace('slow', () => new Promise((resolve) => setTimeout(resolve, 250)));
    });
    const running = handler(
      apiGatewayV1Event({ headers: carrier }),
      lambdaContext({ getRemainingTimeInMillis: () => 180 }),
    );
    await new Promise((resolve) => setTimeout(resolve, 130));
    for (const name of ['aws.lambda', 'slow']) {
      expect(log.span(name)).toMatchObject({
        error: 1,
        meta: {
          'error.type': 'Impending Timeout',
          'error.message': 'Datadog detected an impending timeout',
        },
      });
    }
    await running;
    expect(log.spans().length).toBe(3);
  });
});

describe('metrics', () => {
  test('of the function itself have the shape of a log line', async () => {
    const log = await traced({});
    const line = log.lines.find((one) => one.includes('enhanced.invocations')) ?? '';
    expect(line).toMatch(/^\{"e":\d+,"m":"aws\.lambda\.enhanced\.invocations","t":\[.*\],"v":1\}$/);
    expect(log.metrics()[0]?.t).toEqual(
      expect.arrayContaining([
        'region:eu-west-1',
        'account_id:123456789012',
        'functionname:Orders',
        'resource:Orders',
        'memorysize:128',
      ]),
    );
  });

  test('go into the log if wanted, also those recorded between invocations', async () => {
    withEnvironment({ DD_FLUSH_TO_LOG: 'true', DD_TAGS: 'team:a:b', DD_ENV: 'prod' });
    const log = keepLog();
    sendDistributionMetric('early', 1, 'k:v');
    await datadog(async (_event: unknown, _context: unknown) =>
      sendDistributionMetric('own.count', 2.5, 'k:v', ''),
    )({}, lambdaContext());
    const own = log.metrics().filter((one) => !one.m.startsWith('aws.'));
    expect(own.map((one) => [one.m, one.v])).toEqual([
      ['early', 1],
      ['own.count', 2.5],
    ]);
    expect(own[1]?.t).toEqual([
      'k:v',
      `dd_lambda_layer:datadog-node${process.version}`,
      'team:a:b',
      'env:prod',
    ]);
  });
});

test('application security hears of requests and answers', async () => {
  const heard: Record<string, unknown>[] = [];
  const listen = (said: unknown): number => heard.push(said as Record<string, unknown>);
  for (const name of ['start', 'end']) {
    subscribe(`datadog:lambda:${name}-invocation`, listen);
    onTestFinished(() => void unsubscribe(`datadog:lambda:${name}-invocation`, listen));
  }
  withEnvironment({ DD_APPSEC_ENABLED: '1' });
  const request = {
    method: 'POST',
    path: '/x',
    headers: { Cookie: 'a=b; c=d', 'X-Own': '1' },
    body: { q: 1 },
  };
  await traced(apiGatewayV2Event(request), { statusCode: 403, headers: { 'X-Out': 'o' } });
  expect(heard).toMatchObject([
    {
      method: 'POST',
      path: '/x',
      headers: { 'x-own': '1' },
      body: { q: 1 },
      cookies: { a: 'b', c: 'd' },
    },
    { statusCode: '403', responseHeaders: { 'x-out': 'o' } },
  ]);
  await traced({ 'detail-type': 'T' });
  expect(heard.length).toBe(2);
});

test('a sampling rule decides by the first span', async () => {
  vi.resetModules();
  withEnvironment({
    DD_TRACE_SAMPLING_RULES:
      '[{"name":"aws.lambda.*","sample_rate":1},{"resource":"ord?rs","sample_rate":0}]',
  });
  const fresh = await import('./wrap.ts');
  const log = keepLog();
  await fresh.datadog(async (_event: unknown, _context: unknown) => 1)({}, lambdaContext());
  expect(log.span('aws.lambda').metrics).toMatchObject({
    _sampling_priority_v1: -1,
    '_dd.rule_psr': 0,
  });
  const other = await (async () => {
    const second = keepLog();
    await fresh.datadog(async (_event: unknown, _context: unknown) => 1)(
      functionUrlEvent(),
      lambdaContext(),
    );
    return second;
  })();
  expect(other.span('aws.lambda.url')).toMatchObject({
    metrics: { _sampling_priority_v1: 2, '_dd.rule_psr': 1 },
    meta: { '_dd.p.dm': '-3' },
  });
});

test('getTraceContext() has every style, and is empty outside an invocation', async () => {
  keepLog();
  expect(getTraceContext()).toEqual({});
  const inside = await datadog(async (_event: unknown, _context: unknown) => getTraceContext())(
    apiGatewayV1Event({ headers: carrier }),
    lambdaContext(),
  );
  expect(inside).toMatchObject({
    'x-datadog-trace-id': '111',
    'x-datadog-origin': 'lambda',
    traceparent: expect.stringMatching(/^00-0{30}6f-[\da-f]{16}-01$/) as string,
  });
});

test('a result that fights back is answered all the same', async () => {
  keepLog();
  const hostile = new Proxy(
    {},
    {
      get(_, key) {
        if (key === 'then') return undefined;
        throw new Error('hands off');
      },
    },
  );
  const handler = datadog(async (_event: unknown, _context: unknown) => hostile);
  expect(await handler(functionUrlEvent(), lambdaContext())).toBe(hostile);
});
