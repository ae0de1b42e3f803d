import type { EpochMillis } from '@spanloom/base';
import type { ServiceMapResponse, ServicesResponse } from '@spanloom/contract';
import type { ServiceMap, TimeRange } from '@spanloom/storage';
import { expect, test } from 'vitest';
import { jaegerRoutes } from './jaeger/jaeger-routes.ts';
import { servicesRoutes } from './services-routes.ts';

const now = 1_727_177_160_000 as EpochMillis;
const clock = { now: () => now };
const figures = { requests: 4, errors: 1, p50: 1e6, p95: 2e6, p99: 3e6, lastSeen: now };
const quiet = {
  requests: 0,
  errors: 0,
  p50: undefined,
  p95: undefined,
  p99: undefined,
  lastSeen: undefined,
};

const stored: Omit<ServiceMap, 'covered'> = {
  nodes: [
    { ...quiet, id: 'prod/cron', env: 'prod', name: 'cron', type: 'service', inferred: false },
    { ...figures, id: 'prod/web', env: 'prod', name: 'web', type: 'service', inferred: false },
    {
      ...figures,
      requests: 9,
      id: 'prod/database:shop',
      env: 'prod',
      name: 'shop',
      type: 'database',
      inferred: true,
    },
    { ...figures, id: 'test/web', env: 'test', name: 'web', type: 'service', inferred: false },
    { ...figures, id: 'test/cron', env: 'test', name: 'cron', type: 'service', inferred: false },
  ],
  calls: [
    { ...figures, env: 'prod', from: 'prod/cron', to: 'prod/web' },
    { ...figures, requests: 9, env: 'prod', from: 'prod/web', to: 'prod/database:shop' },
    { ...figures, requests: 2, env: 'test', from: 'test/cron', to: 'test/web' },
  ],
  truncated: false,
};

function unused(): never {
  throw new Error('Not asked here');
}

/** Routes over a map that was read from half of the range only. */
function routes() {
  const asked: { env: string | undefined; range: TimeRange }[] = [];
  const services = {
    map: async (wanted: { env: string | undefined; range: TimeRange }): Promise<ServiceMap> => {
      asked.push(wanted);
      const { from, to } = wanted.range;
      return { ...stored, covered: { from: ((from + to) / 2) as EpochMillis, to, spans: 13 } };
    },
  };
  const app = servicesRoutes(services, clock);
  const spans = {
    traces: unused,
    tracesByKey: unused,
    rawTrace: unused,
    search: unused,
    environments: unused,
  };
  app.route('/jaeger', jaegerRoutes(spans, { aggregate: unused }, services, clock));
  return { app, asked };
}

test('GET /service-map answers nodes, edges and what they are made of', async () => {
  const { app, asked } = routes();
  const response = await app.request('/service-map?env=prod&from=now-10m&to=now');
  const map = (await response.json()) as ServiceMapResponse;
  expect(asked).toEqual([{ env: 'prod', range: { from: now - 600_000, to: now } }]);
  expect(map.nodes.slice(0, 2)).toEqual([
    {
      id: 'prod/cron',
      service: 'cron',
      env: 'prod',
      type: 'service',
      inferred: false,
      requests: 0,
      errors: 0,
      p50_ns: null,
      p95_ns: null,
      p99_ns: null,
      last_seen: null,
    },
    {
      id: 'prod/web',
      service: 'web',
      env: 'prod',
      type: 'service',
      inferred: false,
      requests: 4,
      errors: 1,
      p50_ns: 1e6,
      p95_ns: 2e6,
      p99_ns: 3e6,
      last_seen: '2024-09-24T11:26:00.000Z',
    },
  ]);
  expect(map.edges[1]).toEqual({
    from: 'prod/web',
    to: 'prod/database:shop',
    requests: 9,
    errors: 1,
    p50_ns: 1e6,
    p95_ns: 2e6,
    p99_ns: 3e6,
  });
  expect(map.coverage).toEqual({
    from: '2024-09-24T11:21:00.000Z',
    to: '2024-09-24T11:26:00.000Z',
    spans: 13,
    complete: false,
    truncated: false,
  });
});

test('GET /services lists the busiest first, with callers and callees', async () => {
  const { app, asked } = routes();
  const response = await app.request('/services');
  const { services } = (await response.json()) as ServicesResponse;
  expect(asked).toEqual([{ env: undefined, range: { from: now - 900_000, to: now } }]);
  expect(services.map(({ id, callers, callees }) => [id, callers, callees])).toEqual([
    ['prod/database:shop', ['prod/web'], []],
    ['prod/web', ['prod/cron'], ['prod/database:shop']],
    ['test/cron', [], ['test/web']],
    ['test/web', ['test/cron'], []],
    ['prod/cron', [], ['prod/web']],
  ]);
});

test('GET /jaeger/api/dependencies adds up environments, over the lookback asked for', async () => {
  const { app, asked } = routes();
  const response = await app.request(`/jaeger/api/dependencies?endTs=${now - 1000}&lookback=60000`);
  expect(asked).toEqual([{ env: undefined, range: { from: now - 61_000, to: now - 1000 } }]);
  expect(await response.json()).toEqual({
    data: [
      { parent: 'cron', child: 'web', callCount: 6 },
      { parent: 'web', child: 'shop', callCount: 9 },
    ],
    total: 2,
    limit: 0,
    offset: 0,
    errors: null,
  });
  await app.request('/jaeger/api/dependencies');
  expect(asked[1]?.range).toEqual({ from: now - 86_400_000, to: now });
});

test('GET /jaeger/api/dependencies refuses a lookback that is no number', async () => {
  const { app } = routes();
  app.onError((error, c) => c.text(error.message, 400));
  const response = await app.request('/jaeger/api/dependencies?lookback=1d');
  expect(await response.text()).toBe('Parameter lookback: expected milliseconds, found "1d"');
});
