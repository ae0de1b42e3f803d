import { connect as connectHttp2 } from 'node:http2';
import { connect } from 'node:net';
import {
  type CallOptions,
  Client,
  compressionAlgorithms,
  credentials,
  Metadata,
  type ServiceError,
  status,
} from '@grpc/grpc-js';
import { DecodeError, OverloadedError } from '@spanloom/base';
import { newOutcome } from '@spanloom/model';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { openIntake, type TestIntake } from './test-intake.ts';

const KEY = '0123456789abcdef0123456789abcdef';
const MIB = 1024 * 1024;
const EXPORT = (signal: string, service: string): string =>
  `/opentelemetry.proto.collector.${signal}.v1.${service}/Export`;
const TRACES = EXPORT('trace', 'TraceService');

let rig: TestIntake;
let client: Client;
beforeEach(async () => {
  await open();
});
afterEach(async () => {
  client.close();
  await rig[Symbol.asyncDispose]();
});

async function open(options: Parameters<typeof openIntake>[0] = {}): Promise<void> {
  client?.close();
  await rig?.[Symbol.asyncDispose]();
  rig = await openIntake(options);
  client = new Client(rig.grpc.address, credentials.createInsecure(), {
    'grpc.max_send_message_length': -1,
    'grpc.enable_retries': 0,
  });
}

const raw = (value: Buffer): Buffer => value;

/** An independent client makes the call; the answer is the raw message. */
function call(
  method: string,
  body: Uint8Array,
  options: CallOptions & { metadata?: Record<string, string> } = {},
): Promise<Buffer> {
  const metadata = new Metadata();
  for (const [name, value] of Object.entries(options.metadata ?? {})) metadata.set(name, value);
  return new Promise((resolve, reject) => {
    client.makeUnaryRequest(
      method,
      raw,
      raw,
      Buffer.from(body),
      metadata,
      options,
      (error, answer) => {
        if (error === null) resolve(answer!);
        else reject(error);
      },
    );
  });
}

async function failure(promise: Promise<Buffer>): Promise<ServiceError> {
  return promise.then(
    () => {
      throw new Error('the call succeeded');
    },
    (error: ServiceError) => error,
  );
}

describe('traces', () => {
  test('are handed on and answered with an empty message', async () => {
    expect(await call(TRACES, Buffer.from('spans'))).toEqual(Buffer.alloc(0));
    expect(rig.sink.last.format).toBe('otlp-traces-protobuf');
    expect(Buffer.from(rig.sink.last.body).toString()).toBe('spans');
    expect(await rig.counter('payload_accepted_total', { endpoint: 'grpc/traces' })).toBe(1);
  });

  test('an empty message is a success of nothing', async () => {
    expect(await call(TRACES, Buffer.alloc(0))).toEqual(Buffer.alloc(0));
    expect(rig.sink.records).toEqual([]);
  });

  test('10 MiB arrive whole, plain and compressed', async () => {
    const body = Buffer.alloc(10 * MIB);
    for (let i = 0; i < body.length; i += 4) body.writeUInt32LE((i * 2654435761) >>> 0, i);
    await call(TRACES, body);
    expect(Buffer.from(rig.sink.last.body).equals(body)).toBe(true);
    client.close();
    client = new Client(rig.grpc.address, credentials.createInsecure(), {
      'grpc.default_compression_algorithm': compressionAlgorithms.gzip,
      'grpc.max_send_message_length': -1,
    });
    await call(TRACES, body);
    expect(rig.sink.records.length).toBe(2);
    expect(Buffer.from(rig.sink.last.body).equals(body)).toBe(true);
    expect(await rig.counter('bytes_in_flight')).toBe(0);
  });

  test('rejected spans are a partial success', async () => {
    rig.sink.answer = () => ({ ...newOutcome(), rejectedSpans: 2, rejectedMessage: 'id' });
    expect([...(await call(TRACES, Buffer.from('x')))]).toEqual([
      0x0a, 6, 8, 2, 0x12, 2, 0x69, 0x64,
    ]);
  });
});

describe('logs and metrics', () => {
  test.each([
    ['logs', EXPORT('logs', 'LogsService'), [0x0a, 6, 0x12, 4, 0x12, 0, 0x12, 0], 2],
    // resource_metrics { scope_metrics { metrics { gauge { data_points {} } } } }
    [
      'metrics',
      EXPORT('metrics', 'MetricsService'),
      [0x0a, 8, 0x12, 6, 0x12, 4, 0x2a, 2, 0x0a, 0],
      1,
    ],
  ])('%s are refused record by record', async (signal, method, body, rejected) => {
    const answer = await call(method, new Uint8Array(body));
    expect([answer[0], answer[answer.indexOf(8)], answer[answer.indexOf(8) + 1]]).toEqual([
      0x0a,
      8,
      rejected,
    ]);
    expect(answer.toString()).toContain('stores traces only');
    expect(await rig.counter('otlp_rejected_total', { signal, cause: 'NotStored' })).toBe(rejected);
  });
});

describe('errors', () => {
  test('bad data is INVALID_ARGUMENT with the byte', async () => {
    rig.sink.answer = () => {
      throw new DecodeError('field 1 ends early – 100 %', 7);
    };
    const error = await failure(call(TRACES, Buffer.from('x')));
    expect(error.code).toBe(status.INVALID_ARGUMENT);
    expect(error.details).toBe('Cannot decode payload at byte 7: field 1 ends early – 100 %');
  });

  test('overload is UNAVAILABLE with RetryInfo', async () => {
    rig.sink.answer = () => {
      throw new OverloadedError('Cannot take more', 5);
    };
    const error = await failure(call(TRACES, Buffer.from('x')));
    expect(error.code).toBe(status.UNAVAILABLE);
    const details = error.metadata.get('grpc-status-details-bin')[0] as Buffer;
    expect(details.toString('latin1')).toContain(
      'type.googleapis.com/google.rpc.RetryInfo\x12\x04\x0a\x02\x08\x05',
    );
    expect(await rig.counter('payload_refused_total', { endpoint: 'grpc/traces' })).toBe(1);
  });

  test('our own failures are INTERNAL and reported', async () => {
    rig.sink.answer = () => {
      throw new Error('secret');
    };
    const error = await failure(call(TRACES, Buffer.from('x')));
    expect(error.code).toBe(status.INTERNAL);
    expect(error.details).not.toContain('secret');
    expect(rig.reported).toHaveLength(1);
  });

  test('more than 64 MiB is RESOURCE_EXHAUSTED', async () => {
    const error = await failure(call(TRACES, Buffer.alloc(64 * MIB + 1)));
    expect(error.code).toBe(status.RESOURCE_EXHAUSTED);
    expect(await rig.counter('bytes_in_flight')).toBe(0);
  });

  test('an unknown method is UNIMPLEMENTED', async () => {
    const error = await failure(
      call('/opentelemetry.proto.collector.profiles.v1.ProfilesService/Export', Buffer.of()),
    );
    expect(error.code).toBe(status.UNIMPLEMENTED);
  });

  test('a key is demanded where keys exist', async () => {
    await open({ keys: [KEY] });
    expect((await failure(call(TRACES, Buffer.from('x')))).code).toBe(status.UNAUTHENTICATED);
    const wrong = { metadata: { 'dd-api-key': 'x'.repeat(32) } };
    expect((await failure(call(TRACES, Buffer.from('x'), wrong))).code).toBe(
      status.UNAUTHENTICATED,
    );
    await call(TRACES, Buffer.from('x'), { metadata: { 'dd-api-key': KEY } });
    await call(TRACES, Buffer.from('x'), { metadata: { authorization: `Bearer ${KEY}` } });
    expect(rig.sink.records.length).toBe(2);
    expect(await rig.counter('auth_failed_total')).toBe(2);
  });

  test('a deadline passes at the client and here', async () => {
    rig.sink.answer = () => new Promise(() => {});
    const error = await failure(call(TRACES, Buffer.from('x'), { deadline: Date.now() + 100 }));
    expect(error.code).toBe(status.DEADLINE_EXCEEDED);
  });
});

/** A call by hand: what the reference client would never send. */
function byHand(
  headers: Record<string, string>,
  frames: Uint8Array[],
  end = true,
): Promise<Record<string, unknown>> {
  return new Promise((resolve, reject) => {
    const session = connectHttp2(`http://${rig.grpc.address}`);
    session.on('error', reject);
    const stream = session.request({
      ':method': 'POST',
      ':path': TRACES,
      'content-type': 'application/grpc',
      te: 'trailers',
      ...headers,
    });
    const found: Record<string, unknown> = {};
    stream.on('response', (fields) => Object.assign(found, fields));
    stream.on('trailers', (fields) => Object.assign(found, fields));
    stream.on('error', reject);
    stream.on('close', () => {
      session.close();
      resolve(found);
    });
    stream.resume();
    for (const each of frames) stream.write(each);
    if (end) stream.end();
  });
}

function framed(flag: number, body: Uint8Array, length: number = body.length): Uint8Array {
  const head = Buffer.from([flag, 0, 0, 0, 0]);
  head.writeUInt32BE(length, 1);
  return Buffer.concat([head, body]);
}

describe('by hand', () => {
  test.each([
    ['no message', {}, [], '3'],
    ['half a frame', {}, [Uint8Array.of(0, 0, 0)], '3'],
    ['a message cut short', {}, [framed(0, Buffer.from('abc'), 9)], '3'],
    ['two messages', {}, [framed(0, Buffer.from('a')), framed(0, Buffer.from('b'))], '3'],
    ['an unknown flag', {}, [framed(7, Buffer.from('a'))], '3'],
    [
      'compressed with something unknown',
      { 'grpc-encoding': 'snappy' },
      [framed(1, Buffer.from('a'))],
      '12',
    ],
    ['compressed and broken', { 'grpc-encoding': 'gzip' }, [framed(1, Buffer.from('a'))], '3'],
    ['a timeout that is none', { 'grpc-timeout': 'soon' }, [framed(0, Buffer.from('a'))], '3'],
    ['a message announced too large', {}, [framed(0, Buffer.from('abc'), 2 ** 31)], '8'],
    ['an hour of time', { 'grpc-timeout': '1H' }, [framed(0, Buffer.from('a'))], '0'],
    [
      'plain although an encoding is named',
      { 'grpc-encoding': 'gzip' },
      [framed(0, Buffer.from('a'))],
      '0',
    ],
  ])('%s', async (_, headers, frames, code) => {
    expect((await byHand(headers as Record<string, string>, frames))['grpc-status']).toBe(code);
  });

  test('a body that stalls is DEADLINE_EXCEEDED', async () => {
    await open({ bodyTimeoutMs: 50 });
    expect((await byHand({}, [Uint8Array.of(0, 0)], false))['grpc-status']).toBe('4');
  });

  test('the timeout of the call ends it', async () => {
    rig.sink.answer = () => new Promise(() => {});
    const found = await byHand({ 'grpc-timeout': '50m' }, [framed(0, Buffer.from('a'))]);
    expect(found['grpc-status']).toBe('4');
  });

  test('a content type that is not gRPC is 415', async () => {
    const found = await byHand({ 'content-type': 'application/json' }, []);
    expect(found[':status']).toBe(415);
  });

  test('a call whose connection goes gives its memory back', async () => {
    const session = connectHttp2(`http://${rig.grpc.address}`);
    const stream = session.request({
      ':method': 'POST',
      ':path': TRACES,
      'content-type': 'application/grpc',
    });
    stream.on('error', () => {});
    stream.write(Buffer.alloc(100_000));
    await expect.poll(() => rig.counter('bytes_in_flight')).toBeGreaterThan(0);
    session.destroy();
    await expect.poll(() => rig.counter('client_gone_total', { route: 'grpc/traces' })).toBe(1);
    expect(await rig.counter('bytes_in_flight')).toBe(0);
  });

  test('bytes that are not HTTP/2 close the connection and harm nobody', async () => {
    const socket = connect(rig.grpc.port, '127.0.0.1');
    socket.on('error', () => {});
    socket.resume();
    socket.write('PUT / HTTP/1.1\r\n\r\nsomething else entirely, long enough to be noticed');
    await new Promise((resolve) => socket.on('close', resolve));
    await call(TRACES, Buffer.from('x'));
    expect(rig.sink.records.length).toBe(1);
  });
});
