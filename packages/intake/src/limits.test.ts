import { connect } from 'node:net';
import { OverloadedError } from '@spanloom/base';
import { describe, expect, test } from 'vitest';
import { newOutcome } from '@spanloom/model';
import { msgpack, ONE_TRACE, openIntake, rawExchange } from './test-intake.ts';

const MIB = 1024 * 1024;
const AGENT_LIMIT = 25 * MIB;

describe('size', () => {
  test('25 MiB are taken, one byte more is 413', async () => {
    await using rig = await openIntake();
    const body = new Uint8Array(AGENT_LIMIT + 1);
    const taken = await rig.fetch('/v0.4/traces', msgpack(body.subarray(1)));
    expect(taken.status).toBe(200);
    const refused = await rig.fetch('/v0.4/traces', msgpack(body));
    expect(refused.status).toBe(413);
    expect(await refused.json()).toMatchObject({ error: { code: 'PAYLOAD_TOO_LARGE' } });
    expect(await rig.counter('traces_dropped_total', { reason: 'PayloadTooLarge' })).toBe(1);
    expect(rig.sink.records.length).toBe(1);
  });

  test('an announced length is refused before any of the body comes', async () => {
    await using rig = await openIntake();
    const head = `PUT /v0.4/traces HTTP/1.1\r\nHost: a\r\nContent-Length: ${AGENT_LIMIT + 1}\r\n\r\n`;
    expect(await rawExchange(rig.agent.port, head)).toMatch(/^HTTP\/1.1 413 /);
  });

  test('a chunked body is refused as soon as it is too long, and nothing stays behind', async () => {
    await using rig = await openIntake();
    const chunk = new Uint8Array(MIB);
    let sent = 0;
    const body = new ReadableStream({
      pull(controller) {
        if (sent++ === 40) controller.close();
        else controller.enqueue(chunk);
      },
    });
    const init = { ...msgpack(''), body, duplex: 'half' } as RequestInit;
    const response = await rig.fetch('/v0.4/traces', init);
    expect(response.status).toBe(413);
    expect(await rig.counter('bytes_in_flight')).toBe(0);
    expect((await rig.fetch('/v0.4/traces', msgpack(ONE_TRACE))).status).toBe(200);
  });
});

describe('time', () => {
  test('a body that does not arrive is 408 and the connection closes', async () => {
    await using rig = await openIntake({ bodyTimeoutMs: 50 });
    const head = 'PUT /v0.4/traces HTTP/1.1\r\nHost: a\r\nContent-Length: 10\r\n\r\n[';
    const answer = await rawExchange(rig.agent.port, head, 2000);
    expect(answer).toMatch(/^HTTP\/1.1 408 /);
    expect(answer).toMatch(/connection: close/i);
    expect(await rig.counter('traces_dropped_total', { reason: 'Timeout' })).toBe(1);
    expect(await rig.counter('bytes_in_flight')).toBe(0);
  });

  test('a connection that goes in the middle of a body is counted, not reported', async () => {
    await using rig = await openIntake();
    const socket = connect(rig.agent.port, '127.0.0.1');
    socket.write('PUT /v0.4/traces HTTP/1.1\r\nHost: a\r\nContent-Length: 10\r\n\r\n[');
    await new Promise((resolve) => setTimeout(resolve, 50));
    socket.resetAndDestroy();
    await expect.poll(() => rig.counter('client_gone_total')).toBe(1);
    expect(await rig.counter('bytes_in_flight')).toBe(0);
    expect(rig.reported).toEqual([]);
  });

  test('an idle connection is told to stay for 95 seconds', async () => {
    await using rig = await openIntake();
    const response = await rig.fetch('/info');
    expect(response.headers.get('keep-alive')).toBe('timeout=95');
  });
});

describe('bad HTTP', () => {
  test('headers beyond 32 KiB are 431, just below are fine', async () => {
    await using rig = await openIntake();
    const get = (bytes: number): Promise<string> =>
      rawExchange(
        rig.agent.port,
        `GET /info HTTP/1.1\r\nHost: a\r\nConnection: close\r\nDatadog-Process-Tags: ${'t'.repeat(bytes)}\r\n\r\n`,
      );
    expect(await get(31 * 1024)).toMatch(/^HTTP\/1.1 200 /);
    expect(await get(33 * 1024)).toMatch(/^HTTP\/1.1 431 /);
    expect(await rig.counter('bad_http_total', { reason: 'HPE_HEADER_OVERFLOW' })).toBe(1);
  });

  test.each([
    ['no HTTP at all', '\x16\x03\x01\x02\x00hello\r\n\r\n'],
    [
      'two lengths',
      'PUT /v0.4/traces HTTP/1.1\r\nHost: a\r\nContent-Length: 2\r\nContent-Length: 3\r\n\r\n[]',
    ],
    [
      'a length that is no number',
      'PUT /v0.4/traces HTTP/1.1\r\nHost: a\r\nContent-Length: -1\r\n\r\n',
    ],
  ])('%s is 400 and the connection closes', async (_, bytes) => {
    await using rig = await openIntake();
    expect(await rawExchange(rig.agent.port, bytes)).toMatch(/^HTTP\/1.1 400 /);
    expect((await rig.fetch('/info')).status).toBe(200);
  });
});

const overloaded = (): never => {
  throw new OverloadedError('Cannot take more: the log is full', 3);
};

describe('overload', () => {
  test.each([
    ['an old tracer gets 200 with rates', '/v0.4/traces', {}, 200, null],
    [
      'a tracer that asks for real statuses gets 429',
      '/v0.4/traces',
      { 'datadog-send-real-http-status': '1' },
      429,
      '3',
    ],
    [
      'one that says no gets 200',
      '/v0.4/traces',
      { 'datadog-send-real-http-status': 'false' },
      200,
      null,
    ],
    ['v1.0 always gets 429', '/v1.0/traces', {}, 429, '3'],
    ['statistics are quiet too', '/v0.6/stats', {}, 200, null],
    ['backend senders get 503 and keep the payload', '/api/v0.2/traces', {}, 503, '3'],
    ['backend statistics as well', '/api/v0.2/stats', {}, 503, '3'],
  ])('%s', async (_, path, headers, status, retryAfter) => {
    await using rig = await openIntake();
    rig.sink.answer = overloaded;
    const response = await rig.fetch(path, msgpack(ONE_TRACE, headers));
    expect(response.status).toBe(status);
    expect(response.headers.get('retry-after')).toBe(retryAfter);
    if (path === '/v0.4/traces' && status === 200) {
      expect(await response.text()).toBe('{"rate_by_service":{"service:,env:":1}}');
    }
    expect(await rig.counter('payload_refused_total', { endpoint: path })).toBe(1);
    expect(await rig.counter('payload_accepted_total')).toBe(0);
  });

  test('a sink that never answers is given up on', async () => {
    await using rig = await openIntake({ ackTimeoutMs: 50 });
    rig.sink.answer = () => new Promise(() => {});
    const response = await rig.fetch('/v1.0/traces', msgpack(ONE_TRACE));
    expect(response.status).toBe(429);
    // The sink still has the body, so its memory is not given to others.
    expect(await rig.counter('bytes_in_flight')).toBe(2);
  });

  test('bodies beyond the memory wait their turn, then are refused and drained', async () => {
    await using rig = await openIntake({ memoryBytes: 1000, memoryWaitMs: 100 });
    const held: (() => void)[] = [];
    rig.sink.answer = () => new Promise((resolve) => held.push(() => resolve(newOutcome())));
    const body = new Uint8Array(600);
    const first = rig.fetch('/v0.4/traces', msgpack(body));
    await expect.poll(() => held.length).toBe(1);
    const refused = await rig.fetch('/v1.0/traces', msgpack(body));
    expect(refused.status).toBe(429);
    const waiting = rig.fetch('/v0.4/traces', msgpack(body));
    await expect.poll(() => rig.counter('requests_waiting')).toBe(1);
    held[0]!();
    expect((await first).status).toBe(200);
    await expect.poll(() => held.length).toBe(2);
    held[1]!();
    expect((await waiting).status).toBe(200);
    expect(await rig.counter('bytes_in_flight')).toBe(0);
  });

  test('a chunked body waits for memory in the middle', async () => {
    await using rig = await openIntake({ memoryBytes: 1000, memoryWaitMs: 5000 });
    const held: (() => void)[] = [];
    rig.sink.answer = () => new Promise((resolve) => held.push(() => resolve(newOutcome())));
    const first = rig.fetch('/v0.4/traces', msgpack(new Uint8Array(600)));
    await expect.poll(() => held.length).toBe(1);
    const body = new ReadableStream({
      start(controller) {
        for (let i = 0; i < 8; i++) controller.enqueue(new Uint8Array(100));
        controller.close();
      },
    });
    const second = rig.fetch('/v0.4/traces', {
      ...msgpack(''),
      body,
      duplex: 'half',
    });
    await expect.poll(() => rig.counter('requests_waiting')).toBe(1);
    held[0]!();
    await first;
    await expect.poll(() => held.length).toBe(2);
    expect(rig.sink.last.body.length).toBe(800);
    held[1]!();
    expect((await second).status).toBe(200);
    expect(await rig.counter('bytes_in_flight')).toBe(0);
  });
});
