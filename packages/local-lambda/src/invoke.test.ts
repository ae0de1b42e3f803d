import { expect, test } from 'vitest';
import { LocalLambdaError } from './errors.ts';
import { parseHttpIntegration } from './invocation.ts';
import { eventLimitBytes, startFunction } from './start-function.ts';
import { taskFolder, testFunction, textsOf } from './testing/task.ts';

test('invoke() hands over event and context and returns what the handler does', async () => {
  const { local } = await testFunction(
    `export const handler = async (event, context) => ({ event, arn: context.invokedFunctionArn, id: context.awsRequestId,
       left: context.getRemainingTimeInMillis() > 9000, client: context.clientContext, identity: context.identity, tenant: context.tenantId });`,
    { name: 'shop-orders', timeoutMs: 10_000 },
  );
  const result = await local.invoke(
    { order: 7 },
    {
      requestId: 'b7a0c1f2-0000-4000-8000-000000000001',
      qualifier: 'live',
      clientContext: { custom: { a: 'b' } },
      cognitoIdentity: { cognitoIdentityId: 'id' },
      tenantId: 'blue',
    },
  );
  expect(result.payload).toEqual({
    event: { order: 7 },
    arn: 'arn:aws:lambda:eu-west-1:123456789012:function:shop-orders:live',
    id: 'b7a0c1f2-0000-4000-8000-000000000001',
    left: true,
    client: { custom: { a: 'b' } },
    identity: { cognitoIdentityId: 'id' },
    tenant: 'blue',
  });
  expect(result.functionError).toBeUndefined();
  expect(result.report.status).toBe('success');
});

test('the runtime sees the variables of Lambda, and the trace only through the header', async () => {
  const { local, taskRoot } = await testFunction(
    `const atInit = process.env._X_AMZN_TRACE_ID;
     export const handler = async () => ({ ...process.env, atInit: atInit ?? null });`,
    {
      environment: { OWN: 'yes', AWS_REGION: 'mars-1' },
      runtimeName: 'nodejs24.x',
      memorySizeMb: 256,
    },
  );
  const traceHeader = 'Root=1-66aa0011-1234567890abcdef12345678;Parent=00f1e2d3c4b5a697;Sampled=1';
  const result = await local.invoke({}, { traceHeader });
  expect(result.payload).toMatchObject({
    _HANDLER: 'index.handler',
    LAMBDA_TASK_ROOT: taskRoot,
    AWS_LAMBDA_FUNCTION_NAME: 'local-function',
    AWS_LAMBDA_FUNCTION_VERSION: '$LATEST',
    AWS_LAMBDA_FUNCTION_MEMORY_SIZE: '256',
    AWS_LAMBDA_INITIALIZATION_TYPE: 'on-demand',
    AWS_LAMBDA_LOG_GROUP_NAME: '/aws/lambda/local-function',
    AWS_EXECUTION_ENV: 'AWS_Lambda_nodejs24.x',
    AWS_REGION: 'eu-west-1',
    TZ: ':UTC',
    OWN: 'yes',
    atInit: null,
    _X_AMZN_TRACE_ID: result.traceHeader,
  });
  expect(result.traceHeader).toMatch(
    /^Root=1-66aa0011-1234567890abcdef12345678;Parent=(?!00f1e2d3c4b5a697)[0-9a-f]{16};Sampled=1$/,
  );
});

test('the first invocation of a sandbox reports and bills its initialisation, the second does not', async () => {
  const { local } = await testFunction('export const handler = () => 1;');
  const first = await local.invoke();
  const second = await local.invoke();
  const { durationMs, billedDurationMs, initDurationMs } = first.report.metrics;
  expect(initDurationMs).toBeGreaterThan(0);
  expect(billedDurationMs).toBe(Math.ceil(durationMs + initDurationMs!));
  expect(first.report.coldStart).toBe(true);
  expect(second.report.metrics.initDurationMs).toBeUndefined();
  expect(second.report.coldStart).toBe(false);
  expect(second.payload).toBe(1);
});

test('text logs come as INIT_START, START, the lines of the function, END, REPORT', async () => {
  const { local } = await testFunction(
    `export const handler = (event, context, done) => { console.log('one\\ntwo'); process.stdout.write('plain\\n'); done(null, 'ok'); };`,
  );
  const { logs, requestId, payload } = await local.invoke();
  expect(payload).toBe('ok');
  const texts = textsOf(logs);
  expect(texts.map((text) => text.split(' ', 1)[0])).toEqual([
    'INIT_START',
    'START',
    expect.stringMatching(/\tINFO\tone\ntwo$/),
    'plain',
    'END',
    'REPORT',
  ]);
  expect(texts[1]).toBe(`START RequestId: ${requestId} Version: $LATEST`);
  expect(texts[4]).toBe(`END RequestId: ${requestId}`);
});

test('JSON logs are the platform events, and objects where the function logs', async () => {
  const { local, events } = await testFunction(
    `export const handler = async () => console.log({ order: 7 });`,
    { logFormat: 'JSON' },
  );
  const { logs, requestId } = await local.invoke();
  const parsed = textsOf(logs).map((text) => JSON.parse(text) as { type?: string; level?: string });
  expect(parsed.map((line) => line.type ?? line.level)).toEqual([
    'platform.initStart',
    'platform.initReport',
    'platform.start',
    'INFO',
    'platform.report',
  ]);
  expect(events.find((event) => event.type === 'function')?.record).toMatchObject({
    requestId,
    message: { order: 7 },
  });
});

test('applicationLogLevel leaves lower levels out', async () => {
  const { local, lines } = await testFunction(
    `export const handler = async () => { console.info('low'); console.warn('high'); };`,
    { logFormat: 'JSON', applicationLogLevel: 'WARN' },
  );
  await local.invoke();
  const own = textsOf(lines, 'function').map(
    (text) => (JSON.parse(text) as { message: string }).message,
  );
  expect(own).toEqual(['high']);
});

test('an error of the handler is a result with its type, and the sandbox lives on', async () => {
  const { local } = await testFunction(
    `let calls = 0; export const handler = async () => { if (++calls === 1) throw new TypeError('no stock'); return calls; };`,
  );
  const failed = await local.invoke();
  expect(failed.functionError).toBe('Unhandled');
  expect(failed.payload).toMatchObject({ errorType: 'TypeError', errorMessage: 'no stock' });
  // Reports show only error types of Lambda's own families.
  expect(failed.report).toMatchObject({ status: 'error', errorType: 'Runtime.Unknown' });
  expect((await local.invoke()).payload).toBe(2);
});

test('a timeout ends the invocation and the sandbox; the next one initialises on its own time', async () => {
  const { local, events } = await testFunction(
    `export const handler = async (event) => { if (event.hang) await new Promise(() => setInterval(() => {}, 1000)); return process.pid; };`,
    { timeoutMs: 3000 },
  );
  const before = await local.invoke({});
  const failed = await local.invoke({ hang: true }, { requestId: 'r-1' });
  expect(failed.payload).toEqual({
    errorType: 'Sandbox.Timedout',
    errorMessage: 'RequestId: r-1 Error: Task timed out after 3.00 seconds',
  });
  expect(failed.report).toMatchObject({ status: 'timeout', errorType: undefined });
  expect(failed.report.metrics.durationMs).toBeGreaterThanOrEqual(2995);
  expect(
    textsOf(failed.logs).some((text) => text.endsWith('r-1 Task timed out after 3.00 seconds')),
  ).toBe(true);
  const after = await local.invoke({});
  expect(after.payload).not.toBe(before.payload);
  expect(after.report.metrics.initDurationMs).toBeUndefined();
  expect(after.report.coldStart).toBe(true);
  const phases = events
    .filter((event) => event.type === 'platform.initStart')
    .map((event) => (event.record as { phase: string }).phase);
  expect(phases).toEqual(['init', 'invoke']);
});

test.each([
  ['process.exit(3)', 'Runtime exited with error: exit status 3'],
  ['process.exit(0)', 'Runtime exited without providing a reason'],
  [`process.kill(process.pid, 'SIGKILL')`, 'Runtime exited with error: signal: killed'],
])('a runtime that ends by %s is a failure', async (code, message) => {
  const { local } = await testFunction(
    `export const handler = async (event) => { if (event.end) { ${code}; await new Promise(() => setInterval(() => {}, 1000)); } return 'alive'; };`,
  );
  const result = await local.invoke({ end: true }, { requestId: 'r-2' });
  expect(result.payload).toEqual({
    errorType: 'Runtime.ExitError',
    errorMessage: `RequestId: r-2 Error: ${message}`,
  });
  expect(result.report).toMatchObject({ status: 'failure', errorType: 'Runtime.ExitError' });
  expect(textsOf(result.logs)).toContain(`RequestId: r-2 Error: ${message}\nRuntime.ExitError`);
  expect((await local.invoke({})).payload).toBe('alive');
});

test.each([
  [`throw new RangeError('at load');`, 'RangeError', 'Runtime.Unknown'],
  ['export const other = 1;', 'Runtime.HandlerNotFound', 'Runtime.HandlerNotFound'],
  [
    'import "./missing.mjs"; export const handler = 1;',
    'Runtime.ImportModuleError',
    'Runtime.ImportModuleError',
  ],
  ['export const = ;', 'Runtime.UserCodeSyntaxError', 'Runtime.UserCodeSyntaxError'],
])(
  'a module that cannot be loaded (%s) is tried twice, then the caller is told',
  async (code, ownType, errorType) => {
    const { local } = await testFunction(code);
    const result = await local.invoke();
    expect(result.payload).toMatchObject({ errorType: ownType });
    expect(result.report).toMatchObject({ status: 'error', errorType });
    const reports = textsOf(result.logs).filter((text) => text.startsWith('INIT_REPORT'));
    expect(reports.map((text) => text.replace(/[\d.]+ ms/, 'x ms'))).toEqual([
      `INIT_REPORT Init Duration: x ms\tPhase: init\tStatus: error\tError Type: ${errorType}`,
      `INIT_REPORT Init Duration: x ms\tPhase: invoke\tStatus: error\tError Type: ${errorType}`,
    ]);
  },
);

test('an initialisation over its limit starts again within the invocation', async () => {
  const { local } = await testFunction(
    `import { existsSync, writeFileSync } from 'node:fs';
     if (!existsSync('slow-once')) { writeFileSync('slow-once', ''); await new Promise((done) => setTimeout(done, 60_000)); }
     export const handler = () => 'late';`,
    { initTimeoutMs: 1500 },
  );
  const result = await local.invoke();
  expect(result.payload).toBe('late');
  expect(result.report.metrics.initDurationMs).toBeUndefined();
  expect(textsOf(result.logs)).toContainEqual(
    expect.stringMatching(
      /^INIT_REPORT Init Duration: \d{4}\.\d\d ms\tPhase: init\tStatus: timeout$/,
    ),
  );
});

test('a program that does not exist is reported as such', async () => {
  const { local } = await testFunction('', { command: ['/nowhere/bootstrap'] });
  const result = await local.invoke();
  expect(result.payload).toMatchObject({ errorType: 'Runtime.InvalidEntrypoint' });
});

test.skipIf(process.platform !== 'linux')(
  'memory is what was used, even of a process that ends in its first invocation',
  async () => {
    const { local } = await testFunction(`export const handler = () => process.exit(1);`, {
      memorySizeMb: 2048,
    });
    const { metrics } = (await local.invoke()).report;
    expect(metrics.memorySizeMB).toBe(2048);
    expect(metrics.maxMemoryUsedMB).toBeGreaterThan(20);
    expect(metrics.maxMemoryUsedMB).toBeLessThan(500);
  },
);

test.skipIf(process.platform !== 'linux')(
  'enforceMemory kills a runtime that grows past its memory size',
  async () => {
    const { local } = await testFunction(
      `const kept = []; export const handler = async () => { for (;;) { kept.push(Buffer.alloc(8e6, 1)); await new Promise((go) => setTimeout(go, 5)); } };`,
      { enforceMemory: true, memorySizeMb: 160 },
    );
    const result = await local.invoke();
    expect(result.report).toMatchObject({ status: 'failure', errorType: 'Runtime.OutOfMemory' });
    expect(result.report.metrics.maxMemoryUsedMB).toBe(160);
  },
);

test('provisioned concurrency initialises before the first invocation, which reports no init', async () => {
  const { local, events } = await testFunction(
    'export const handler = () => process.env.AWS_LAMBDA_INITIALIZATION_TYPE;',
    { initializationType: 'provisioned-concurrency' },
  );
  expect(events.map((event) => event.type)).toEqual([
    'platform.initStart',
    'platform.initRuntimeDone',
    'platform.initReport',
  ]);
  const result = await local.invoke();
  expect(result.payload).toBe('provisioned-concurrency');
  expect(result.report).toMatchObject({ coldStart: false });
  expect(result.report.metrics.initDurationMs).toBeUndefined();
});

test('initialise() ahead of time makes the first invocation warm, though it reports the init', async () => {
  const { local } = await testFunction('export const handler = () => 1;');
  await local.initialise();
  const { report } = await local.invoke();
  expect(report.coldStart).toBe(false);
  expect(report.metrics.initDurationMs).toBeGreaterThan(0);
});

test('SnapStart restores once and reports it instead of an init', async () => {
  const { local, events } = await testFunction('export const handler = () => 1;', {
    initializationType: 'snap-start',
  });
  const first = await local.invoke();
  const second = await local.invoke();
  expect(first.report.metrics).toHaveProperty('restoreDurationMs');
  expect(first.report.metrics).not.toHaveProperty('initDurationMs');
  expect(second.report.metrics).not.toHaveProperty('restoreDurationMs');
  expect(events.filter((event) => event.type.startsWith('platform.restore'))).toHaveLength(3);
});

test('between invocations the processes are frozen', async () => {
  const { local } = await testFunction(
    `let ticks = 0; setInterval(() => { ticks += 1; }, 5); export const handler = () => ticks;`,
  );
  const before = (await local.invoke()).payload as number;
  await new Promise((resolve) => setTimeout(resolve, 400));
  const after = (await local.invoke()).payload as number;
  expect(after - before).toBeLessThan(20);
});

test('freeze: false lets them run on', async () => {
  const { local } = await testFunction(
    `let ticks = 0; setInterval(() => { ticks += 1; }, 5); export const handler = () => ticks;`,
    { freeze: false },
  );
  const before = (await local.invoke()).payload as number;
  await new Promise((resolve) => setTimeout(resolve, 500));
  const after = (await local.invoke()).payload as number;
  expect(after - before).toBeGreaterThan(20);
});

test('invocations beyond the concurrency wait for a sandbox', async () => {
  const code = `export const handler = async () => { await new Promise((go) => setTimeout(go, 50)); return process.pid; };`;
  const { local } = await testFunction(code, { concurrency: 2 });
  const results = await Promise.all([1, 2, 3, 4].map(() => local.invoke()));
  expect(new Set(results.map((result) => result.payload)).size).toBe(2);
});

test('a streamed response arrives in pieces before the invocation is over', async () => {
  const { local } = await testFunction(`
    export const handler = awslambda.streamifyResponse(async (event, stream) => {
      const out = awslambda.HttpResponseStream.from(stream, { statusCode: 201, headers: { 'x-a': 'b' }, cookies: ['c=d'] });
      out.write('first ');
      await new Promise((go) => setTimeout(go, 100));
      out.end('second');
    });`);
  const running = local.begin();
  const sizes: number[] = [];
  for await (const chunk of running.chunks) sizes.push(chunk.byteLength);
  expect(sizes.length).toBeGreaterThan(1);
  const result = await running.done;
  expect(result).toMatchObject({
    streamed: true,
    contentType: 'application/vnd.awslambda.http-integration-response',
  });
  const http = parseHttpIntegration(result.body);
  expect(http).toMatchObject({ statusCode: 201, headers: { 'x-a': 'b' }, cookies: ['c=d'] });
  expect(Buffer.from(http!.body).toString()).toBe('first second');
});

test('an error in the middle of a stream comes with its trailers', async () => {
  const { local } = await testFunction(`
    export const handler = awslambda.streamifyResponse(async (event, stream) => {
      stream.write('some');
      await new Promise((go) => setTimeout(go, 50));
      throw new EvalError('broke off');
    });`);
  const result = await local.invoke();
  expect(result.functionError).toBe('Unhandled');
  expect(result.payload).toMatchObject({ errorType: 'EvalError', errorMessage: 'broke off' });
  expect(result.report.status).toBe('error');
});

test('a response of more than 6 MiB is refused', async () => {
  const { local } = await testFunction(
    `export const handler = () => 'x'.repeat(6 * 1024 * 1024 + 101);`,
  );
  const result = await local.invoke();
  expect(result.payload).toMatchObject({ errorType: 'Function.ResponseSizeTooLarge' });
});

test('runtimeDone tells where the time of the runtime went', async () => {
  const { local, events } = await testFunction(`export const handler = () => 'four';`);
  await local.invoke();
  const done = events.find((event) => event.type === 'platform.runtimeDone')?.record;
  expect(done).toMatchObject({
    status: 'success',
    metrics: { producedBytes: 6 },
    spans: [{ name: 'responseLatency' }, { name: 'responseDuration' }, { name: 'runtimeOverhead' }],
  });
});

test('a sampled invocation gives the segments of the service, with the function below', async () => {
  const segments: {
    id: string;
    parent_id?: string;
    origin: string;
    subsegments?: readonly { name: string }[];
  }[] = [];
  const { local } = await testFunction(
    `export const handler = () => { throw new Error('bad'); };`,
    {
      tracing: 'Active',
      onSegment: (segment) => segments.push(segment),
    },
  );
  const root = '1-66aa0011-1234567890abcdef12345678';
  const result = await local.invoke({}, { traceHeader: `Root=${root};Parent=00f1e2d3c4b5a697` });
  const parent = /Parent=([0-9a-f]{16})/.exec(result.traceHeader)?.[1];
  expect(segments).toMatchObject([
    { origin: 'AWS::Lambda', trace_id: root, parent_id: '00f1e2d3c4b5a697', fault: true },
    { origin: 'AWS::Lambda::Function', id: parent, parent_id: segments[0]?.id },
  ]);
  expect(segments[1]).toMatchObject({ cause: { exceptions: [{ type: 'Error', message: 'bad' }] } });
  expect(segments[1]?.subsegments?.map((one) => one.name)).toEqual([
    'Initialization',
    'Invocation',
    'Overhead',
  ]);
});

test('an unsampled invocation gives none', async () => {
  const segments: unknown[] = [];
  const { local } = await testFunction(`export const handler = () => 1;`, {
    onSegment: (segment) => segments.push(segment),
  });
  await local.invoke();
  expect(segments).toEqual([]);
});

test('an event over the limit is refused before it reaches the function', async () => {
  const { local, events } = await testFunction('export const handler = () => 1;');
  const tooLarge = 'x'.repeat(eventLimitBytes - 1);
  await expect(local.invoke(tooLarge)).rejects.toMatchObject({ code: 'EVENT_TOO_LARGE' });
  expect(events).toEqual([]);
});

test('after shutdown() invocations are refused', async () => {
  const { local } = await testFunction('export const handler = () => 1;');
  await local.invoke();
  await local.shutdown();
  await expect(local.invoke()).rejects.toMatchObject({ code: 'SHUT_DOWN' });
});

test.each([
  [{ memorySizeMb: 127 }, 'option memorySizeMb is 127; give a whole number from 128 to 10240'],
  [{ timeoutMs: 900_001 }, 'option timeoutMs is 900001'],
  [{ accountId: '1' }, 'option accountId is 1; give 12 digits'],
  [{ name: 'a b' }, 'option name is a b'],
  [{ command: [] }, 'option command is an empty list'],
])('startFunction() refuses %j', async (wrong, message) => {
  const starting = startFunction({ taskRoot: taskFolder({}), handler: 'index.handler', ...wrong });
  await expect(starting).rejects.toThrow(LocalLambdaError);
  await expect(starting).rejects.toThrow(message);
});
