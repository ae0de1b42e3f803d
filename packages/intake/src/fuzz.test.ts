import { connect as connectHttp2 } from 'node:http2';
import * as fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { AGENT_ROUTES } from './agent-routes.ts';
import { BACKEND_ROUTES } from './backend-routes.ts';
import { OTLP_ROUTES } from './otlp-routes.ts';
import { openIntake, rawExchange, type TestIntake } from './test-intake.ts';

/** Every status a write route may answer with when the sink takes everything. */
const STATUSES = new Set([200, 202, 400, 404, 413, 415]);
const PATHS = [...AGENT_ROUTES, ...BACKEND_ROUTES, ...OTLP_ROUTES]
  .filter(({ access }) => access !== 'read')
  .map(({ path }) => path.replace('*', 'x'));

let rig: TestIntake;
beforeAll(async () => {
  rig = await openIntake({ bodyTimeoutMs: 200 });
});
afterAll(() => rig[Symbol.asyncDispose]());

describe('anything may be sent', () => {
  test('every write route answers any bytes, types and encodings with a status of its protocol', async () => {
    const encodings = fc.constantFrom(
      undefined,
      'gzip',
      'deflate',
      'zstd',
      'identity',
      'gzip, zstd',
      'br',
    );
    const types = fc.constantFrom(
      'application/msgpack',
      'application/json',
      'application/x-protobuf',
      'multipart/form-data',
      'x/y',
    );
    const bodies = fc.oneof(
      fc.uint8Array({ maxLength: 200 }),
      fc.json().map((text) => new TextEncoder().encode(text)),
      fc.uint8Array({ maxLength: 60 }).map((tail) => Uint8Array.from([0x1f, 0x8b, 8, ...tail])),
      fc
        .uint8Array({ maxLength: 60 })
        .map((tail) => Uint8Array.from([0x28, 0xb5, 0x2f, 0xfd, ...tail])),
    );
    await fc.assert(
      fc.asyncProperty(
        fc.constantFrom(...PATHS),
        types,
        encodings,
        bodies,
        async (path, type, encoding, body) => {
          const headers = {
            'content-type': type,
            ...(encoding === undefined ? {} : { 'content-encoding': encoding }),
          };
          const response = await rig.fetch(path, {
            method: 'POST',
            headers,
            body: new Uint8Array(body),
          });
          await response.arrayBuffer();
          expect(STATUSES).toContain(response.status);
        },
      ),
      { numRuns: 600 },
    );
    expect(rig.reported).toEqual([]);
    expect(await rig.counter('bytes_in_flight')).toBe(0);
  });

  test('broken HTTP is refused or ignored, and the next request is served', async () => {
    const heads = fc.constantFrom(
      'PUT /v0.4/traces HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n',
      'PUT /v0.4/traces HTTP/1.1\r\nHost: a\r\nContent-Length: 20\r\n\r\n',
      'GET /info HTTP/1.1\r\n',
      '',
    );
    await fc.assert(
      fc.asyncProperty(heads, fc.string({ maxLength: 80 }), async (head, tail) => {
        const answer = await rawExchange(rig.agent.port, head + tail, 30).catch(() => '');
        expect(answer === '' || /^HTTP\/1\.1 (200|400|408|431|404|405)/.test(answer)).toBe(true);
      }),
      { numRuns: 40 },
    );
    expect((await rig.fetch('/info')).status).toBe(200);
    expect(rig.reported).toEqual([]);
  });

  test('gRPC answers any bytes with a status', async () => {
    const session = connectHttp2(`http://${rig.grpc.address}`);
    await fc.assert(
      fc.asyncProperty(
        fc.uint8Array({ maxLength: 100 }),
        fc.constantFrom(
          'trace.v1.TraceService',
          'logs.v1.LogsService',
          'metrics.v1.MetricsService',
        ),
        fc.constantFrom('identity', 'gzip', 'zstd', 'x'),
        async (body, service, encoding) => {
          const stream = session.request({
            ':method': 'POST',
            ':path': `/opentelemetry.proto.collector.${service}/Export`,
            'content-type': 'application/grpc+proto',
            'grpc-encoding': encoding,
          });
          const status = await new Promise((resolve, reject) => {
            const take = (fields: Record<string, unknown>): void => {
              if (fields['grpc-status'] !== undefined) resolve(fields['grpc-status']);
            };
            stream.on('response', take).on('trailers', take).on('error', reject).resume();
            stream.end(body);
          });
          expect(['0', '3', '8', '12']).toContain(status);
        },
      ),
      { numRuns: 300 },
    );
    session.close();
    expect(rig.reported).toEqual([]);
  });
});
