import { functionUrlEvent } from '@spanloom/local-lambda/events';
import { expect, test } from 'vitest';
import { testFunction } from '../testing/function.ts';

const redirect = 'node_modules/@spanloom/lambda/dist/handler.handler';
const slow = (ms: number, rest = ''): string =>
  `const end = Date.now() + ${ms}; ${rest} while (Date.now() < end);`;
const files = {
  'app.js': `require('./slow'); require('./quick'); exports.handler = async () => { if (process.env.LATE) require('./late'); return { statusCode: 200 }; };`,
  'slow.js': slow(30, "require('./inner'); try { require('./missing'); } catch {}"),
  'inner.js': slow(10),
  'quick.js': '',
  'late.js': slow(10),
};

test('a cold start shows what took long to load, below one span for all of it', async () => {
  const fn = await testFunction(files, {
    handler: redirect,
    environment: { DD_LAMBDA_HANDLER: 'app.handler' },
  });
  await fn.local.invoke(functionUrlEvent());
  const spans = fn.spans();
  expect(spans.map((span) => [span.name, span.resource])).toEqual([
    ['aws.lambda.url', 'GET /'],
    ['aws.lambda', 'local-function'],
    ['aws.lambda.load', 'local-function'],
    ['aws.lambda.require', expect.stringMatching(/app\.js$/)],
    ['aws.lambda.require', './slow'],
    ['aws.lambda.require', './inner'],
  ]);
  const [url, , load, app, outer, inner] = spans;
  expect([load?.parent_id, app?.parent_id, outer?.parent_id, inner?.parent_id]).toEqual([
    url?.span_id,
    load?.span_id,
    app?.span_id,
    outer?.span_id,
  ]);
  expect(inner?.meta['filename']).toMatch(/inner\.js$/);
  expect(inner?.duration).toBeGreaterThanOrEqual(9_000_000);
  await fn.local.invoke(functionUrlEvent());
  expect(fn.spans().length).toBe(8);
});

test('what a warm function loads hangs below it', async () => {
  const fn = await testFunction(files, {
    handler: redirect,
    environment: {
      DD_LAMBDA_HANDLER: 'app.handler',
      LATE: '1',
      DD_MIN_COLD_START_DURATION: '8',
      DD_COLD_START_TRACE_SKIP_LIB: './slow,./other',
    },
  });
  await fn.local.invoke(functionUrlEvent());
  const names = fn.spans().map((span) => span.resource);
  expect(names).not.toContain('./slow');
  expect(names).toContain('./late');
});

test('a function that was initialised ahead has no such spans', async () => {
  const fn = await testFunction(files, {
    handler: redirect,
    initializationType: 'provisioned-concurrency',
    environment: { DD_LAMBDA_HANDLER: 'app.handler' },
  });
  await fn.local.invoke(functionUrlEvent());
  const [, lambda, ...more] = fn.spans();
  expect(more).toEqual([]);
  expect(lambda).toMatchObject({
    meta: { cold_start: 'false', init_type: 'provisioned-concurrency' },
    metrics: { proactive_initialization: 1 },
  });
});
