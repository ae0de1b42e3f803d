// Other tracers in the same function: theirs make the spans, and nothing is said twice.
import { apiGatewayV2Event } from '@spanloom/local-lambda/events';
import { expect, test } from 'vitest';
import { startAgent } from './testing/agent.ts';
import { testFunction } from './testing/function.ts';

const headers = {
  'x-datadog-trace-id': '111',
  'x-datadog-parent-id': '222',
  'x-datadog-sampling-priority': '1',
};
const quiet = {
  DD_INSTRUMENTATION_TELEMETRY_ENABLED: 'false',
  DD_REMOTE_CONFIGURATION_ENABLED: 'false',
  DD_TRACE_STARTUP_LOGS: 'false',
};

test.each(['dd-trace', 'dd-trace-5'])('%s: its spans and ours are one trace', async (name) => {
  const agent = await startAgent();
  const fn = await testFunction(
    {
      'index.cjs': `
        const tracer = require('${name}').init({ flushInterval: 0 });
        const own = require('@spanloom/lambda');
        exports.handler = own.datadog(async () => {
          const inside = await tracer.trace('user.work', async () => own.getTraceHeaders());
          await own.tracer.trace('other.work', async () => new Promise((go) => setTimeout(go, 5)));
          return inside;
        });`,
    },
    {
      packages: [name],
      freeze: false,
      environment: {
        ...quiet,
        SPANLOOM_EXTENSION: '1',
        DD_TRACE_AGENT_URL: agent.url,
        DD_TRACE_EXPERIMENTAL_EXPORTER: 'agent',
      },
    },
  );
  const { payload } = await fn.local.invoke(apiGatewayV2Event({ path: '/x', headers }));
  await expect.poll(() => agent.spans.length, { timeout: 5000 }).toBeGreaterThanOrEqual(4);
  const by = new Map(agent.spans.map((span) => [span.name, span]));
  const [api, lambda, user, other] = ['aws.httpapi', 'aws.lambda', 'user.work', 'other.work'].map(
    (one) => by.get(one),
  );
  expect(agent.spans.filter((span) => span.name === 'aws.lambda').length).toBe(1);
  expect(api?.parent_id).toBe(222n);
  expect(lambda?.parent_id).toBe(api?.span_id);
  expect([user?.parent_id, other?.parent_id]).toEqual([lambda?.span_id, lambda?.span_id]);
  expect(payload).toEqual({ ...headers, 'x-datadog-parent-id': String(user?.span_id) });
  expect(lambda).toMatchObject({
    resource: 'local-function',
    service: 'local-function',
    meta: { cold_start: 'true', language: 'javascript' },
  });
});

test.each(['dd-trace', 'dd-trace-5'])(
  '%s: a function that runs out of time leaves its trace',
  async (name) => {
    const agent = await startAgent();
    const fn = await testFunction(
      {
        'index.cjs': `
        const tracer = require('${name}').init({ flushInterval: 0 });
        const own = require('@spanloom/lambda');
        exports.handler = own.datadog(async () => tracer.trace('slow', () => new Promise((go) => setTimeout(go, 60000))));`,
      },
      {
        packages: [name],
        timeoutMs: 1500,
        environment: {
          ...quiet,
          SPANLOOM_EXTENSION: '1',
          DD_TRACE_AGENT_URL: agent.url,
          DD_TRACE_EXPERIMENTAL_EXPORTER: 'agent',
          DD_APM_FLUSH_DEADLINE_MILLISECONDS: '500',
        },
      },
    );
    expect((await fn.local.invoke({})).report.status).toBe('timeout');
    const spans = agent.spans.filter((span) => /^(?:aws\.lambda|slow)$/.test(span.name));
    const said = spans.map((span) => `${span.name} ${span.error} ${span.meta['error.type']}`);
    expect(said.toSorted((a, b) => a.localeCompare(b))).toEqual([
      'aws.lambda 1 Impending Timeout',
      'slow 1 Impending Timeout',
    ]);
  },
);

test('a provider of OpenTelemetry gets our spans, below a parent of another process', async () => {
  const fn = await testFunction(
    {
      'index.mjs': `
        import { datadog, getTraceHeaders } from '@spanloom/lambda';
        import { context, ROOT_CONTEXT, trace } from '@opentelemetry/api';
        import { AsyncLocalStorage } from 'node:async_hooks';
        // The least that counts as an SDK: spans that remember, and a context manager.
        const storage = new AsyncLocalStorage();
        context.setGlobalContextManager({
          active: () => storage.getStore() ?? ROOT_CONTEXT,
          with: (ctx, body, self, ...args) => storage.run(ctx, () => body.apply(self, args)),
          bind: (ctx, body) => body, enable() { return this; }, disable() { return this; },
        });
        const spans = [];
        let next = 0;
        trace.setGlobalTracerProvider({ getTracer: () => ({
          startSpan(name, options, ctx = context.active()) {
            const parent = trace.getSpanContext(ctx);
            const span = { name, attributes: { ...options?.attributes }, parent: parent?.spanId, ended: false };
            const own = { traceId: parent?.traceId ?? 'f'.repeat(32), spanId: String(++next).padStart(16, '0'), traceFlags: 1 };
            spans.push(span);
            return { spanContext: () => own, setAttribute(k, v) { span.attributes[k] = v; return this; }, setStatus(s) { span.status = s; return this; },
              recordException() {}, addLink() { return this; }, end() { span.ended = true; } };
          },
        }) });
        export const handler = datadog(async () => {
          trace.getTracer('own').startSpan('user').end();
          setTimeout(() => console.log('SPANS ' + JSON.stringify(spans)), 0);
          return getTraceHeaders();
        });
        export const dump = async () => spans;`,
    },
    {
      packages: ['@opentelemetry/api'],
      freeze: false,
      environment: { DD_LOGS_INJECTION: 'false' },
    },
  );
  const { payload } = await fn.local.invoke(apiGatewayV2Event({ path: '/x', headers }));
  expect(payload).toEqual({
    'x-datadog-trace-id': '111',
    'x-datadog-parent-id': '2',
    'x-datadog-sampling-priority': '1',
  });
  await expect.poll(() => fn.lines.some((line) => line.includes('SPANS '))).toBe(true);
  const line = fn.lines.find((one) => one.includes('SPANS ')) ?? '';
  const spans = JSON.parse(
    line.slice(line.indexOf('['), line.lastIndexOf(']') + 1).replace(/^[^{]*\[(?=\{)/, '['),
  ) as {
    name: string;
    parent: string;
    attributes: Record<string, unknown>;
  }[];
  expect(spans.map((span) => [span.attributes['operation.name'], span.parent])).toEqual([
    ['aws.httpapi', '00000000000000de'],
    ['aws.lambda', '0000000000000001'],
    [undefined, '0000000000000002'],
  ]);
});

test.each([
  [
    'an ES module that registers its copy',
    'index.mjs',
    "import { datadog, registerOpenTelemetry, tracer } from '@spanloom/lambda'; import * as api from '@opentelemetry/api'; registerOpenTelemetry(api); const early = api.trace.getTracer('i'); export const handler",
  ],
  [
    'an ES module that asks for its tracer late',
    'index.mjs',
    "import { datadog, tracer } from '@spanloom/lambda'; import * as api from '@opentelemetry/api'; const early = { startActiveSpan: (...args) => api.trace.getTracer('i').startActiveSpan(...args) }; export const handler",
  ],
  [
    'CommonJS',
    'index.cjs',
    "const { datadog, tracer } = require('@spanloom/lambda'); const api = require('@opentelemetry/api'); const early = api.trace.getTracer('i'); exports.handler",
  ],
])(
  'calls of the OpenTelemetry API are answered by our tracer where nobody else does: %s',
  async (_, file, begin) => {
    const fn = await testFunction(
      {
        [file]: `${begin} = datadog(async () => tracer.trace('ours', async () =>
          early.startActiveSpan('GET /things', { kind: api.SpanKind.CLIENT, attributes: { 'http.method': 'GET', n: 3 } }, async (span) => {
            await new Promise((go) => setTimeout(go, 2));
            const carrier = {};
            api.propagation.inject(api.context.active(), carrier);
            await tracer.trace('inner', async () => {});
            span.recordException(new Error('handled'));
            span.end();
            return carrier;
          })));`,
      },
      { packages: ['@opentelemetry/api'] },
    );
    const { payload } = await fn.local.invoke(apiGatewayV2Event({ path: '/x', headers }));
    const [, lambda, ours, client, inner] = fn.spans();
    expect(fn.spans().map((span) => span.name)).toEqual([
      'aws.httpapi',
      'aws.lambda',
      'ours',
      'client.request',
      'inner',
    ]);
    expect(ours?.parent_id).toBe(lambda?.span_id);
    expect(client).toMatchObject({
      parent_id: ours?.span_id,
      resource: 'GET /things',
      error: 0,
      meta: { 'span.kind': 'client', 'http.method': 'GET', 'error.message': 'handled' },
      metrics: { n: 3 },
    });
    expect(inner?.parent_id).toBe(client?.span_id);
    expect(payload).toMatchObject({
      'x-datadog-parent-id': String(BigInt(`0x${client?.span_id}`)),
    });
  },
);
