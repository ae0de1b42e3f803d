import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import type { FunctionOptions } from './function-options.ts';
import { probeExtension } from './testing/probe-extension.ts';
import { testFunction, textsOf, type TestFunction } from './testing/task.ts';

interface Note {
  readonly kind: string;
  readonly at: number;
  readonly value: Record<string, unknown>;
}

function notes(taskRoot: string, kind: string): Note[] {
  const file = join(taskRoot, 'probe.jsonl');
  if (!existsSync(file)) return [];
  const lines = readFileSync(file, 'utf8').trim().split('\n');
  return lines.map((line) => JSON.parse(line) as Note).filter((note) => note.kind === kind);
}

function probed(
  code: string,
  environment: Readonly<Record<string, string>> = {},
  options: Partial<FunctionOptions> = {},
): Promise<TestFunction> {
  return testFunction(code, {
    files: { 'probe.mjs': probeExtension },
    extensions: [{ name: 'probe', command: [process.execPath, 'probe.mjs'], environment }],
    ...options,
  });
}

function telemetryTypes(taskRoot: string): string[] {
  const batches = notes(taskRoot, 'telemetry').map((note) => note.value);
  return (batches as unknown as { type: string }[][]).flat().map((event) => event.type);
}

test('an extension registers, is told of each invocation, and of the end', async () => {
  const { local, taskRoot, events, lines } = await probed(
    'export const handler = () => 1;',
    {},
    { timeoutMs: 5000 },
  );
  const before = Date.now();
  const { traceHeader } = await local.invoke({}, { requestId: 'r-1' });
  await local.shutdown();
  expect(notes(taskRoot, 'registered')[0]?.value).toEqual({
    functionName: 'local-function',
    functionVersion: '$LATEST',
    handler: 'index.handler',
    accountId: '123456789012',
  });
  const [invoke, shutdown, more] = notes(taskRoot, 'event').map((note) => note.value);
  expect(invoke).toEqual({
    eventType: 'INVOKE',
    deadlineMs: expect.any(Number) as number,
    requestId: 'r-1',
    invokedFunctionArn: 'arn:aws:lambda:eu-west-1:123456789012:function:local-function',
    tracing: { type: 'X-Amzn-Trace-Id', value: traceHeader },
  });
  expect(invoke?.['deadlineMs'] as number).toBeGreaterThan(before + 4999);
  expect(shutdown).toMatchObject({ eventType: 'SHUTDOWN', shutdownReason: 'spindown' });
  expect(more).toBeUndefined();
  expect(events).toContainEqual(
    expect.objectContaining({
      type: 'platform.extension',
      record: { name: 'probe', state: 'Ready', events: ['INVOKE', 'SHUTDOWN'] },
    }),
  );
  expect(textsOf(lines, 'extension')).toEqual(['probe is ready']);
});

test('the caller has its answer before the extension is done; the time is billed', async () => {
  const { local } = await probed('export const handler = () => 1;', { LINGER_MS: '1200' });
  await local.invoke();
  const running = local.begin();
  const started = performance.now();
  await running.responded;
  const respondedMs = performance.now() - started;
  const { report } = await running.done;
  expect(respondedMs).toBeLessThan(900);
  expect(report.metrics.durationMs).toBeGreaterThanOrEqual(1190);
});

test('an extension that works past the deadline makes the invocation time out', async () => {
  const { local, taskRoot } = await probed(
    'export const handler = () => 1;',
    { LINGER_MS: '3000' },
    { timeoutMs: 600 },
  );
  const result = await local.invoke();
  expect(result.payload).toBe(1);
  expect(result.report.status).toBe('timeout');
  expect(notes(taskRoot, 'finished')).toEqual([]);
});

test('a function that times out ends with SHUTDOWN and reason timeout', async () => {
  const { local, taskRoot } = await probed(
    'export const handler = () => new Promise(() => setInterval(() => {}, 1000));',
    {},
    { timeoutMs: 500 },
  );
  await local.invoke();
  expect(notes(taskRoot, 'event').map((note) => note.value['shutdownReason'])).toEqual([
    undefined,
    'timeout',
  ]);
});

test('a runtime that crashes ends with SHUTDOWN and reason failure', async () => {
  const { local, taskRoot } = await probed('export const handler = () => process.exit(1);');
  await local.invoke();
  expect(notes(taskRoot, 'event').at(-1)?.value['shutdownReason']).toBe('failure');
});

test('shutting down gives up on an extension after two seconds', async () => {
  const { local, taskRoot } = await probed('export const handler = () => 1;', {});
  await local.invoke();
  const { local: slow } = await probed('export const handler = () => 1;', { LINGER_MS: '100' });
  await slow.invoke();
  await local.shutdown();
  expect(notes(taskRoot, 'finished').map((note) => note.value)).toEqual(['INVOKE', 'SHUTDOWN']);
  const { local: stuck, taskRoot: stuckRoot } = await testFunction(
    'export const handler = () => 1;',
    {
      files: {
        'probe.mjs': probeExtension.replace(
          "if (event.eventType === 'SHUTDOWN') process.exit(0);",
          '',
        ),
      },
      extensions: [{ name: 'probe', command: [process.execPath, 'probe.mjs'] }],
    },
  );
  await stuck.invoke();
  const started = performance.now();
  await stuck.shutdown();
  expect(performance.now() - started).toBeGreaterThan(1800);
  expect(performance.now() - started).toBeLessThan(3500);
  expect(notes(stuckRoot, 'event').at(-1)?.value['eventType']).toBe('SHUTDOWN');
});

test('an extension that ends by itself fails the invocation', async () => {
  const { local } = await testFunction('export const handler = () => 1;', {
    extensions: [{ name: 'probe', command: [process.execPath, '-e', 'process.exit(4)'] }],
  });
  const { payload, report } = await local.invoke({}, { requestId: 'r-3' });
  expect(payload).toEqual({
    errorType: 'Extension.Crash',
    errorMessage: 'RequestId: r-3 Error: exit status 4',
  });
  expect(report.status).toBe('failure');
});

test('a program of an extension that does not exist is a launch error', async () => {
  const { local } = await testFunction('export const handler = () => 1;', {
    extensions: [{ name: 'probe', command: ['/nowhere/probe'] }],
  });
  expect((await local.invoke()).payload).toMatchObject({ errorType: 'Extension.LaunchError' });
});

test('telemetry reaches a subscriber from initStart on, with logs of function and extension', async () => {
  const { local, taskRoot } = await probed(`export const handler = () => console.log('hello');`, {
    TELEMETRY: '{}',
  });
  const { requestId } = await local.invoke();
  await local.invoke();
  await local.shutdown();
  expect(notes(taskRoot, 'subscribed')[0]?.value).toEqual({ status: 200, body: 'OK' });
  const types = telemetryTypes(taskRoot);
  // Runtime and extension start side by side, so only the ends of the init phase have a fixed place.
  const initEnd = types.indexOf('platform.initReport');
  expect(types[0]).toBe('platform.initStart');
  expect(types.slice(0, initEnd)).toEqual(
    expect.arrayContaining([
      'platform.telemetrySubscription',
      'platform.extension',
      'platform.initRuntimeDone',
    ]),
  );
  expect(types.slice(initEnd).filter((type) => type !== 'extension')).toEqual([
    'platform.initReport',
    'platform.start',
    'function',
    'platform.runtimeDone',
    'platform.report',
    'platform.start',
    'function',
    'platform.runtimeDone',
    'platform.report',
  ]);
  expect(types).toContain('extension');
  const events = notes(taskRoot, 'telemetry').flatMap(
    (note) => note.value as unknown as { type: string; record: unknown }[],
  );
  expect(events.find((event) => event.type === 'function')?.record).toMatch(
    new RegExp(`\\t${requestId}\\tINFO\\thello\\n$`),
  );
});

test('the report of an invocation waits for the thaw: it is written after the freeze', async () => {
  const { local, taskRoot } = await probed('export const handler = () => 1;', {
    TELEMETRY: '{"types":["platform"]}',
  });
  await local.invoke();
  await new Promise((resolve) => setTimeout(resolve, 300));
  expect(telemetryTypes(taskRoot)).not.toContain('platform.report');
  await local.invoke();
  await new Promise((resolve) => setTimeout(resolve, 100));
  await local.shutdown();
  expect(telemetryTypes(taskRoot).filter((type) => type === 'platform.report')).toHaveLength(2);
});

test('a wrong subscription is refused with what is wrong', async () => {
  const { local, taskRoot } = await probed('export const handler = () => 1;', {
    TELEMETRY: '{"schemaVersion":"1999-01-01"}',
  });
  await local.invoke();
  const refused = notes(taskRoot, 'subscribed')[0]?.value;
  expect(refused?.['status']).toBe(400);
  expect(JSON.parse(refused?.['body'] as string)).toMatchObject({ errorType: 'ValidationError' });
});

test('an extension inside the runtime may register for INVOKE while it starts, not for SHUTDOWN, and not later', async () => {
  const { local } = await testFunction(`
    const url = 'http://' + process.env.AWS_LAMBDA_RUNTIME_API + '/2020-01-01/extension/';
    const register = async (name, events) => {
      const answer = await fetch(url + 'register', { method: 'POST', headers: { 'lambda-extension-name': name }, body: JSON.stringify({ events }) });
      return { status: answer.status, id: answer.headers.get('lambda-extension-identifier'), ...(await answer.json()) };
    };
    const shutdown = await register('inner', ['SHUTDOWN']);
    const unknown = await register('inner', ['PAUSE']);
    const inner = await register('inner', ['INVOKE']);
    const twice = await register('inner', ['INVOKE']);
    const told = [];
    const next = async () => { for (;;) told.push((await (await fetch(url + 'event/next', { headers: { 'lambda-extension-identifier': inner.id } })).json()).eventType); };
    void next();
    const nobody = await (await fetch(url + 'event/next', { headers: { 'lambda-extension-identifier': 'x' } })).json();
    export const handler = async () => {
      await new Promise((go) => setTimeout(go, 50));
      const late = await register('late', ['INVOKE']);
      return { types: [shutdown, unknown, twice, nobody, late].map((one) => one.errorType), status: inner.status, told };
    };`);
  expect((await local.invoke()).payload).toEqual({
    types: [
      'Extension.InvalidEventType',
      'Extension.InvalidEventType',
      'Extension.AlreadyRegistered',
      'Extension.UnknownExtensionIdentifier',
      'Extension.RegistrationClosed',
    ],
    status: 200,
    told: ['INVOKE'],
  });
});

test('an extension that reports an error of its own fails the sandbox', async () => {
  const { local } = await testFunction('export const handler = () => 1;', {
    files: {
      'broken.mjs': `
        const api = 'http://' + process.env.AWS_LAMBDA_RUNTIME_API + '/2020-01-01/extension/';
        const answer = await fetch(api + 'register', { method: 'POST', headers: { 'lambda-extension-name': 'broken' }, body: '{"events":[]}' });
        const id = answer.headers.get('lambda-extension-identifier');
        await fetch(api + 'init/error', { method: 'POST', headers: { 'lambda-extension-identifier': id, 'lambda-extension-function-error-type': 'Extension.NoKey' }, body: '{}' });
        setInterval(() => {}, 1000);`,
    },
    extensions: [{ name: 'broken', command: [process.execPath, 'broken.mjs'] }],
  });
  expect((await local.invoke({}, { requestId: 'r-4' })).payload).toEqual({
    errorType: 'Extension.InitError',
    errorMessage: 'RequestId: r-4 Error: extension broken reported Extension.NoKey',
  });
});
