import { createHash } from 'node:crypto';
import { request } from 'node:http';
import { DecodeError, LimitError } from '@spanloom/base';
import { newOutcome } from '@spanloom/model';
import { describe, expect, test } from 'vitest';
import { msgpack, NOW_MS, ONE_TRACE, openIntake, rawExchange } from './test-intake.ts';

const RATES = '{"rate_by_service":{"service:,env:":1}}';

describe('the payload handed on', () => {
  test('has the format, the body, the time and the headers decoding needs, and no others', async () => {
    await using rig = await openIntake();
    await rig.fetch(
      '/v0.4/traces',
      msgpack(ONE_TRACE, {
        'Datadog-Meta-Lang': 'nodejs',
        'Datadog-Meta-Tracer-Version': '6.21.0',
        'Datadog-Client-Computed-Top-Level': 'yes',
        'DD-API-KEY': '0123456789abcdef0123456789abcdef',
        'User-Agent': 'test',
      }),
    );
    expect(rig.sink.last).toEqual({
      format: 'agent-v0.4-msgpack',
      receivedMs: NOW_MS,
      headers: {
        'datadog-meta-lang': 'nodejs',
        'datadog-meta-tracer-version': '6.21.0',
        'datadog-client-computed-top-level': 'yes',
      },
      body: Buffer.from(ONE_TRACE),
    });
  });

  const array = new Uint8Array([0x91, 0x90]);
  test.each([
    ['/v0.3/traces', 'application/msgpack', array, 'agent-v0.3-msgpack'],
    ['/v0.3/traces', 'application/json', '[[]]', 'agent-v0.3-json'],
    ['/v0.4/traces', 'application/json; charset=utf-8', '[[]]', 'agent-v0.4-json'],
    ['/v0.4/traces', undefined, '[[]]', 'agent-v0.4-json'],
    ['/v0.4/traces', undefined, array, 'agent-v0.4-msgpack'],
    ['/v0.4/traces', 'application/octet-stream', array, 'agent-v0.4-msgpack'],
    ['/v0.4/traces', 'text/plain', ' \n[[]]', 'agent-v0.4-json'],
    ['/v0.4/traces', 'text/plain', 'null', 'agent-v0.4-json'],
    ['/v0.5/traces', 'application/msgpack', array, 'agent-v0.5-msgpack'],
    ['/v0.7/traces', 'application/msgpack', array, 'agent-v0.7-msgpack'],
    ['/v1.0/traces', 'application/msgpack', array, 'agent-v1.0-msgpack'],
    ['/v0.2/traces', 'application/json', '[[]]', 'agent-v0.3-json'],
    ['/v0.1/spans', 'application/json', '[]', 'agent-v0.1-json'],
    ['/v0.6/stats', 'application/msgpack', array, 'client-stats-msgpack'],
    ['/api/v0.2/stats', 'application/msgpack', array, 'agent-stats-msgpack'],
    ['/api/v0.2/traces', 'application/x-protobuf', array, 'agent-payload-protobuf'],
    ['/api/v2/spans', 'application/json', '{"traces":[]}', 'agentless-json'],
  ])('%s as %s', async (path, contentType, body, format) => {
    await using rig = await openIntake();
    const response = await rig.fetch(path, {
      method: 'POST',
      // A Blob without a type is the one body fetch adds no Content-Type for.
      body: new Blob([body]),
      headers: contentType === undefined ? {} : { 'content-type': contentType },
    });
    expect(response.ok).toBe(true);
    expect(rig.sink.records.map((record) => record.format)).toEqual([format]);
  });

  test.each([
    ['/v0.2/traces', 'application/msgpack'],
    ['/v0.1/spans', 'application/msgpack'],
    ['/v0.5/traces', 'application/json'],
    ['/v1.0/traces', 'application/json'],
  ])('%s refuses %s with 415', async (path, contentType) => {
    await using rig = await openIntake();
    const response = await rig.fetch(path, {
      method: 'PUT',
      body: '[]',
      headers: { 'content-type': contentType },
    });
    expect(response.status).toBe(415);
    expect(await response.json()).toMatchObject({ error: { code: 'UNSUPPORTED_CONTENT_TYPE' } });
    expect(rig.sink.records).toEqual([]);
  });
});

describe('probes are answered with rates', () => {
  test.each([
    ['Java', new Uint8Array([0x92, 0x90, 0x90]), 1],
    ['.NET', new Uint8Array([0x90]), 1],
    ['an empty body', new Uint8Array(0), 0],
  ])('%s', async (_, body, records) => {
    await using rig = await openIntake();
    const response = await rig.fetch('/v0.4/traces', msgpack(body));
    expect(response.status).toBe(200);
    expect(await response.text()).toBe(RATES);
    expect(rig.sink.records.length).toBe(records);
  });

  test('an empty chunked body', async () => {
    await using rig = await openIntake();
    const answer = await rawExchange(
      rig.agent.port,
      'PUT /v0.4/traces HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\nConnection: close\r\n\r\n0\r\n\r\n',
    );
    expect(answer).toMatch(/^HTTP\/1.1 200 OK\r\n/);
    expect(answer).toContain(RATES);
  });
});

describe('rates', () => {
  test('a client that names our version gets an empty object and the version', async () => {
    await using rig = await openIntake();
    const header = 'datadog-rates-payload-version';
    const first = await rig.fetch('/v0.4/traces', msgpack(ONE_TRACE, { [header]: '' }));
    const version = first.headers.get(header)!;
    expect(version).toMatch(/^[0-9a-f]{16}$/);
    expect(await first.text()).toBe(RATES);
    const second = await rig.fetch('/v0.4/traces', msgpack(ONE_TRACE, { [header]: version }));
    expect(await second.text()).toBe('{}');
    expect(second.headers.get(header)).toBe(version);
    const third = await rig.fetch('/v0.4/traces', msgpack(ONE_TRACE));
    expect(await third.text()).toBe(RATES);
    expect(third.headers.get(header)).toBeNull();
  });

  test('configured rates come beside the default', async () => {
    await using rig = await openIntake({ rates: { 'service:checkout,env:prod': 0.25 } });
    const response = await rig.fetch('/v0.4/traces', msgpack(ONE_TRACE));
    expect(await response.text()).toBe(
      '{"rate_by_service":{"service:,env:":1,"service:checkout,env:prod":0.25}}',
    );
  });
});

describe('/info', () => {
  test('is what trace replies give the SHA-256 of, and the same every time', async () => {
    await using rig = await openIntake();
    const response = await rig.fetch('/info');
    const body = Buffer.from(await response.arrayBuffer());
    const hash = createHash('sha256').update(body).digest('hex');
    expect(response.headers.get('datadog-agent-state')).toBe(hash);
    const reply = await rig.fetch('/v0.4/traces', msgpack(ONE_TRACE));
    expect(reply.headers.get('datadog-agent-state')).toBe(hash);
    expect(Buffer.from(await (await rig.fetch('/info')).arrayBuffer()).equals(body)).toBe(true);
  });

  test('says what we take and leaves out what would mislead', async () => {
    await using rig = await openIntake();
    const info = (await (await rig.fetch('/info')).json()) as Record<string, unknown>;
    expect(info['version']).toBe('7.79.1');
    expect(info['endpoints']).toEqual([
      '/info',
      '/v0.3/traces',
      '/v0.4/traces',
      '/v0.5/traces',
      '/v0.7/traces',
      '/v1.0/traces',
      '/v0.6/stats',
      '/v0.1/pipeline_stats',
      '/profiling/v1/input',
      '/telemetry/proxy/',
      '/tracer_flare/v1',
    ]);
    expect(info['client_drop_p0s']).toBe(false);
    expect(info['span_events']).toBe(true);
    expect(info['span_meta_structs']).toBe(true);
    expect(info['peer_tags']).toHaveLength(43);
    expect(info['config']).not.toHaveProperty('statsd_port');
    expect(info).not.toHaveProperty('obfuscation');
    expect(Object.keys(info)).toEqual(Object.keys(info).toSorted());
  });

  test('has another state when the configuration differs', async () => {
    await using plain = await openIntake();
    await using saving = await openIntake({ info: { clientDropP0s: true } });
    const state = async (rig: typeof plain): Promise<string | null> =>
      (await rig.fetch('/info')).headers.get('datadog-agent-state');
    expect(await state(plain)).not.toBe(await state(saving));
  });
});

describe('errors of the sink', () => {
  test('a payload that does not decode is 400 with the byte and the problem', async () => {
    await using rig = await openIntake();
    rig.sink.answer = () => {
      throw new DecodeError('expected an array, found type byte 0xa5', 17);
    };
    const response = await rig.fetch(
      '/v0.4/traces',
      msgpack(ONE_TRACE, { 'x-datadog-trace-count': '3' }),
    );
    expect(response.status).toBe(400);
    expect(await response.json()).toEqual({
      error: {
        code: 'DECODE_FAILED',
        message: 'Cannot decode payload at byte 17: expected an array, found type byte 0xa5',
        details: { offset: 17, problem: 'expected an array, found type byte 0xa5' },
      },
    });
    expect(await rig.counter('traces_dropped_total', { reason: 'DecodingError' })).toBe(3);
  });

  test('a limit is 413, anything else 500 without its words', async () => {
    await using rig = await openIntake();
    rig.sink.answer = () => {
      throw new LimitError('Cannot keep a span of 9 MiB', 'spanBytes');
    };
    expect((await rig.fetch('/v0.4/traces', msgpack(ONE_TRACE))).status).toBe(413);
    const failure = new Error('disk on fire at /secret/path');
    rig.sink.answer = () => {
      throw failure;
    };
    const response = await rig.fetch('/v0.4/traces', msgpack(ONE_TRACE));
    expect(response.status).toBe(500);
    expect(await response.text()).not.toContain('secret');
    expect(rig.reported).toEqual([failure]);
  });
});

describe('counting', () => {
  test('senders, spans, drops and clients', async () => {
    await using rig = await openIntake();
    rig.sink.answer = () => ({
      ...newOutcome(),
      traces: 2,
      spans: 7,
      droppedSpans: 1,
      droppedTraces: { TraceIDZero: 1 },
      malformedSpans: { ServiceTruncate: 4 },
      priorities: { '1': 2 },
    });
    const headers = {
      'datadog-meta-lang': 'jvm',
      'datadog-meta-lang-version': '21',
      'datadog-meta-tracer-version': '1.60.0',
      'datadog-client-dropped-p0-traces': '5',
      'datadog-client-dropped-p0-spans': '50',
      'x-datadog-trace-count': '3',
    };
    await rig.fetch('/v0.4/traces', msgpack(ONE_TRACE, headers));
    await rig.fetch(
      '/v0.4/traces',
      msgpack(ONE_TRACE, { ...headers, 'x-datadog-trace-count': '9' }),
    );
    const sender = { language: 'java', endpoint: '/v0.4/traces' };
    expect(await rig.counter('traces_received_total', sender)).toBe(4);
    expect(await rig.counter('spans_received_total', sender)).toBe(14);
    expect(await rig.counter('traces_bytes_total', sender)).toBe(4);
    expect(await rig.counter('spans_dropped_total', sender)).toBe(2);
    expect(await rig.counter('payload_accepted_total', sender)).toBe(2);
    expect(await rig.counter('client_dropped_p0_traces_total', { language: 'java' })).toBe(10);
    expect(await rig.counter('client_dropped_p0_spans_total', { language: 'java' })).toBe(100);
    expect(await rig.counter('traces_dropped_total', { reason: 'TraceIDZero' })).toBe(2);
    expect(await rig.counter('spans_malformed_total', { reason: 'ServiceTruncate' })).toBe(8);
    expect(await rig.counter('traces_priority_total', { priority: '1' })).toBe(4);
    expect(await rig.counter('trace_count_mismatch_total')).toBe(1);
    expect(rig.intake.clients()).toEqual([
      {
        language: 'jvm',
        language_version: '21',
        tracer_version: '1.60.0',
        endpoint: '/v0.4/traces',
        last_seen: new Date(NOW_MS).toISOString(),
        payloads: 2,
        traces: 4,
        spans: 14,
        bytes: 4,
        dropped_p0_traces: 10,
        dropped_p0_spans: 100,
      },
    ]);
  });
});

describe('HTTP details', () => {
  test('a page of another site is refused', async () => {
    await using rig = await openIntake();
    // fetch() guards this header, a browser sets it itself.
    const status = await new Promise((resolve, reject) => {
      const headers = { 'sec-fetch-site': 'cross-site' };
      const options = { port: rig.agent.port, path: '/v0.4/traces', method: 'POST', headers };
      request(options, (response) => resolve(response.resume().statusCode))
        .on('error', reject)
        .end('[]');
    });
    expect(status).toBe(403);
    expect(rig.sink.records).toEqual([]);
  });

  test('Expect: 100-continue is answered before the body comes', async () => {
    await using rig = await openIntake();
    const body = await new Promise<string>((resolve, reject) => {
      const sending = request({
        port: rig.agent.port,
        path: '/v0.4/traces',
        method: 'POST',
        headers: {
          expect: '100-continue',
          'content-type': 'application/json',
          'content-length': 4,
        },
      });
      sending.on('continue', () => sending.end('[[]]'));
      sending.on('error', reject);
      sending.on('response', (response) => {
        let text = '';
        response.on('data', (chunk) => (text += chunk)).on('end', () => resolve(text));
      });
      sending.flushHeaders();
    });
    expect(body).toBe(RATES);
    expect(rig.sink.last.format).toBe('agent-v0.4-json');
  });

  test('Expect: 100-continue of a refused body is answered with the refusal alone', async () => {
    await using rig = await openIntake();
    const head = 'POST /v0.4/traces HTTP/1.1\r\nHost: a\r\nExpect: 100-continue\r\n';
    const answer = await rawExchange(rig.agent.port, `${head}Content-Length: 99999999\r\n\r\n`);
    expect(answer).toMatch(/^HTTP\/1.1 413 /);
    expect(answer).toMatch(/connection: close/i);
    expect(answer).not.toContain('100 Continue');
  });

  test('chunked bodies without a length are taken whole', async () => {
    await using rig = await openIntake();
    const body = new ReadableStream({
      start(controller) {
        for (const part of ['[[', ']', ']']) controller.enqueue(new TextEncoder().encode(part));
        controller.close();
      },
    });
    const init = {
      method: 'POST',
      body,
      duplex: 'half',
      headers: { 'content-type': 'application/json' },
    };
    const response = await rig.fetch('/v0.4/traces', init as RequestInit);
    expect(response.status).toBe(200);
    expect(Buffer.from(rig.sink.last.body).toString()).toBe('[[]]');
  });

  test('several requests share one connection', async () => {
    await using rig = await openIntake();
    const one = 'PUT /v0.4/traces HTTP/1.1\r\nHost: a\r\nContent-Length: 2\r\n\r\n[]';
    const last = one.replace('Host: a', 'Host: a\r\nConnection: close');
    const answer = await rawExchange(rig.agent.port, one + one + last);
    expect(answer.match(/HTTP\/1.1 200 OK/g)).toHaveLength(3);
  });
});
