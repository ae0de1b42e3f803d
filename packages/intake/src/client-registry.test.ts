import type { EpochMillis } from '@spanloom/base';
import { describe, expect, test } from 'vitest';
import { ClientRegistry } from './client-registry.ts';

const ACTIVITY = { traces: 1, spans: 2, bytes: 3, droppedP0Traces: 0, droppedP0Spans: 0 };

function registryAt(time: { ms: number }): ClientRegistry {
  return new ClientRegistry({ now: () => time.ms as EpochMillis });
}

function identity(
  tracerVersion: string,
  endpoint = '/v0.4/traces',
): Parameters<ClientRegistry['record']>[0] {
  return { language: 'go', languageVersion: '1.25', tracerVersion, endpoint };
}

describe('ClientRegistry', () => {
  test('forgets a client an hour after its last payload, not before', () => {
    const time = { ms: 0 };
    const clients = registryAt(time);
    clients.record(identity('2.0.0'), ACTIVITY);
    time.ms = 3_600_000;
    expect(clients.list()).toHaveLength(1);
    time.ms += 1;
    expect(clients.list()).toEqual([]);
  });

  test('tells clients apart by version and endpoint, latest first', () => {
    const time = { ms: 0 };
    const clients = registryAt(time);
    clients.record(identity('2.0.0'), ACTIVITY);
    clients.record(identity('2.1.0'), ACTIVITY);
    clients.record(identity('2.0.0', '/v1.0/traces'), ACTIVITY);
    time.ms = 1000;
    clients.record(identity('2.0.0'), ACTIVITY);
    expect(
      clients
        .list()
        .map(({ tracer_version, endpoint, payloads, spans }) => [
          tracer_version,
          endpoint,
          payloads,
          spans,
        ]),
    ).toEqual([
      ['2.0.0', '/v0.4/traces', 2, 4],
      ['2.0.0', '/v1.0/traces', 1, 2],
      ['2.1.0', '/v0.4/traces', 1, 2],
    ]);
    expect(clients.list()[0]?.last_seen).toBe('1970-01-01T00:00:01.000Z');
  });

  test('stays within 500 lines and 64 characters, whatever clients call themselves', () => {
    const clients = registryAt({ ms: 0 });
    for (let i = 0; i < 2000; i++) clients.record(identity(`${i}${'x'.repeat(1000)}`), ACTIVITY);
    const list = clients.list();
    expect(list).toHaveLength(500);
    expect(list[0]?.tracer_version).toMatch(/^1999x{60}$/);
  });
});
