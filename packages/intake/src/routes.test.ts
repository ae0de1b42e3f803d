import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { openIntake, rawExchange, type TestIntake } from './test-intake.ts';

let rig: TestIntake;
beforeAll(async () => {
  rig = await openIntake();
});
afterAll(() => rig[Symbol.asyncDispose]());

const RATES = '{"rate_by_service":{"service:,env:":1}}';
const JSON_TYPE = 'application/json';

describe('agent routes answer what their clients expect', () => {
  test.each([
    ['/v0.1/spans', 200, 'text/plain', 'OK\n'],
    ['/spans', 200, 'text/plain', 'OK\n'],
    ['/v0.2/traces', 200, 'text/plain', 'OK\n'],
    ['/v0.3/traces', 200, 'text/plain', 'OK\n'],
    ['/v0.4/traces', 200, JSON_TYPE, RATES],
    ['/v0.5/traces', 200, JSON_TYPE, RATES],
    ['/v0.7/traces', 200, JSON_TYPE, RATES],
    ['/v1.0/traces', 200, JSON_TYPE, RATES],
    ['/services', 200, 'text/plain', 'OK\n'],
    ['/v0.1/services', 200, 'text/plain', 'OK\n'],
    ['/v0.2/services', 200, 'text/plain', 'OK\n'],
    ['/v0.3/services', 200, 'text/plain', 'OK\n'],
    ['/v0.4/services', 200, 'text/plain', 'OK\n'],
    ['/v0.6/stats', 200, null, ''],
    ['/v0.1/pipeline_stats', 200, null, ''],
    ['/profiling/v1/input', 200, null, ''],
    ['/telemetry/proxy/api/v2/apmtelemetry', 202, null, ''],
    ['/v0.7/config', 200, JSON_TYPE, '{}'],
    ['/debugger/v1/input', 200, null, ''],
    ['/debugger/v2/input', 200, null, ''],
    ['/debugger/v1/diagnostics', 200, null, ''],
    ['/symdb/v1/input', 200, null, ''],
    ['/tracer_flare/v1', 200, JSON_TYPE, '{}'],
    ['/dogstatsd/v1/proxy', 200, null, ''],
    ['/dogstatsd/v2/proxy', 200, null, ''],
    ['/openlineage/api/v1/lineage', 202, null, ''],
  ])('%s', async (path, status, contentType, body) => {
    for (const method of ['POST', 'PUT']) {
      const response = await rig.fetch(path, { method, body: '[]' });
      expect([method, response.status]).toEqual([method, status]);
      expect(response.headers.get('content-type')).toBe(contentType);
      expect(response.headers.get('datadog-agent-version')).toBe('7.79.1');
      expect(response.headers.get('datadog-agent-state')).toMatch(/^[0-9a-f]{64}$/);
      expect(await response.text()).toBe(body);
    }
  });
});

describe('backend routes answer what their senders expect', () => {
  test.each([
    ['/api/v0.2/traces', 202, '{}'],
    ['/api/v0.2/stats', 202, ''],
    ['/api/v2/spans', 202, '{}'],
    ['/api/v0.1/pipeline_stats', 202, ''],
    ['/api/v2/apmtelemetry', 202, ''],
    ['/api/v2/llmobs', 202, ''],
    ['/api/v2/debugger', 202, ''],
    ['/api/v2/profile', 200, ''],
    ['/v1/input', 200, '{}'],
    ['/api/v1/input', 200, '{}'],
    ['/api/v2/logs', 202, '{}'],
    ['/api/v1/series', 202, '{"errors":[]}'],
    ['/api/v2/series', 202, '{"errors":[]}'],
    ['/api/intake/metrics/v3/series', 202, ''],
    ['/api/beta/sketches', 202, ''],
    ['/api/v1/sketches', 202, ''],
    ['/api/intake/metrics/v3/sketches', 202, ''],
    ['/api/v1/distribution_points', 202, '{"status":"ok"}'],
    ['/api/v1/check_run', 202, '{"status":"ok"}'],
    ['/api/v2/service_checks', 202, '{"status":"ok"}'],
    ['/api/v1/events', 202, '{"status":"ok"}'],
    ['/api/v2/events', 202, '{"status":"ok"}'],
    ['/intake/', 202, '{"status":"ok"}'],
    ['/api/v1/metadata', 202, ''],
    ['/api/v2/host_metadata', 202, ''],
    ['/api/v2/orchmanif', 202, ''],
    ['/api/v2/sbom', 202, ''],
    ['/support/flare/123', 202, ''],
  ])('%s', async (path, status, body) => {
    const response = await rig.fetch(path, { method: 'POST', body: '{}' });
    expect(response.status).toBe(status);
    expect(response.headers.get('datadog-agent-state')).toBeNull();
    expect(await response.text()).toBe(body);
  });

  test('/api/v1/validate says that the key is good', async () => {
    const response = await rig.fetch('/api/v1/validate?api_key=whatever');
    expect(response.status).toBe(200);
    expect(await response.text()).toBe('{"valid":true}');
  });
});

describe('paths and methods', () => {
  test.each([
    '//v0.4/traces',
    '/v0.4/traces/',
    '/v0.4//traces',
    '/t/some-token/v0.4/traces',
    '/t/x//v0.4/traces/',
  ])('%s is /v0.4/traces', async (path) => {
    const response = await rig.fetch(path, { method: 'PUT', body: '[]' });
    expect(await response.text()).toBe(RATES);
  });

  test('an absolute-form target is its path', async () => {
    const answer = await rawExchange(
      rig.agent.port,
      'PUT http://agent:8126/v0.4/traces HTTP/1.1\r\nHost: agent\r\nContent-Length: 2\r\nConnection: close\r\n\r\n[]',
    );
    expect(answer).toMatch(/^HTTP\/1.1 200 /);
  });

  test('GET on a write route is 405 and says what is allowed', async () => {
    const response = await rig.fetch('/v0.4/traces');
    expect(response.status).toBe(405);
    expect(response.headers.get('allow')).toBe('POST, PUT');
  });

  test('remote configuration may be read with GET', async () => {
    expect(await (await rig.fetch('/v0.7/config')).text()).toBe('{}');
  });

  test('HEAD on /info has the headers of GET', async () => {
    const get = await rig.fetch('/info');
    const head = await rig.fetch('/info', { method: 'HEAD' });
    expect(head.status).toBe(200);
    expect(head.headers.get('content-length')).toBe(get.headers.get('content-length'));
  });

  test('an unknown agent path is 404: tracers detect features by it', async () => {
    const response = await rig.fetch('/v9.9/traces', { method: 'PUT', body: '[]' });
    expect(response.status).toBe(404);
    expect(await response.json()).toEqual({
      error: { code: 'NO_SUCH_ROUTE', message: 'There is no /v9.9/traces here' },
    });
  });

  test.each(['/evp_proxy/v2/api/v2/llmobs', '/evp_proxy/v4/api/v2/exposures'])(
    '%s is 404',
    async (path) => {
      expect((await rig.fetch(path, { method: 'POST', body: '{}' })).status).toBe(404);
    },
  );

  test('an unknown /api path is 202 and counted, without what looks like a key', async () => {
    const path =
      '/api/v7/new/0123456789abcdef0123456789abcdef?api_key=0123456789abcdef0123456789abcdef';
    const response = await rig.fetch(path, { method: 'POST', body: 'x' });
    expect(response.status).toBe(202);
    expect(await response.text()).toBe('');
    expect(await rig.counter('unknown_path_total', { path: '/api/v7/new/:key' })).toBe(1);
    expect(await rig.registry.metrics()).not.toContain('0123456789abcdef');
  });
});

test('what has no store is counted by route, with its bytes', async () => {
  await using fresh = await openIntake();
  await fresh.fetch('/api/v2/logs', { method: 'POST', body: '[{"message":"hello"}]' });
  await fresh.fetch('/profiling/v1/input', { method: 'POST', body: 'profile' });
  await fresh.fetch('/v0.7/config', { method: 'POST', body: '{"client":{}}' });
  expect(await fresh.counter('accepted_not_stored_total', { route: '/api/v2/logs' })).toBe(1);
  expect(await fresh.counter('accepted_not_stored_bytes_total', { route: '/api/v2/logs' })).toBe(
    21,
  );
  expect(await fresh.counter('accepted_not_stored_total', { route: '/profiling/v1/input' })).toBe(
    1,
  );
  expect(await fresh.counter('accepted_not_stored_total', { route: '/v0.7/config' })).toBe(0);
});

test('telemetry is counted by type and never refused', async () => {
  await using fresh = await openIntake({
    keys: ['0123456789abcdef0123456789abcdef'],
    openAgentRoutes: false,
  });
  const path = '/telemetry/proxy/api/v2/apmtelemetry';
  const send = (
    type: string,
    body: string | Buffer<ArrayBuffer>,
    headers = {},
  ): Promise<Response> =>
    fresh.fetch(path, {
      method: 'POST',
      body,
      headers: { 'dd-telemetry-request-type': type, ...headers },
    });
  expect((await send('app-started', '{}')).status).toBe(202);
  expect((await send('made-up', '{}')).status).toBe(202);
  expect((await send('app-closing', Buffer.alloc(6 * 1024 * 1024))).status).toBe(202);
  expect((await send('logs', 'not brotli', { 'content-encoding': 'br' })).status).toBe(202);
  expect(await fresh.counter('telemetry_total', { request_type: 'app-started' })).toBe(1);
  expect(await fresh.counter('telemetry_total', { request_type: 'other' })).toBe(1);
  expect(await fresh.counter('telemetry_total')).toBe(4);
});

describe('/v1/input is shared', () => {
  test.each([
    ['traces of the agentless Python tracer', '{"traces":[{"spans":[]}]}', 1],
    ['the connectivity test of the agent', '{}', 0],
    ['an array of logs', '[{"message":"\\"traces\\""}]', 0],
    ['lines of logs', '{"message":"traces"}\n{"traces":[]}', 0],
    ['a log that has traces of another kind', '{"traces":"three"}', 0],
  ])('%s', async (_, body, records) => {
    await using fresh = await openIntake();
    const response = await fresh.fetch('/v1/input', { method: 'POST', body });
    expect(response.status).toBe(200);
    expect(await response.text()).toBe('{}');
    expect(fresh.sink.records.map(({ format }) => format)).toEqual(
      Array.from({ length: records }, () => 'agentless-json'),
    );
    expect(await fresh.counter('accepted_not_stored_total', { route: '/v1/input' })).toBe(
      1 - records,
    );
  });

  test('a profile is answered with an empty 200', async () => {
    const form = new FormData();
    form.set('event', '{}');
    const response = await rig.fetch('/v1/input', { method: 'POST', body: form });
    expect(response.status).toBe(200);
    expect(await response.text()).toBe('');
  });
});
