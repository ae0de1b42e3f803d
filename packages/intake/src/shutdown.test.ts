import { connect } from 'node:net';
import { Registry } from 'prom-client';
import { type DecodeOutcome, newOutcome } from '@spanloom/model';
import { describe, expect, test } from 'vitest';
import { startAgentListener } from './listeners.ts';
import { msgpack, ONE_TRACE, openIntake } from './test-intake.ts';

describe('closing a listener', () => {
  test('lets a running request end and refuses new connections', async () => {
    const rig = await openIntake();
    const { promise, resolve: finish } = Promise.withResolvers<DecodeOutcome>();
    rig.sink.answer = () => promise;
    const running = rig.fetch('/v0.4/traces', msgpack(ONE_TRACE));
    await expect.poll(() => rig.sink.records.length).toBe(1);
    const closing = rig[Symbol.asyncDispose]();
    await expect(rig.fetch('/info')).rejects.toThrow('fetch failed');
    finish(newOutcome());
    expect((await running).status).toBe(200);
    await closing;
  });

  test('does not wait for idle connections', async () => {
    const rig = await openIntake();
    const socket = connect(rig.agent.port, '127.0.0.1');
    const closed = new Promise((resolve) => socket.on('close', resolve));
    socket.write('GET /info HTTP/1.1\r\nHost: a\r\n\r\n');
    await new Promise((resolve) => socket.once('data', resolve));
    const startedMs = performance.now();
    await rig[Symbol.asyncDispose]();
    await closed;
    expect(performance.now() - startedMs).toBeLessThan(150);
  });

  test('does not wait for connections that never asked for anything', async () => {
    const rig = await openIntake();
    const socket = connect(rig.agent.port, '127.0.0.1').resume();
    const closed = new Promise((resolve) => socket.on('close', resolve));
    await expect.poll(() => rig.counter('connections', { listener: 'agent' })).toBe(1);
    const startedMs = performance.now();
    await rig[Symbol.asyncDispose]();
    await closed;
    expect(performance.now() - startedMs).toBeLessThan(150);
  });

  test('cuts what has not ended at the deadline', async () => {
    const rig = await openIntake();
    rig.sink.answer = () => new Promise(() => {});
    const running = rig.fetch('/v0.4/traces', msgpack(ONE_TRACE));
    await expect.poll(() => rig.sink.records.length).toBe(1);
    const closing = rig[Symbol.asyncDispose]();
    await expect(running).rejects.toThrow('fetch failed');
    await closing;
  });
});

test('a port in use is named together with its setting', async () => {
  await using rig = await openIntake();
  await expect(
    startAgentListener(rig.intake, { host: '127.0.0.1', port: rig.agent.port }),
  ).rejects.toThrow(
    `Cannot start the agent listener on 127.0.0.1:${rig.agent.port}: already in use; set SPANLOOM_AGENT_PORT to another port, or to 0 to do without`,
  );
});

test('open connections are counted by listener', async () => {
  const registry = new Registry();
  await using rig = await openIntake({ registry });
  await rig.fetch('/info');
  const text = await registry.getSingleMetricAsString('spanloom_receiver_connections');
  expect(text).toContain('spanloom_receiver_connections{listener="agent"} 1');
  expect(text).toContain('spanloom_receiver_connections{listener="otlp-grpc"} 0');
});
