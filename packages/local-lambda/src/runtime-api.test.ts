import { expect, test } from 'vitest';
import { platformErrorType } from './runtime-api.ts';
import { testFunction } from './testing/task.ts';

test.each([
  ['Runtime.ImportModuleError', 'Runtime.ImportModuleError'],
  ['Function.Custom', 'Function.Custom'],
  ['Function.x', 'Function.Unknown'],
  ['TypeError', 'Runtime.Unknown'],
  ['', 'Runtime.Unknown'],
])('platformErrorType() makes %j %s', (text, expected) => {
  expect(platformErrorType(text)).toBe(expected);
});

/** A runtime of its own: runs `code` with `call(method, path, init)` on the Runtime API, then waits for ever. */
function rawRuntime(code: string): readonly string[] {
  const source = `
    const api = 'http://' + process.env.AWS_LAMBDA_RUNTIME_API + '/2018-06-01/runtime/';
    const call = async (method, path, init = {}) => {
      const answer = await fetch(api + path, { method, ...init });
      const text = await answer.text();
      return { status: answer.status, headers: Object.fromEntries(answer.headers), body: text === '' ? undefined : JSON.parse(text) };
    };
    ${code}
    await call('GET', 'invocation/next');`;
  return [process.execPath, '--input-type=module', '-e', source];
}

test('next carries the headers of an invocation, and leaves out those it has nothing for', async () => {
  const { local } = await testFunction('', {
    command: rawRuntime(`
      const next = await call('GET', 'invocation/next');
      await call('POST', 'invocation/' + next.headers['lambda-runtime-aws-request-id'] + '/response', { body: JSON.stringify(next) });`),
  });
  const before = Date.now();
  const { payload, traceHeader } = await local.invoke({ a: 1 }, { requestId: 'r-1' });
  const { headers, body } = payload as { headers: Record<string, string>; body: unknown };
  expect(body).toEqual({ a: 1 });
  expect(headers).toMatchObject({
    'lambda-runtime-aws-request-id': 'r-1',
    'lambda-runtime-invoked-function-arn':
      'arn:aws:lambda:eu-west-1:123456789012:function:local-function',
    'lambda-runtime-trace-id': traceHeader,
    'content-type': 'application/json',
  });
  expect(Number(headers['lambda-runtime-deadline-ms'])).toBeGreaterThanOrEqual(before + 20_000);
  expect(headers).not.toHaveProperty('lambda-runtime-client-context');
  expect(headers).not.toHaveProperty('lambda-runtime-cognito-identity');
});

test('a wrong id, a second answer, a next without an answer and an unknown path are refused', async () => {
  const { local } = await testFunction('', {
    command: rawRuntime(`
      const next = await call('GET', 'invocation/next');
      const id = next.headers['lambda-runtime-aws-request-id'];
      const found = [];
      found.push(await call('POST', 'invocation/other/response', { body: '1' }));
      found.push(await call('GET', 'invocation/next'));
      found.push(await call('GET', 'nowhere'));
      found.push(await call('POST', 'invocation/' + id + '/response', { body: '"first"' }));
      found.push(await call('POST', 'invocation/' + id + '/response', { body: '"second"' }));
      console.log(JSON.stringify(found.map((one) => [one.status, one.body.errorType ?? one.body.status])));`),
  });
  const { payload, logs } = await local.invoke();
  expect(payload).toBe('first');
  const seen = logs.find((line) => line.source === 'function')?.text ?? '';
  expect(JSON.parse(seen)).toEqual([
    [400, 'InvalidRequestID'],
    [403, 'InvalidStateTransition'],
    [404, 'NotFound'],
    [202, 'OK'],
    [403, 'InvalidStateTransition'],
  ]);
});
