// The library in a real function: runtime, freeze, time limit and all.
import { createSocket } from 'node:dgram';
import { parseHttpIntegration } from '@spanloom/local-lambda';
import { apiGatewayV2Event, functionUrlEvent, sqsEvent } from '@spanloom/local-lambda/events';
import { describe, expect, onTestFinished, test } from 'vitest';
import { startAgent } from './testing/agent.ts';
import { testFunction } from './testing/function.ts';

const headers = {
  'x-datadog-trace-id': '111',
  'x-datadog-parent-id': '222',
  'x-datadog-sampling-priority': '1',
};
const traceHeader = 'Root=1-66aa0011-1234567890abcdef12345678;Parent=00f1e2d3c4b5a697;Sampled=1';
const redirect = 'node_modules/@spanloom/lambda/dist/handler.handler';

describe('redirect without a change of code', () => {
  test.each<[string, Record<string, string>, string]>([
    [
      'CommonJS',
      { 'src/app.js': 'exports.handler = async (e) => ({ statusCode: 201, id: e.body });' },
      'src/app.handler',
    ],
    [
      'an ES module',
      {
        'app.mjs':
          'await null; export const api = { go: async (e) => ({ statusCode: 201, id: e.body }) };',
      },
      'app.api.go',
    ],
    [
      'a package of type module',
      {
        'package.json': '{"type":"module"}',
        'app.js': 'export const handler = async (e) => ({ statusCode: 201, id: e.body });',
      },
      'app.handler',
    ],
    [
      'a callback',
      {
        'app.cjs':
          'exports.handler = (e, c, done) => setTimeout(() => done(null, { statusCode: 201, id: e.body }), 5);',
      },
      'app.handler',
    ],
  ])('%s', async (_, files, handler) => {
    const fn = await testFunction(files, {
      handler: redirect,
      environment: { DD_LAMBDA_HANDLER: handler, DD_SERVICE: 'shop' },
    });
    const result = await fn.local.invoke(apiGatewayV2Event({ path: '/x', headers, body: '7' }));
    expect(result.payload).toEqual({ statusCode: 201, id: '7' });
    const [api, lambda] = fn.spans();
    expect(api).toMatchObject({
      name: 'aws.httpapi',
      trace_id: '000000000000006f',
      parent_id: '00000000000000de',
    });
    expect(lambda).toMatchObject({ name: 'aws.lambda', service: 'shop', parent_id: api?.span_id });
    expect(lambda?.meta).toMatchObject({ cold_start: 'true', 'http.status_code': '201' });
  });

  test.each([
    ['is missing', {}, 'app.handler', 'Runtime.ImportModuleError'],
    ['is no JavaScript', { 'app.js': 'const x = ;' }, 'app.handler', 'Runtime.UserCodeSyntaxError'],
    [
      'exports something else',
      { 'app.js': 'exports.other = 1;' },
      'app.handler',
      'Runtime.HandlerNotFound',
    ],
    ['is badly named', {}, '../app.handler', 'Runtime.MalformedHandlerName'],
    ['throws', { 'app.js': "throw new RangeError('at load');" }, 'app.handler', 'RangeError'],
  ])('a handler that %s is reported once', async (_, files, handler, errorType) => {
    const fn = await testFunction(files, {
      handler: redirect,
      environment: { DD_LAMBDA_HANDLER: handler },
    });
    const result = await fn.local.invoke({});
    expect(result.payload).toMatchObject({ errorType });
    const span = fn.spans()[0];
    expect(span).toMatchObject({
      name: 'aws.lambda',
      resource: handler,
      error: 1,
      metrics: { 'error.status': 500 },
    });
    expect(span?.meta['error.type']).toBe(errorType);
    expect(fn.lines.find((line) => line.includes('enhanced.errors'))).toContain(
      '"init_error:true"',
    );
  });

  test('the extractor that a variable names is loaded too', async () => {
    const fn = await testFunction(
      {
        'app.mjs': 'export const handler = async () => 1;',
        'own.cjs': 'exports.find = (e) => ({ traceId: e.t, parentId: "9" });',
      },
      {
        handler: redirect,
        environment: { DD_LAMBDA_HANDLER: 'app.handler', DD_TRACE_EXTRACTOR: 'own.find' },
      },
    );
    await fn.local.invoke({ t: '8' });
    expect(fn.spans()[0]).toMatchObject({
      trace_id: '0000000000000008',
      parent_id: '0000000000000009',
    });
  });
});

test.each([
  ['ES module', 'app.mjs', "import { tracer } from '@spanloom/lambda'; export const handler"],
  ['CommonJS', 'app.cjs', "const { tracer } = require('@spanloom/lambda'); exports.handler"],
])(
  'spans of a redirected handler that uses the library itself are below ours: %s',
  async (_, file, begin) => {
    const fn = await testFunction(
      {
        [file]: `${begin} = async () => tracer.trace('outer', () => tracer.trace('inner', async () => fetch('http://127.0.0.1:49151').catch(() => 1)));`,
      },
      {
        handler: redirect,
        environment: { DD_LAMBDA_HANDLER: 'app.handler', DD_COLD_START_TRACING: 'false' },
      },
    );
    await fn.local.invoke(functionUrlEvent({ headers }));
    const spans = fn.spans();
    expect(spans.map((span) => span.name)).toEqual([
      'aws.lambda.url',
      'aws.lambda',
      'outer',
      'inner',
      'http.request',
    ]);
    for (const [index, span] of spans.slice(1).entries())
      expect(span.parent_id).toBe(spans[index]?.span_id);
  },
);

test('the library loads in both module systems of one function, and its state is shared', async () => {
  const fn = await testFunction({
    'index.mjs': `
      import { datadog, spanloom } from '@spanloom/lambda';
      import { createRequire } from 'node:module';
      const other = createRequire(import.meta.url)('@spanloom/lambda');
      export const handler = datadog(async () => ({ same: spanloom === datadog, other: other.getTraceHeaders()['x-datadog-trace-id'] }));`,
  });
  const result = await fn.local.invoke(functionUrlEvent({ headers }));
  expect(result.payload).toEqual({ same: true, other: '111' });
});

test('a streamed response: status from the prelude, time to the first byte, whole content', async () => {
  const fn = await testFunction({
    'index.mjs': `
      import { datadog } from '@spanloom/lambda';
      export const handler = datadog(awslambda.streamifyResponse(async (event, stream) => {
        const out = awslambda.HttpResponseStream.from(stream, { statusCode: 503 });
        out.write('first ');
        await new Promise((go) => setTimeout(go, 20));
        out.end('second');
      }));`,
  });
  const result = await fn.local.invoke(functionUrlEvent({ headers }));
  expect(Buffer.from(parseHttpIntegration(result.body)!.body).toString()).toBe('first second');
  const lambda = fn.spans().find((span) => span.name === 'aws.lambda');
  expect(lambda).toMatchObject({ error: 1, meta: { 'http.status_code': '503' } });
  expect(fn.lines.some((line) => line.includes('enhanced.time_to_first_byte'))).toBe(true);
});

describe('with an extension', () => {
  const code = {
    'index.mjs':
      "import { datadog } from '@spanloom/lambda'; export const handler = datadog(async (e) => { if (e.slow) await new Promise((go) => setTimeout(go, 60000)); return 1; });",
  };

  test('spans go to the agent, also after a freeze, and nothing to the log', async () => {
    const agent = await startAgent();
    const fn = await testFunction(code, {
      environment: { SPANLOOM_EXTENSION: '1', DD_TRACE_AGENT_URL: agent.url },
    });
    for (const wait of [0, 100, 4500]) {
      await new Promise((resolve) => setTimeout(resolve, wait));
      await fn.local.invoke(
        sqsEvent([{ body: 'b', attributes: { _datadog: JSON.stringify(headers) } }]),
      );
    }
    await expect.poll(() => agent.spans.length).toBe(6);
    expect(agent.spans.map((span) => span.name)).toEqual(
      Array.from({ length: 3 }, () => ['aws.sqs', 'aws.lambda']).flat(),
    );
    expect(agent.spans[0]?.parent_id).toBe(222n);
    expect(agent.requests[0]?.headers).toMatchObject({
      'datadog-meta-lang': 'nodejs',
      'x-datadog-trace-count': '1',
    });
    expect(fn.lines.some((line) => line.startsWith('{'))).toBe(false);
  });

  test('a function that runs out of time leaves its trace', async () => {
    const agent = await startAgent();
    const fn = await testFunction(code, {
      timeoutMs: 1000,
      environment: { SPANLOOM_EXTENSION: '1', DD_TRACE_AGENT_URL: agent.url },
    });
    const result = await fn.local.invoke({ slow: true });
    expect(result.report.status).toBe('timeout');
    expect(agent.spans.map((span) => [span.name, span.error, span.meta['error.type']])).toEqual([
      ['aws.lambda', 1, 'Impending Timeout'],
    ]);
  });

  test('that is not there, nothing breaks and nothing waits', async () => {
    const fn = await testFunction(code, {
      environment: { SPANLOOM_EXTENSION: '1', DD_TRACE_AGENT_URL: 'http://127.0.0.1:9' },
    });
    for (let i = 0; i < 3; i++) expect((await fn.local.invoke({})).payload).toBe(1);
  });
});

describe('straight to a server', () => {
  const code = {
    'index.mjs':
      "import { datadog } from '@spanloom/lambda'; export const handler = datadog(async () => 1);",
  };

  test('spans arrive before the response leaves, with the key', async () => {
    const agent = await startAgent();
    const fn = await testFunction(code, {
      environment: { SPANLOOM_ENDPOINT: agent.url, SPANLOOM_API_KEY: '0'.repeat(32) },
    });
    await fn.local.invoke({});
    expect(agent.spans.map((span) => span.name)).toEqual(['aws.lambda']);
    expect(agent.requests[0]?.headers['dd-api-key']).toBe('0'.repeat(32));
  });

  test('a server that never answers delays one response, by a quarter of a second at most', async () => {
    const agent = await startAgent(() => {});
    const fn = await testFunction(code, { environment: { SPANLOOM_ENDPOINT: agent.url } });
    const durations: number[] = [];
    for (let i = 0; i < 5; i++) {
      const { payload, report } = await fn.local.invoke({});
      expect(payload).toBe(1);
      durations.push(report.metrics.durationMs);
    }
    expect(durations[0]).toBeLessThan(450);
    for (const duration of durations.slice(1)) expect(duration).toBeLessThan(100);
  });
});

test('X-Ray is told where the trace is, and what the trigger was', async () => {
  const datagrams: string[] = [];
  const daemon = createSocket('udp4');
  daemon.on('message', (message) => datagrams.push(message.toString()));
  await new Promise<void>((resolve) => daemon.bind(0, '127.0.0.1', resolve));
  onTestFinished(() => void daemon.close());
  const fn = await testFunction(
    {
      'index.mjs':
        "import { datadog } from '@spanloom/lambda'; export const handler = datadog(async () => ({ statusCode: 404 }));",
    },
    { xrayDaemonAddress: `127.0.0.1:${daemon.address().port}` },
  );
  await fn.local.invoke(functionUrlEvent({ headers }), { traceHeader });
  await expect.poll(() => datagrams.length).toBe(2);
  const segments = datagrams.map((text) => {
    expect(text.split('\n')[0]).toBe('{"format": "json", "version": 1}');
    return JSON.parse(text.split('\n')[1] ?? '') as Record<string, unknown>;
  });
  expect(segments[0]).toMatchObject({
    name: 'datadog-metadata',
    type: 'subsegment',
    trace_id: '1-66aa0011-1234567890abcdef12345678',
    metadata: {
      datadog: { trace: { 'trace-id': '111', 'parent-id': '222', 'sampling-priority': 1 } },
    },
  });
  expect(segments[1]).toMatchObject({
    metadata: {
      datadog: {
        lambda_function_tags: {
          'function_trigger.event_source': 'lambda-function-url',
          'http.status_code': '404',
        },
      },
    },
  });
});

test('outgoing calls have spans and carry the trace: http, fetch; a signed one stays as it was', async () => {
  const agent = await startAgent((request, response) => {
    response.statusCode = request.url?.startsWith('/fetch') === true ? 404 : 200;
    response.end('{}');
  });
  const fn = await testFunction(
    {
      'index.mjs': `
      import { datadog, tracer } from '@spanloom/lambda';
      import { get } from 'node:http';
      const url = process.env.TARGET;
      const call = (path, options) => new Promise((go) => get(url + path, options, (r) => r.resume().on('end', go)));
      export const handler = datadog(async () => tracer.trace('work', async (span) => {
        await call('/http?secret=1', {});
        await call('/signed', { headers: { authorization: 'AWS4-HMAC-SHA256 x' } });
        await (await fetch(url + '/fetch')).text();
        await new Promise((go) => get('http://127.0.0.1:9/refused').on('error', go));
      }));`,
    },
    { environment: { TARGET: agent.url } },
  );
  await fn.local.invoke(functionUrlEvent({ headers }));
  const seen = new Map(agent.requests.map((one) => [one.path.split('?')[0], one.headers]));
  const work = fn.spans().find((span) => span.name === 'work');
  const calls = fn.spans().filter((span) => span.name === 'http.request');
  expect(
    calls.map((span) => [
      span.meta['component'],
      span.meta['http.url'],
      span.meta['http.status_code'],
      span.error,
    ]),
  ).toEqual([
    ['http', `${agent.url}/http`, '200', 0],
    ['fetch', `${agent.url}/fetch`, '404', 1],
    ['http', 'http://127.0.0.1:9/refused', undefined, 1],
  ]);
  for (const [index, path] of ['/http', '/fetch'].entries()) {
    expect(calls[index]).toMatchObject({ parent_id: work?.span_id, resource: 'GET', type: 'http' });
    expect(seen.get(path)).toMatchObject({
      'x-datadog-trace-id': '111',
      'x-datadog-parent-id': String(BigInt(`0x${calls[index]?.span_id}`)),
      traceparent: expect.stringMatching(/^00-0{30}6f-/) as string,
    });
  }
  expect(seen.get('/signed')).not.toHaveProperty('x-datadog-trace-id');
});

test('the AWS SDK carries the trace in messages, and leaves its input alone', async () => {
  const bodies: string[] = [];
  const aws = await startAgent((_, response) => {
    response.setHeader('content-type', 'application/x-amz-json-1.0');
    response.end('{"MessageId":"m","MD5OfMessageBody":"5d41402abc4b2a76b9719d911017c592"}');
  });
  const fn = await testFunction(
    {
      'index.mjs': `
      import { datadog } from '@spanloom/lambda';
      import { SQSClient, SendMessageCommand } from '@aws-sdk/client-sqs';
      const sqs = new SQSClient({ endpoint: process.env.TARGET, region: 'eu-west-1', credentials: { accessKeyId: 'a', secretAccessKey: 'b' } });
      sqs.middlewareStack.add((next) => (args) => { console.log('BODY ' + args.request.body); return next(args); }, { step: 'build' });
      export const handler = datadog(async () => {
        const input = Object.freeze({ QueueUrl: process.env.TARGET + '/1/q', MessageBody: 'hello' });
        await sqs.send(new SendMessageCommand(input));
        return Object.keys(input);
      });`,
    },
    {
      environment: { TARGET: aws.url, DD_LOGS_INJECTION: 'false' },
      packages: ['@aws-sdk', '@smithy', 'tslib'],
    },
  );
  const { payload } = await fn.local.invoke(functionUrlEvent({ headers }));
  expect(payload).toEqual(['QueueUrl', 'MessageBody']);
  bodies.push(...fn.lines.filter((line) => line.includes('BODY ')));
  const sent = JSON.parse(bodies[0]!.slice(bodies[0]!.indexOf('{'))) as {
    MessageAttributes: { _datadog: { DataType: string; StringValue: string } };
  };
  expect(sent.MessageAttributes['_datadog'].DataType).toBe('String');
  const carrier = JSON.parse(sent.MessageAttributes['_datadog'].StringValue) as Record<
    string,
    string
  >;
  const request = fn.spans().find((span) => span.name === 'aws.request');
  expect(carrier).toMatchObject({
    'x-datadog-trace-id': '111',
    'x-datadog-parent-id': String(BigInt(`0x${request?.span_id}`)),
  });
  expect(request).toMatchObject({
    service: 'local-function-aws-sqs',
    resource: `sendMessage ${aws.url}/1/q`,
    meta: { 'span.kind': 'producer' },
  });
});
