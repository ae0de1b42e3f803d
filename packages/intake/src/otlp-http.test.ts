import { gzipSync } from 'node:zlib';
import { request } from 'node:http';
import { DecodeError, OverloadedError } from '@spanloom/base';
import { newOutcome } from '@spanloom/model';
import { describe, expect, test } from 'vitest';
import { openIntake, type TestIntake } from './test-intake.ts';

const PROTOBUF = 'application/x-protobuf';
const JSON_TYPE = 'application/json';

function send(
  rig: TestIntake,
  path: string,
  contentType: string | undefined,
  body: string | Uint8Array<ArrayBuffer>,
  headers: Record<string, string> = {},
): Promise<Response> {
  const type = contentType === undefined ? {} : { 'content-type': contentType };
  return rig.fetchOtlp(path, {
    method: 'POST',
    body: new Blob([body]),
    headers: { ...type, ...headers },
  });
}

async function bytes(response: Response): Promise<number[]> {
  return [...new Uint8Array(await response.arrayBuffer())];
}

describe('traces', () => {
  test('in protobuf answer with nothing, in JSON with an empty object', async () => {
    await using rig = await openIntake();
    const binary = await send(rig, '/v1/traces', PROTOBUF, new Uint8Array([0x0a, 0x00]));
    expect([binary.status, binary.headers.get('content-type')]).toEqual([200, PROTOBUF]);
    expect(await bytes(binary)).toEqual([]);
    const text = await send(
      rig,
      '/v1/traces',
      `${JSON_TYPE}; charset=utf-8`,
      '{"resourceSpans":[]}',
    );
    expect([text.status, text.headers.get('content-type')]).toEqual([200, JSON_TYPE]);
    expect(await text.text()).toBe('{}');
    expect(rig.sink.records.map(({ format }) => format)).toEqual([
      'otlp-traces-protobuf',
      'otlp-traces-json',
    ]);
  });

  test('an empty protobuf request is a success of nothing', async () => {
    await using rig = await openIntake();
    expect((await send(rig, '/v1/traces', PROTOBUF, '')).status).toBe(200);
    expect(rig.sink.records).toEqual([]);
  });

  test('rejected spans are a partial success', async () => {
    await using rig = await openIntake();
    rig.sink.answer = () => ({
      ...newOutcome(),
      spans: 1,
      rejectedSpans: 3,
      rejectedMessage: 'no id',
    });
    const text = await send(rig, '/v1/traces', JSON_TYPE, '{}');
    expect(await text.json()).toEqual({
      partialSuccess: { rejectedSpans: '3', errorMessage: 'no id' },
    });
    const binary = await send(rig, '/v1/traces', PROTOBUF, 'x');
    expect(await bytes(binary)).toEqual([0x0a, 9, 0x08, 3, 0x12, 5, ...Buffer.from('no id')]);
    expect(
      await rig.counter('otlp_rejected_total', { signal: 'traces', cause: 'InvalidSpan' }),
    ).toBe(6);
  });

  test('bad data is 400 with a status in the form of the request', async () => {
    await using rig = await openIntake();
    rig.sink.answer = () => {
      throw new DecodeError('field 1 is cut short', 2, { reason: 'EOF' });
    };
    const message = 'Cannot decode payload at byte 2: field 1 is cut short';
    const text = await send(rig, '/v1/traces', JSON_TYPE, '{}');
    expect(text.status).toBe(400);
    expect(await text.json()).toEqual({ code: 3, message });
    const binary = await send(rig, '/v1/traces', PROTOBUF, 'x');
    expect(binary.headers.get('content-type')).toBe(PROTOBUF);
    expect(await bytes(binary)).toEqual([0x08, 3, 0x12, message.length, ...Buffer.from(message)]);
    expect(await rig.counter('otlp_rejected_total', { signal: 'traces', cause: 'EOF' })).toBe(2);
  });

  test('overload is 503 with Retry-After', async () => {
    await using rig = await openIntake();
    rig.sink.answer = () => {
      throw new OverloadedError('Cannot take more', 2);
    };
    const response = await send(rig, '/v1/traces', JSON_TYPE, '{}');
    expect([response.status, response.headers.get('retry-after')]).toEqual([503, '2']);
    expect(await response.json()).toEqual({ code: 14, message: 'Cannot take more' });
  });

  test('gzip is taken', async () => {
    await using rig = await openIntake();
    const body = new Uint8Array(gzipSync('{"resourceSpans":[]}'));
    const response = await send(rig, '/v1/traces', JSON_TYPE, body, { 'content-encoding': 'gzip' });
    expect(response.status).toBe(200);
    expect(Buffer.from(rig.sink.last.body).toString()).toBe('{"resourceSpans":[]}');
  });

  test.each(['text/plain', 'application/msgpack', undefined])(
    'Content-Type %s is 415',
    async (type) => {
      await using rig = await openIntake();
      expect((await send(rig, '/v1/traces', type, '{}')).status).toBe(415);
    },
  );

  test('64 MiB are taken, one byte more is 413', async () => {
    await using rig = await openIntake();
    const body = new Uint8Array(64 * 1024 * 1024 + 1);
    expect((await send(rig, '/v1/traces', PROTOBUF, body.subarray(1))).status).toBe(200);
    expect((await send(rig, '/v1/traces', PROTOBUF, body)).status).toBe(413);
  });

  test('are taken on the agent port too', async () => {
    await using rig = await openIntake();
    const init = { method: 'POST', body: '{}', headers: { 'content-type': JSON_TYPE } };
    expect((await rig.fetch('/v1/traces', init)).status).toBe(200);
  });
});

describe('logs and metrics have no store, and the answer says so', () => {
  const logs = { resourceLogs: [{ scopeLogs: [{ logRecords: [{}, {}] }, { logRecords: [{}] }] }] };
  const metrics = {
    resourceMetrics: [
      {
        scopeMetrics: [
          {
            metrics: [
              { name: 'a', gauge: { dataPoints: [{}, {}] } },
              { name: 'b', sum: { dataPoints: [{}] } },
            ],
          },
        ],
      },
    ],
  };

  test('in JSON, with how many were not kept', async () => {
    await using rig = await openIntake();
    const refused = await send(rig, '/v1/logs', JSON_TYPE, JSON.stringify(logs));
    expect(refused.status).toBe(200);
    expect(await refused.json()).toEqual({
      partialSuccess: {
        rejectedLogRecords: '3',
        errorMessage:
          'This version of Spanloom stores traces only: these logs were not kept; set OTEL_LOGS_EXPORTER=none to stop sending them',
      },
    });
    const points = await send(rig, '/v1/metrics', JSON_TYPE, JSON.stringify(metrics));
    expect(await points.json()).toMatchObject({ partialSuccess: { rejectedDataPoints: '3' } });
    expect(await rig.counter('otlp_rejected_total', { signal: 'logs', cause: 'NotStored' })).toBe(
      3,
    );
    expect(await rig.counter('accepted_not_stored_total', { route: '/v1/metrics' })).toBe(1);
    expect(rig.sink.records).toEqual([]);
  });

  test('in protobuf', async () => {
    await using rig = await openIntake();
    // resource_logs { scope_logs { log_records {} log_records {} } }
    const response = await send(
      rig,
      '/v1/logs',
      PROTOBUF,
      new Uint8Array([0x0a, 6, 0x12, 4, 0x12, 0, 0x12, 0]),
    );
    const answer = await bytes(response);
    expect(answer[0]).toBe(0x0a);
    expect(answer.slice(2, 5)).toEqual([0x08, 2, 0x12]);
  });

  test('an empty request is a plain success, broken ones are 400', async () => {
    await using rig = await openIntake();
    expect(await (await send(rig, '/v1/logs', JSON_TYPE, '{}')).text()).toBe('{}');
    expect(await bytes(await send(rig, '/v1/metrics', PROTOBUF, ''))).toEqual([]);
    expect((await send(rig, '/v1/logs', JSON_TYPE, '{"resourceLogs":')).status).toBe(400);
    expect((await send(rig, '/v1/logs', JSON_TYPE, '[]')).status).toBe(400);
    expect((await send(rig, '/v1/logs', PROTOBUF, new Uint8Array([0x0a, 9, 1]))).status).toBe(400);
    expect((await send(rig, '/v1development/profiles', PROTOBUF, 'x')).status).toBe(200);
  });
});

const ask = (rig: TestIntake, origin: string): Promise<Response> =>
  rig.fetchOtlp('/v1/traces', {
    method: 'OPTIONS',
    headers: { origin, 'access-control-request-headers': 'content-type,x-team' },
  });

describe('browsers', () => {
  test('pages on this machine and configured ones may send, others may not', async () => {
    await using rig = await openIntake({ otlpOrigins: ['https://shop.example'] });
    for (const origin of ['http://localhost:5173', 'http://127.0.0.1', 'https://shop.example']) {
      const response = await ask(rig, origin);
      expect(response.status).toBe(204);
      expect(response.headers.get('access-control-allow-origin')).toBe(origin);
      expect(response.headers.get('access-control-allow-headers')).toBe('content-type,x-team');
      expect(response.headers.get('access-control-allow-methods')).toBe('POST');
    }
    for (const origin of ['https://evil.example', 'http://localhost.evil.example', 'null']) {
      expect((await ask(rig, origin)).headers.get('access-control-allow-origin')).toBeNull();
    }
  });

  test.each([
    ['https://shop.example', 200],
    ['https://evil.example', 403],
  ])('a cross-site request of %s is %i', async (origin, status) => {
    await using rig = await openIntake({ otlpOrigins: ['https://shop.example'] });
    const found = await new Promise((resolve, reject) => {
      const headers = { origin, 'sec-fetch-site': 'cross-site', 'content-type': JSON_TYPE };
      const options = { port: rig.otlp.port, path: '/v1/traces', method: 'POST', headers };
      request(options, (response) => resolve(response.resume().statusCode))
        .on('error', reject)
        .end('{}');
    });
    expect(found).toBe(status);
  });
});

test('other paths of the port are 404', async () => {
  await using rig = await openIntake();
  expect((await send(rig, '/v1/nothing', JSON_TYPE, '{}')).status).toBe(404);
  expect((await send(rig, '/api/v0.2/traces', PROTOBUF, 'x')).status).toBe(404);
  expect((await rig.fetchOtlp('/v1/traces')).status).toBe(405);
});
