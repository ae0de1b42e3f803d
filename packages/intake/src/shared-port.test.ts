import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { msgpack, ONE_TRACE, openIntake, type TestIntake } from './test-intake.ts';

const KEY = '0123456789abcdef0123456789abcdef';
const OWN_PATHS = new Set(['/api/v2/spans/events/search', '/api/system', '/api/session']);

let rig: TestIntake;
beforeAll(async () => {
  rig = await openIntake({ ownRoutes: (_, path) => OWN_PATHS.has(path) });
});
afterAll(() => rig[Symbol.asyncDispose]());

function post(path: string, headers: Record<string, string> = {}): Promise<Response> {
  return rig.fetchShared(path, { method: 'POST', body: '{}', headers });
}

describe('the intake takes', () => {
  test.each([
    ['/api/v0.2/traces', 202],
    ['/api/v2/spans', 202],
    ['/api/v2/logs', 202],
    ['/v0.6/stats', 200],
    ['/v1/input', 200],
  ])('%s', async (path, status) => {
    expect((await post(path)).status).toBe(status);
  });

  test('agent routes and OTLP, on the one origin', async () => {
    expect((await rig.fetchShared('/v0.4/traces', msgpack(ONE_TRACE))).status).toBe(200);
    expect((await rig.fetchShared('/info')).status).toBe(200);
    expect((await post('/v1/traces', { 'content-type': 'application/json' })).status).toBe(200);
    expect((await rig.fetchShared('/v1/traces', { method: 'OPTIONS' })).status).toBe(204);
    expect((await rig.fetchShared('/api/v1/validate')).status).toBe(200);
  });

  test('unknown paths written to with a key of the intake', async () => {
    expect((await post('/api/v8/something', { 'dd-api-key': KEY })).status).toBe(202);
    expect((await post(`/api/v8/something?api_key=${KEY}`)).status).toBe(202);
  });
});

describe('the intake leaves', () => {
  test.each([
    ['own routes, with a key', '/api/v2/spans/events/search', { 'dd-api-key': KEY }],
    ['own routes, without', '/api/session', {}],
    [
      'clients of the public API',
      '/api/v2/new/search',
      { 'dd-api-key': KEY, 'dd-application-key': 'app' },
    ],
    ['unknown paths without a key', '/api/traces', {}],
    ['unknown paths outside /api', '/somewhere', { 'dd-api-key': KEY }],
  ])('%s', async (_, path, headers) => {
    const response = await post(path, headers);
    expect([response.status, await response.text()]).toEqual([418, 'not the intake']);
  });

  test.each([
    '/',
    '/api/system',
    '/api/traces/66f2a1c48f3b0c5e9a7d4b21e6c8f013',
    '/services',
    '/api/v2/logs',
    '/v1/traces',
  ])('GET %s', async (path) => {
    expect((await rig.fetchShared(path, { headers: { 'dd-api-key': KEY } })).status).toBe(418);
  });
});

test('a wrong key on an unknown path is refused, not passed on', async () => {
  await using guarded = await openIntake({ keys: [KEY] });
  const init = { method: 'POST', body: 'x', headers: { 'dd-api-key': KEY.replace('0', '9') } };
  expect((await guarded.fetchShared('/api/v8/x', init)).status).toBe(403);
});
