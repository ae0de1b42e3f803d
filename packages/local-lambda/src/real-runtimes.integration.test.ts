// AWS's own runtime clients, unmodified, on the local Lambda. scripts/setup-test-runtimes.sh installs them; each part is left out
// where its client is missing, and fails instead when nothing may be left out.
import { appendFileSync, existsSync, mkdirSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, expect, test } from 'vitest';
import type { FunctionOptions } from './function-options.ts';
import { parseHttpIntegration } from './invocation.ts';
import { testFunction, textsOf, type TestFunction } from './testing/task.ts';

const leftOut = join(import.meta.dirname, '..', '..', '..', 'tests', 'results', 'left-out.txt');
const runtimes = join(import.meta.dirname, '..', '..', '..', '.cache', 'test-runtimes');
const python = join(runtimes, 'lambda-python', 'bin', 'python');
const nodeClient = join(runtimes, 'lambda-node', 'node_modules', 'aws-lambda-ric', 'index.mjs');
const hasPython = isHere('awslambdaric for Python', python);
const hasNode = isHere('aws-lambda-ric for Node', nodeClient);
const traceHeader = 'Root=1-66aa0011-1234567890abcdef12345678;Parent=00f1e2d3c4b5a697;Sampled=1';

function isHere(client: string, file: string): boolean {
  if (existsSync(file)) return true;
  const why = 'not installed; run scripts/setup-test-runtimes.sh';
  if (process.env['SPANLOOM_REQUIRE_ALL'] === '1') throw new Error(`Cannot test ${client}: ${why}`);
  console.log(`left out: ${client} on the local Lambda (${why})`);
  mkdirSync(dirname(leftOut), { recursive: true });
  appendFileSync(leftOut, `${client} on the local Lambda (${why})\n`);
  return false;
}

function onNodeClient(code: string, options: Partial<FunctionOptions> = {}): Promise<TestFunction> {
  return testFunction(code, {
    command: [process.execPath, nodeClient, 'index.handler'],
    ...options,
  });
}

function onPythonClient(
  code: string,
  options: Partial<FunctionOptions> = {},
): Promise<TestFunction> {
  return testFunction('', {
    files: { 'app.py': code },
    handler: 'app.handler',
    runtimeName: 'python3.13',
    command: [python, '-m', 'awslambdaric', 'app.handler'],
    ...options,
  });
}

describe.skipIf(!hasNode)('aws-lambda-ric', () => {
  test('gets event, context and trace, and its logs come as frames', async () => {
    const { local } = await onNodeClient(
      `export const handler = async (event, context) => { console.log('one\\ntwo'); return { event, id: context.awsRequestId, left: context.getRemainingTimeInMillis() > 1000, client: context.clientContext, trace: process.env._X_AMZN_TRACE_ID ?? null }; };`,
    );
    const result = await local.invoke(
      { a: 1 },
      {
        requestId: 'b7a0c1f2-0000-4000-8000-000000000001',
        clientContext: { custom: { k: 'v' } },
        traceHeader,
      },
    );
    expect(result.payload).toEqual({
      event: { a: 1 },
      id: 'b7a0c1f2-0000-4000-8000-000000000001',
      left: true,
      client: { custom: { k: 'v' } },
      trace: result.traceHeader,
    });
    expect(textsOf(result.logs, 'function')).toEqual([expect.stringMatching(/\tINFO\tone\ntwo$/)]);
    expect((await local.invoke({ a: 2 })).payload).toMatchObject({ event: { a: 2 } });
  });

  test('reports errors of handler and module', async () => {
    const { local } = await onNodeClient(
      `export const handler = async () => { throw new TypeError('no'); };`,
    );
    const result = await local.invoke({}, { traceHeader });
    expect(result.payload).toMatchObject({ errorType: 'TypeError', errorMessage: 'no' });
    expect(result.report).toMatchObject({ status: 'error', errorType: 'Runtime.Unknown' });
    const { local: broken } = await onNodeClient('export const other = 1;');
    expect((await broken.invoke()).payload).toMatchObject({ errorType: 'Runtime.HandlerNotFound' });
  });

  test('streams, with its error in the trailers', async () => {
    const { local } = await onNodeClient(`
      export const handler = awslambda.streamifyResponse(async (event, stream) => {
        const out = awslambda.HttpResponseStream.from(stream, { statusCode: 201, headers: { 'x-a': 'b' } });
        out.write('first ');
        await new Promise((go) => setTimeout(go, 50));
        if (event.fail) throw new RangeError('broke off');
        out.end('second');
      });`);
    const result = await local.invoke();
    expect(result.streamed).toBe(true);
    const http = parseHttpIntegration(result.body);
    expect(http?.statusCode).toBe(201);
    expect(Buffer.from(http!.body).toString()).toBe('first second');
    const failed = await local.invoke({ fail: true });
    expect(failed.payload).toMatchObject({ errorType: 'RangeError', errorMessage: 'broke off' });
  });

  test('writes JSON logs that become objects', async () => {
    const { local, events } = await onNodeClient(
      `export const handler = async () => console.warn('careful');`,
      {
        logFormat: 'JSON',
      },
    );
    await local.invoke();
    expect(events.find((event) => event.type === 'function')?.record).toMatchObject({
      level: 'WARN',
      message: 'careful',
    });
  });
});

describe.skipIf(!hasPython)('awslambdaric', () => {
  test('gets event, context and trace, and its logs come as frames', async () => {
    const { local } = await onPythonClient(`
import logging, os
def handler(event, context):
    logging.getLogger().error('one\\ntwo')
    return {'event': event, 'id': context.aws_request_id, 'arn': context.invoked_function_arn,
            'client': context.client_context.custom, 'trace': os.environ.get('_X_AMZN_TRACE_ID')}
`);
    const result = await local.invoke(
      { a: 1 },
      {
        requestId: 'b7a0c1f2-0000-4000-8000-000000000001',
        clientContext: { custom: { k: 'v' } },
        traceHeader,
      },
    );
    expect(result.payload).toEqual({
      event: { a: 1 },
      id: 'b7a0c1f2-0000-4000-8000-000000000001',
      arn: 'arn:aws:lambda:eu-west-1:123456789012:function:local-function',
      client: { k: 'v' },
      trace: result.traceHeader,
    });
    expect(textsOf(result.logs, 'function')).toEqual([
      expect.stringMatching(/^\[ERROR\]\t.*\tone\ntwo$/),
    ]);
    expect((await local.invoke({ a: 2 }, { clientContext: { custom: {} } })).payload).toMatchObject(
      {
        event: { a: 2 },
      },
    );
  });

  test('reports errors of handler and module', async () => {
    const { local } = await onPythonClient(`
def handler(event, context):
    raise ValueError('no')
`);
    const result = await local.invoke({}, { traceHeader });
    expect(result.payload).toMatchObject({ errorType: 'ValueError', errorMessage: 'no' });
    expect(result.report).toMatchObject({ status: 'error' });
    const { local: broken } = await onPythonClient('import nothing_of_that_name');
    expect((await broken.invoke()).payload).toMatchObject({
      errorType: 'Runtime.ImportModuleError',
    });
  });

  test('waits for its restore as a SnapStart function', async () => {
    const { local, events } = await onPythonClient(
      `
from snapshot_restore_py import register_after_restore
state = []
register_after_restore(lambda: state.append('restored'))
def handler(event, context):
    return state
`,
      { initializationType: 'snap-start' },
    );
    expect(events.map((event) => event.type)).not.toContain('platform.restoreStart');
    const result = await local.invoke();
    expect(result.payload).toEqual(['restored']);
    expect(result.report.metrics.restoreDurationMs).toBeGreaterThan(0);
  });
});
