import { DecodeError } from '@spanloom/base';
import { type Span, SpanBatch } from '@spanloom/model';
import { JsonTraceSerializer, ProtobufTraceSerializer } from '@opentelemetry/otlp-transformer';
import { describe, expect, test } from 'vitest';
import { decodeRecord } from '../decode-record.ts';
import { decode, record } from '../sample-spans.test.support.ts';

const entry = (kind: number, parentSpanId: string): number =>
  decodeSpan({ kind, parentSpanId }).flags;

const SPAN = {
  traceId: '66F2A1C48F3B0C5E9A7D4B21E6C8F013',
  spanId: '2b3c4d5e6f708192',
  name: 'own name',
  kind: 1,
  startTimeUnixNano: '1727177156250000000',
  endTimeUnixNano: '1727177156262000000',
};

interface Attribute {
  readonly key: string;
  readonly value: object;
}

function attributes(values: Record<string, string | number | boolean>): Attribute[] {
  return Object.entries(values).map(([key, value]) => ({
    key,
    value:
      typeof value === 'string'
        ? { stringValue: value }
        : typeof value === 'boolean'
          ? { boolValue: value }
          : { intValue: value },
  }));
}

function request(
  spans: readonly object[],
  resource: Record<string, string> = { 'service.name': 'checkout' },
  scope = 'scope-1',
): object {
  return {
    resourceSpans: [
      {
        resource: { attributes: attributes(resource) },
        scopeSpans: [{ scope: { name: scope }, spans }],
      },
    ],
  };
}

function decodeJson(body: object): ReturnType<typeof decode> {
  return decode('otlp-traces-json', Buffer.from(JSON.stringify(body)));
}

function decodeSpan(fields: object, resource?: Record<string, string>, scope?: string): Span {
  return decodeJson(request([{ ...SPAN, ...fields }], resource, scope)).spans[0]!;
}

describe('bodies', () => {
  test('an empty request holds nothing', () => {
    expect(decodeJson({}).outcome.spans).toBe(0);
    expect(decodeJson({ resourceSpans: [] }).outcome.spans).toBe(0);
  });

  test.each([
    ['a zero trace id', { traceId: '0'.repeat(32) }],
    ['a short trace id', { traceId: 'ab' }],
    ['no span id', { spanId: '' }],
    ['a zero span id', { spanId: '0'.repeat(16) }],
  ])('%s refuses the span and no other', (_name, fields) => {
    const { spans, outcome } = decodeJson(request([{ ...SPAN, ...fields }, SPAN]));
    expect(spans).toHaveLength(1);
    expect(outcome).toMatchObject({ spans: 1, rejectedSpans: 1 });
    expect(outcome.rejectedMessage).toMatch(/^a span was refused: its (trace|span) id/);
  });

  test('ids in base64 are refused with their place', () => {
    const body = Buffer.from(
      JSON.stringify(request([{ ...SPAN, traceId: 'ZvKhxI87DF6afUsh5sjwEw==' }])),
    );
    expect(() => decode('otlp-traces-json', body)).toThrow(DecodeError);
    expect(() => decode('otlp-traces-json', body)).toThrow(/expected an id in hex/);
  });

  test('numbers as text and as numbers, enums by name, unknown members, low and high halves', () => {
    const span = decodeSpan({
      kind: 'SPAN_KIND_CLIENT',
      startTimeUnixNano: { low: 3_411_714_176, high: 402_140_016 },
      endTimeUnixNano: 1727177156262000000,
      status: { code: 'STATUS_CODE_ERROR', message: 'broke' },
      later: { nested: ['thing'] },
      attributes: [{ key: 'n', value: { intValue: '9007199254740993' } }],
    });
    expect(span).toMatchObject({
      kind: 'client',
      error: true,
      typed: { n: 'int:9007199254740993' },
    });
    expect(span.start).toBe((402_140_016n << 32n) | 3_411_714_176n);
    expect(span.meta['error.message']).toBe('broke');
  });

  test('an end before the start is a duration of 0', () => {
    expect(decodeSpan({ endTimeUnixNano: '1' }).duration).toBe(0);
    expect(decodeSpan({}).duration).toBe(12_000_000);
  });
});

describe('status and events', () => {
  const exception = {
    name: 'exception',
    timeUnixNano: '1727177156255000000',
    attributes: attributes({
      'exception.type': 'Declined',
      'exception.message': 'no funds',
      'exception.stacktrace': 'at x',
    }),
  };

  test('an exception that was handled is no error', () => {
    const span = decodeSpan({ events: [exception] });
    expect(span.error).toBe(false);
    expect(span.meta['error.type']).toBeUndefined();
    expect(span.meta['_dd.span_events.has_exception']).toBe('true');
    expect(span.events[0]).toMatchObject({ name: 'exception', time: 1727177156255000000n });
  });

  test('the last exception of a failed span tells the error', () => {
    const span = decodeSpan({ status: { code: 2, message: 'status' }, events: [exception] });
    expect(span).toMatchObject({
      error: true,
      meta: {
        'error.type': 'Declined',
        'error.message': 'no funds',
        'error.stack': 'at x',
        'otel.status_code': 'ERROR',
        'otel.status_description': 'status',
      },
    });
  });

  test('status ok wins over attributes that look like an error', () => {
    const span = decodeSpan({ status: { code: 1 }, attributes: attributes({ 'error.type': 'x' }) });
    expect(span).toMatchObject({
      error: false,
      meta: { 'error.type': 'x', 'otel.status_code': 'OK' },
    });
  });

  test('a failed HTTP span without words gets those of its status', () => {
    const span = decodeSpan({
      kind: 2,
      status: { code: 2 },
      attributes: attributes({ 'http.response.status_code': 502 }),
    });
    expect(span.meta).toMatchObject({ 'error.message': 'Bad Gateway', 'http.status_code': '502' });
    expect(span.metrics).toMatchObject({
      'http.status_code': 502,
      'http.response.status_code': 502,
    });
  });
});

describe('names', () => {
  test.each([
    [
      2,
      { 'http.request.method': 'GET', 'http.route': '/a/:id' },
      'http.server.request',
      'GET /a/:id',
      'web',
    ],
    [3, { 'http.request.method': '_OTHER' }, 'http.client.request', 'HTTP', 'http'],
    [
      3,
      { 'db.system': 'postgresql', 'db.statement': 'SELECT 1' },
      'postgresql.query',
      'SELECT 1',
      'sql',
    ],
    [3, { 'db.system.name': 'redis' }, 'redis.query', 'own name', 'cache'],
    [3, { 'db.system': 'mongodb' }, 'mongodb.query', 'own name', 'mongodb'],
    [3, { 'db.system': 'neo4j' }, 'neo4j.query', 'own name', 'db'],
    [
      4,
      {
        'messaging.system': 'aws_sqs',
        'messaging.operation': 'send',
        'messaging.destination.name': 'q',
      },
      'aws_sqs.send',
      'send q',
      'custom',
    ],
    [
      3,
      { 'rpc.system': 'aws-api', 'rpc.service': 'S3', 'rpc.method': 'GetObject' },
      'aws.S3.request',
      'GetObject S3',
      'http',
    ],
    [3, { 'rpc.system': 'aws-api' }, 'aws.client.request', 'own name', 'http'],
    [2, { 'rpc.system': 'grpc' }, 'grpc.server.request', 'own name', 'web'],
    [
      3,
      { 'faas.invoked_provider': 'aws', 'faas.invoked_name': 'fn' },
      'aws.fn.invoke',
      'own name',
      'http',
    ],
    [2, { 'faas.trigger': 'timer' }, 'timer.invoke', 'own name', 'web'],
    [
      1,
      { 'graphql.operation.type': 'query', 'graphql.operation.name': 'me' },
      'graphql.server.request',
      'query me',
      'custom',
    ],
    [2, { 'network.protocol.name': 'amqp' }, 'amqp.server.request', 'own name', 'web'],
    [2, {}, 'server.request', 'own name', 'web'],
    [3, {}, 'client.request', 'own name', 'http'],
    [1, {}, 'internal', 'own name', 'custom'],
    [0, {}, 'unspecified', 'own name', 'custom'],
    [
      2,
      { 'operation.name': 'op', 'resource.name': 'res', 'span.type': 'worker' },
      'op',
      'res',
      'worker',
    ],
    [
      2,
      {
        'datadog.name': 'dd',
        'operation.name': 'op',
        'datadog.resource': 'r',
        'datadog.type': 't',
      },
      'dd',
      'r',
      't',
    ],
  ])('kind %i with %j', (kind, values, name, resource, type) => {
    const span = decodeSpan({ kind, attributes: attributes(values) });
    expect([span.name, span.resource, span.type]).toEqual([name, resource, type]);
    expect(span.meta['otel.span.name']).toBe(resource === 'own name' ? undefined : 'own name');
  });

  test('explicit attributes win over everything and are not kept', () => {
    const span = decodeSpan(
      {
        attributes: attributes({
          'datadog.service': 'dd',
          'datadog.env': 'prod',
          'datadog.version': '2',
          'datadog.error': 1,
          env: 'other',
        }),
      },
      { 'service.name': 'res', 'deployment.environment.name': 'staging', 'service.version': '1' },
    );
    expect(span).toMatchObject({ service: 'dd', env: 'prod', version: '2', error: true });
    expect(Object.keys(span.meta).filter((key) => key.startsWith('datadog.'))).toEqual([]);
  });

  test('a span wins over its resource, which stands in the envelope as it came', () => {
    const span = decodeSpan(
      { attributes: attributes({ 'cloud.region': 'eu-west-1', flag: true }) },
      { 'service.name': 'My Service', 'cloud.region': 'us-east-1', team: 'payments' },
    );
    expect(span).toMatchObject({ service: 'my_service', typed: { flag: 'bool' } });
    expect(span.meta).toMatchObject({
      'cloud.region': 'eu-west-1',
      region: 'eu-west-1',
      team: 'payments',
      flag: 'true',
    });
    expect(JSON.parse(span.envelope)).toEqual({
      resource: { 'service.name': 'My Service', 'cloud.region': 'us-east-1', team: 'payments' },
      scope: { name: 'scope-1' },
    });
  });

  test('no service is no service', () => {
    expect(decodeSpan({}, {}).service).toBe('');
  });
});

describe('functions', () => {
  const resource = {
    'service.name': 'checkout',
    'faas.name': 'checkout-fn',
    'faas.version': '7',
    'cloud.region': 'eu-west-1',
    'cloud.resource_id': 'arn:aws:lambda:eu-west-1:123456789012:function:checkout-fn:live',
  };

  test('an invocation is named as Datadog names it', () => {
    const batch = new SpanBatch();
    const span = {
      ...SPAN,
      kind: 2,
      attributes: attributes({ 'faas.invocation_id': 'r-1', 'faas.coldstart': true }),
    };
    const body = Buffer.from(
      JSON.stringify(request([span], resource, '@opentelemetry/instrumentation-aws-lambda')),
    );
    decodeRecord(record('otlp-traces-json', body), batch);
    expect(batch.span(0)).toMatchObject({
      name: 'aws.lambda',
      type: 'serverless',
      functionName: 'checkout-fn',
      meta: {
        functionname: 'checkout-fn',
        executedversion: '7',
        request_id: 'r-1',
        cold_start: 'true',
        function_arn: resource['cloud.resource_id'],
      },
    });
    expect(batch.region.text(0)).toBe('eu-west-1');
    expect(batch.coldStart[0]).toBe(1);
  });

  test('without a function in the resource nothing is made up', () => {
    const span = decodeSpan(
      { kind: 2 },
      { 'service.name': 's' },
      '@opentelemetry/instrumentation-aws-lambda',
    );
    expect(span).toMatchObject({ name: 'server.request', functionName: '', type: 'web' });
  });

  test('an SQS consumer keeps its ten links', () => {
    const links = Array.from({ length: 10 }, (_, i) => ({
      traceId: '66f2a1c48f3b0c5e9a7d4b21e6c8f013',
      spanId: (i + 1).toString(16).padStart(16, '0'),
      attributes: attributes({ 'messaging.message.id': `m-${i}` }),
    }));
    const span = decodeSpan({ kind: 5, links });
    expect(span.links.map((link) => link.spanId)).toEqual([
      1n,
      2n,
      3n,
      4n,
      5n,
      6n,
      7n,
      8n,
      9n,
      10n,
    ]);
    expect(span.flags).toBe(1);
  });
});

describe('sampling and state', () => {
  test.each([
    [{}, '', 1],
    [{ 'sampling.priority': 2 }, 'dd=s:-1', 2],
    [{}, 'x=1,dd=s:-1;o:rum;t.dm:-4', -1],
  ])('%j and %j', (values, traceState, priority) => {
    const span = decodeSpan({
      attributes: attributes(values),
      traceState,
    });
    expect(span.priority).toBe(priority);
    if (traceState.includes('o:')) {
      expect(span.meta).toMatchObject({
        '_dd.origin': 'rum',
        '_dd.p.dm': '-4',
        'w3c.tracestate': traceState,
      });
    }
  });

  test('server, consumer and parentless spans are entry spans', () => {
    expect([
      entry(2, 'a'.repeat(16)),
      entry(5, 'a'.repeat(16)),
      entry(1, 'a'.repeat(16)),
      entry(1, ''),
    ]).toEqual([1, 1, 0, 1]);
  });
});

test("OpenTelemetry's own serialisers are read alike in both forms", () => {
  const readable = {
    name: 'GET',
    kind: 2, // the API counts kinds from 0: this is a client
    spanContext: () => ({
      traceId: '66f2a1c48f3b0c5e9a7d4b21e6c8f013',
      spanId: '2b3c4d5e6f708192',
      traceFlags: 1,
    }),
    parentSpanContext: {
      traceId: '66f2a1c48f3b0c5e9a7d4b21e6c8f013',
      spanId: '3d4e5f60718293a4',
      traceFlags: 1,
    },
    startTime: [1_727_177_156, 250_000_000],
    endTime: [1_727_177_156, 262_000_001],
    status: { code: 2, message: 'broke' },
    attributes: {
      text: 'é🛒',
      int: 7,
      double: 0.5,
      bool: true,
      list: ['a', 'b'],
      'http.request.method': 'GET',
    },
    links: [
      {
        context: {
          traceId: '66f2a1c48f3b0c5e9a7d4b21e6c8f014',
          spanId: '2b3c4d5e6f708193',
          traceFlags: 1,
        },
        attributes: { k: 'v' },
      },
    ],
    events: [
      {
        name: 'e',
        time: [1_727_177_156, 255_000_000],
        attributes: { n: 1 },
        droppedAttributesCount: 2,
      },
    ],
    duration: [0, 12_000_001],
    ended: true,
    resource: { attributes: { 'service.name': 'checkout' }, asyncAttributesPending: false },
    instrumentationScope: { name: 'scope-1', version: '1.0' },
    droppedAttributesCount: 3,
    droppedEventsCount: 0,
    droppedLinksCount: 0,
  };
  const spans = [readable] as unknown as Parameters<
    typeof ProtobufTraceSerializer.serializeRequest
  >[0];
  const fromProtobuf = decode(
    'otlp-traces-protobuf',
    ProtobufTraceSerializer.serializeRequest(spans)!,
  ).spans;
  const fromJson = decode('otlp-traces-json', JsonTraceSerializer.serializeRequest(spans)!).spans;
  expect(fromJson).toEqual(fromProtobuf);
  expect(fromProtobuf[0]).toMatchObject({
    traceId: { hi: 0x66f2a1c48f3b0c5en, lo: 0x9a7d4b21e6c8f013n },
    spanId: 0x2b3c4d5e6f708192n,
    parentId: 0x3d4e5f60718293a4n,
    name: 'http.client.request',
    resource: 'GET',
    start: 1_727_177_156_250_000_000n,
    duration: 12_000_001,
    error: true,
    meta: {
      text: 'é🛒',
      bool: 'true',
      list: '["a","b"]',
      'http.method': 'GET',
      'otel.scope.version': '1.0',
    },
    metrics: { int: 7, double: 0.5, 'otel.dropped_attributes_count': 3 },
    typed: { bool: 'bool', list: 'json' },
  });
  expect(fromProtobuf[0]!.events[0]).toMatchObject({
    name: 'e',
    attributes: { n: 1, 'otel.dropped_attributes_count': 2 },
  });
  expect(fromProtobuf[0]!.links[0]).toMatchObject({
    spanId: 0x2b3c4d5e6f708193n,
    attributes: { k: 'v' },
  });
});
