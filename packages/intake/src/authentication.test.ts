import { request } from 'node:http';
import { ConfigError } from '@spanloom/base';
import { describe, expect, test } from 'vitest';
import { IngestKeys } from './ingest-keys.ts';
import { msgpack, ONE_TRACE, openIntake, type TestIntake } from './test-intake.ts';

const KEY = '0123456789abcdef0123456789abcdef';
const OTHER = 'fedcba9876543210fedcba9876543210';
const WRONG = '00000000000000000000000000000000';

function withKeys(openAgentRoutes: boolean): Promise<TestIntake> {
  return openIntake({ keys: [OTHER, KEY], openAgentRoutes });
}

describe('backend routes', () => {
  test.each([
    ['DD-API-KEY', '', { 'DD-API-KEY': KEY }],
    ['X-Datadog-API-Key', '', { 'X-Datadog-API-Key': KEY }],
    ['the query', `?api_key=${KEY}`, {}],
    ['the second of two keys', '', { 'dd-api-key': OTHER }],
    ['a bearer token', '', { authorization: `Bearer ${KEY}` }],
    ['the user part of a URL', '', { authorization: `Basic ${btoa(`${KEY}:`)}` }],
  ])('take a key in %s', async (_, query, headers) => {
    await using rig = await withKeys(true);
    const init = { method: 'POST', body: 'x', headers: headers as Record<string, string> };
    expect((await rig.fetch(`/api/v0.2/traces${query}`, init)).status).toBe(202);
  });

  test('take a key as path prefix', async () => {
    await using rig = await withKeys(true);
    const response = await rig.fetch(`/t/${KEY}/api/v0.2/stats`, { method: 'POST', body: 'x' });
    expect(response.status).toBe(202);
  });

  test.each([
    ['none', '', {}],
    ['a wrong one', '', { 'dd-api-key': WRONG }],
    ['a part of one', '', { 'dd-api-key': KEY.slice(0, 31) }],
    ['an empty one', '?api_key=', { 'dd-api-key': '' }],
  ])('answer 403 to %s, in the words senders know', async (_, query, headers) => {
    await using rig = await withKeys(true);
    const init = { method: 'POST', body: 'x', headers: headers as Record<string, string> };
    const response = await rig.fetch(`/api/v0.2/traces${query}`, init);
    expect(response.status).toBe(403);
    expect(await response.json()).toMatchObject({
      status: 'error',
      code: 403,
      errors: ['Forbidden'],
    });
    expect(rig.sink.records).toEqual([]);
    expect(await rig.counter('auth_failed_total', { route: '/api/v0.2/traces' })).toBe(1);
  });

  test('unknown paths need a key as well', async () => {
    await using rig = await withKeys(true);
    expect((await rig.fetch('/api/v9/new', { method: 'POST', body: 'x' })).status).toBe(403);
  });

  test('validate tells good from bad, in header and query', async () => {
    await using rig = await withKeys(true);
    expect((await rig.fetch(`/api/v1/validate?api_key=${KEY}`)).status).toBe(200);
    expect((await rig.fetch('/api/v1/validate', { headers: { 'dd-api-key': KEY } })).status).toBe(
      200,
    );
    expect((await rig.fetch(`/api/v1/validate?api_key=${WRONG}`)).status).toBe(403);
  });
});

describe('agent routes', () => {
  test('are open where the switch says so', async () => {
    await using rig = await withKeys(true);
    expect((await rig.fetch('/v0.4/traces', msgpack(ONE_TRACE))).status).toBe(200);
  });

  test('otherwise need a key, which tracers carry in path or host', async () => {
    await using rig = await withKeys(false);
    expect((await rig.fetch('/v0.4/traces', msgpack(ONE_TRACE))).status).toBe(403);
    expect((await rig.fetch(`/t/${WRONG}/v0.4/traces`, msgpack(ONE_TRACE))).status).toBe(403);
    expect((await rig.fetch(`/t/${KEY}/v0.4/traces`, msgpack(ONE_TRACE))).status).toBe(200);
    const status = await new Promise((resolve, reject) => {
      const headers = { host: `${KEY}.intake.example` };
      request({ port: rig.agent.port, path: '/v0.4/traces', method: 'PUT', headers }, (response) =>
        resolve(response.resume().statusCode),
      )
        .on('error', reject)
        .end('[]');
    });
    expect(status).toBe(200);
  });

  test('/info stays public, and paths that do not exist say so', async () => {
    await using rig = await withKeys(false);
    expect((await rig.fetch('/info')).status).toBe(200);
    expect((await rig.fetch('/v9/traces', { method: 'PUT', body: '' })).status).toBe(404);
  });
});

test('without keys nothing is checked', async () => {
  await using rig = await openIntake({ keys: [], openAgentRoutes: false });
  expect((await rig.fetch('/v0.4/traces', msgpack(ONE_TRACE))).status).toBe(200);
  expect((await rig.fetch('/api/v0.2/traces', { method: 'POST', body: 'x' })).status).toBe(202);
});

test('OTLP over HTTP answers 401 with a status message', async () => {
  await using rig = await withKeys(true);
  const send = (headers: Record<string, string>): Promise<Response> =>
    rig.fetchOtlp('/v1/traces', {
      method: 'POST',
      body: '{}',
      headers: { 'content-type': 'application/json', ...headers },
    });
  const refused = await send({});
  expect(refused.status).toBe(401);
  expect(await refused.json()).toMatchObject({ code: 16 });
  expect((await send({ authorization: `Bearer ${KEY}` })).status).toBe(200);
  expect((await send({ 'dd-api-key': KEY })).status).toBe(200);
});

test('a key never shows in counters', async () => {
  await using rig = await withKeys(true);
  await rig.fetch(`/api/v2/some/${KEY}/path?api_key=${KEY}`, { method: 'POST', body: 'x' });
  await rig.fetch(`/t/${KEY}/v0.4/traces`, msgpack(ONE_TRACE));
  expect(await rig.registry.metrics()).not.toContain(KEY);
  expect(JSON.stringify(rig.intake.clients())).not.toContain(KEY);
});

test.each([KEY.toUpperCase(), KEY.slice(1), `${KEY}0`, ''])(
  'a key of another shape is refused without being repeated: %j',
  (key) => {
    expect(() => new IngestKeys([KEY, key])).toThrow(ConfigError);
    expect(() => new IngestKeys([KEY, key])).toThrow(
      `Cannot use ingest key number 2 of SPANLOOM_INGEST_KEYS: it has ${key.length} characters; a key is 32 lower-case hex digits`,
    );
  },
);
