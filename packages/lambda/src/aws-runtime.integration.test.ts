// AWS's own runtime client, unmodified, with functions that this library wraps. scripts/setup-test-runtimes.sh installs it; without it
// these tests are left out, and fail instead when nothing may be left out.
import { appendFileSync, existsSync, mkdirSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { parseHttpIntegration } from '@spanloom/local-lambda';
import { functionUrlEvent, sqsEvent } from '@spanloom/local-lambda/events';
import { describe, expect, test } from 'vitest';
import { startAgent } from './testing/agent.ts';
import { testFunction } from './testing/function.ts';

const root = join(import.meta.dirname, '..', '..', '..');
const client = join(root, '.cache/test-runtimes/lambda-node/node_modules/aws-lambda-ric/index.mjs');
const isHere = existsSync(client);
const headers = { 'x-datadog-trace-id': '111', 'x-datadog-parent-id': '222' };

if (!isHere) {
  const what =
    'aws-lambda-ric with @spanloom/lambda (not installed; run scripts/setup-test-runtimes.sh)';
  if (process.env['SPANLOOM_REQUIRE_ALL'] === '1') throw new Error(`Cannot test ${what}`);
  const leftOut = join(root, 'tests', 'results', 'left-out.txt');
  mkdirSync(dirname(leftOut), { recursive: true });
  appendFileSync(leftOut, `${what}\n`);
}

function command(handler: string): string[] {
  return [process.execPath, client, handler];
}

describe.skipIf(!isHere)('aws-lambda-ric', () => {
  test.each([
    [
      'ES module',
      'index.mjs',
      "import { datadog } from '@spanloom/lambda'; export const handler = datadog(async (e) => ({ statusCode: 201, body: e.body }));",
    ],
    [
      'CommonJS with a callback',
      'index.cjs',
      "const { datadog } = require('@spanloom/lambda'); exports.handler = datadog((e, c, done) => setTimeout(() => done(null, { statusCode: 201, body: e.body }), 5));",
    ],
  ])('runs a wrapped handler: %s', async (_, file, code) => {
    const agent = await startAgent();
    const fn = await testFunction(
      { [file]: code },
      {
        command: command('index.handler'),
        environment: { SPANLOOM_EXTENSION: '1', DD_TRACE_AGENT_URL: agent.url },
      },
    );
    for (const body of ['1', '2', '3']) {
      const { payload } = await fn.local.invoke(functionUrlEvent({ headers, body }));
      expect(payload).toEqual({ statusCode: 201, body });
    }
    // Written after each response, but before the sandbox was frozen.
    await expect.poll(() => agent.spans.length).toBe(6);
    expect(agent.spans.map((span) => span.meta['cold_start'])).toEqual([
      undefined,
      'true',
      undefined,
      'false',
      undefined,
      'false',
    ]);
  });

  test('runs a redirected handler, and one that streams', async () => {
    const handler = 'node_modules/@spanloom/lambda/dist/handler.handler';
    const fn = await testFunction(
      {
        'app.mjs': `export const handler = awslambda.streamifyResponse(async (event, stream) => {
          const out = awslambda.HttpResponseStream.from(stream, { statusCode: 202 });
          out.write('streamed');
          out.end();
        });`,
      },
      { handler, command: command(handler), environment: { DD_LAMBDA_HANDLER: 'app.handler' } },
    );
    const result = await fn.local.invoke(functionUrlEvent({ headers }));
    expect(Buffer.from(parseHttpIntegration(result.body)!.body).toString()).toBe('streamed');
    expect(fn.spans()[1]?.meta['http.status_code']).toBe('202');
  });

  test('correlates its logs', async () => {
    const fn = await testFunction(
      {
        'index.mjs':
          "import { datadog } from '@spanloom/lambda'; export const handler = datadog(async () => console.log('line'));",
      },
      { command: command('index.handler') },
    );
    await fn.local.invoke(
      sqsEvent([{ body: 'b', attributes: { _datadog: JSON.stringify(headers) } }]),
    );
    expect(fn.lines.find((line) => line.includes('line'))).toMatch(
      /\tINFO\t\[dd\.trace_id=111 dd\.span_id=\d+\] line$/,
    );
  });
});
