import { DecodeError, formatSpanId, formatTraceId } from '@spanloom/base';
import { type Span, SPAN_FLAGS, SpanBatch } from '@spanloom/model';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { decodeRecord } from '../decode-record.ts';
import { record, spansOf } from '../sample-spans.test.support.ts';
import {
  decodeBody,
  decodeDocuments,
  decodeSegment,
  decodeSubsegment,
  fixture,
  segment,
  subsegment,
} from './segment-samples.test.support.ts';

/** The names of a span, for tables. */
function names({ name, resource, service, type, kind }: Span): string[] {
  return [name, resource, service, type, kind];
}

describe('ids', () => {
  test('all 128 bits of the trace id, the span id and the enclosing parent', () => {
    const { spans } = decodeBody(fixture('api-gateway-stage'));
    expect(spans.map(({ traceId }) => formatTraceId(traceId))).toEqual([
      '66f2a1c48f3b0c5e9a7d4b21e6c8f013',
      '66f2a1c48f3b0c5e9a7d4b21e6c8f013',
    ]);
    expect(spans.map(({ spanId }) => formatSpanId(spanId))).toEqual([
      'e1f2031425364758',
      'b0f3c2d41e5a6978',
    ]);
    expect(spans.map(({ parentId }) => parentId)).toEqual([undefined, 0xe1f2031425364758n]);
    expect(spans[0]!.meta).toMatchObject({
      'xray.trace_id': '1-66f2a1c4-8f3b0c5e9a7d4b21e6c8f013',
      'xray.segment_id': 'e1f2031425364758',
      'xray.document': 'segment',
      'xray.origin': 'AWS::ApiGateway::Stage',
    });
    expect(spans.every(({ source, priority }) => source === 'xray' && priority === 1)).toBe(true);
  });

  test('a stated parent, in upper case, of a subsegment that comes alone', () => {
    const [span] = decodeBody(
      JSON.stringify(
        segment({ type: 'subsegment', id: 'FF33445566778899', parent_id: '3D4E5F60718293A4' }),
      ),
    ).spans;
    expect(span!.spanId).toBe(0xff33445566778899n);
    expect(span!.parentId).toBe(0x3d4e5f60718293a4n);
    expect(span!.meta['xray.document']).toBe('subsegment');
    expect(span!.flags).toBe(0);
  });

  test('the same digits without dashes, and the form that Java tracers inject', () => {
    const plain = decodeSegment({ trace_id: '66f2a1c48f3b0c5e9a7d4b21e6c8f013' });
    expect(plain.meta['xray.trace_id']).toBe('1-66f2a1c4-8f3b0c5e9a7d4b21e6c8f013');
    const java = decodeSegment({ trace_id: '1-66f2a1c4-00000000645a8d0f3b2c1a09' });
    expect(java.traceId).toEqual({ hi: 0x66f2a1c400000000n, lo: 7231247248253524489n });
  });

  test('an opaque id is hashed, and every mention of it comes to the same number', () => {
    const { spans } = decodeDocuments([
      segment({ id: 'my-id', subsegments: [subsegment({ id: '0000000000000000' })] }),
      segment({ type: 'subsegment', id: '1111111111111111', parent_id: 'my-id' }),
    ]);
    expect(spans[0]!.meta).toMatchObject({
      'xray.segment_id': 'my-id',
      'xray.id_synthetic': 'true',
    });
    expect(spans[1]!.parentId).toBe(spans[0]!.spanId);
    expect(spans[1]!.spanId).not.toBe(0n);
    expect(spans[1]!.meta['xray.id_synthetic']).toBe('true');
    expect(spans[2]!.parentId).toBe(spans[0]!.spanId);
  });

  test('subsegments without an id are told apart', () => {
    const { spans, outcome } = decodeDocuments([
      segment({ subsegments: [subsegment({ id: undefined }), subsegment({ id: undefined })] }),
    ]);
    expect(new Set(spans.map(({ spanId }) => spanId)).size).toBe(3);
    expect(outcome.malformedSpans).toEqual({});
  });

  test('a segment that is its own parent has none', () => {
    expect(decodeSegment({ parent_id: 'dd11223344556677' }).parentId).toBeUndefined();
    expect(decodeSegment({ parent_id: '0000000000000000' }).parentId).toBeUndefined();
  });
});

describe('times', () => {
  test('start and duration are exact', () => {
    const span = decodeBody(
      `{"id":"dd11223344556677","name":"a","trace_id":"1-66f2a1c4-cc33dd44ee55ff6600112233","start_time":1.7271771562500002E9,"end_time":1727177156.6130009}`,
    ).spans[0]!;
    expect(span.start).toBe(1_727_177_156_250_000_200n);
    expect(span.duration).toBe(363_000_700);
  });

  test('an end before the start is a duration of 0', () => {
    const span = decodeSegment({ end_time: 1727177156.2 });
    expect(span.duration).toBe(0);
    expect(span.meta['xray.clock']).toBe('negative');
  });

  test('an unfinished segment is partial and lasts until now', () => {
    const span = decodeSegment({ end_time: undefined, in_progress: true });
    expect(span.flags).toBe(1 | 8);
    expect(span.meta['xray.in_progress']).toBe('true');
    expect(span.meta['xray.incomplete']).toBeUndefined();
    expect(span.duration).toBe(43_750_000_000);
  });

  test('one that started long ago lasts as long as what is in it', () => {
    const { spans } = decodeDocuments([
      segment({
        start_time: 1727170000,
        end_time: undefined,
        in_progress: true,
        subsegments: [subsegment({ start_time: 1727170001, end_time: 1727170002.5 })],
      }),
    ]);
    expect(spans[0]!.duration).toBe(2_500_000_000);
    expect(spans[0]!.meta['xray.incomplete']).toBe('true');
    expect(spans[1]!.flags).toBe(0);
  });

  test('a finished document is the final one', () => {
    const { flags, meta } = decodeSegment({ in_progress: false });
    expect(flags).toBe(1);
    expect(meta['xray.in_progress']).toBeUndefined();
  });

  test('a start that cannot be read is counted and mended', () => {
    const { outcome } = decodeBody(JSON.stringify(segment({ start_time: 'soon' })));
    expect(outcome.malformedSpans).toEqual({ InvalidStartDate: 1 });
  });
});

describe('names', () => {
  test.each([
    [
      'api-gateway-stage',
      [
        ['aws.apigateway', 'POST /orders', 'shop-api', 'web', 'server'],
        ['aws.request', 'Invoke orders-api', 'shop-api', 'http', 'client'],
      ],
    ],
    ['lambda-service', [['aws.lambda', 'orders-api', 'orders-api', 'serverless', 'server']]],
    [
      'lambda-function',
      [
        ['aws.lambda.function', 'orders-api', 'orders', 'serverless', 'server'],
        ['Initialization', 'orders-api', 'orders', 'serverless', 'internal'],
        ['Invocation', 'orders-api', 'orders', 'serverless', 'internal'],
        ['xray.subsegment', '## index.handler', 'orders', 'custom', 'internal'],
        ['aws.request', 'UpdateItem orders', 'orders', 'http', 'client'],
        ['Overhead', 'orders-api', 'orders', 'serverless', 'internal'],
      ],
    ],
    [
      'lambda-asynchronous',
      [
        ['aws.lambda', 'mailer', 'mailer', 'serverless', 'server'],
        ['Dwell_Time', 'mailer', 'mailer', 'serverless', 'internal'],
        ['Attempt_1', 'mailer', 'mailer', 'serverless', 'internal'],
        ['Attempt_2', 'mailer', 'mailer', 'serverless', 'internal'],
      ],
    ],
    [
      'lambda-newer-layout',
      [
        ['aws.lambda.function', 'orders-api', 'orders-api', 'serverless', 'server'],
        ['Overhead', 'orders-api', 'orders-api', 'serverless', 'internal'],
      ],
    ],
    [
      'step-functions',
      [
        ['aws.stepfunctions', 'OrderFlow', 'orderflow', 'serverless', 'internal'],
        ['aws.stepfunctions.Charge', 'Charge', 'orderflow', 'serverless', 'internal'],
        ['aws.request', 'Invoke charge', 'orderflow', 'http', 'client'],
      ],
    ],
    [
      'appsync',
      [
        ['aws.appsync', 'shop-graphql', 'shop-graphql', 'web', 'server'],
        ['aws.appsync', 'Query.order', 'shop-graphql', 'custom', 'internal'],
        ['aws.request', 'GetItem orders', 'shop-graphql', 'http', 'client'],
      ],
    ],
    ['sqs-consumer', [['aws.lambda', 'worker', 'worker', 'serverless', 'consumer']]],
    ['inferred-table', [['xray.segment', 'orders', 'orders', 'custom', 'internal']]],
    [
      'ecs-container',
      [
        ['web.request', 'POST /pay', 'checkout', 'web', 'server'],
        ['postgres.query', 'select * from cards where pan = ?', 'checkout', 'sql', 'client'],
      ],
    ],
  ])('%s', (name, expected) => {
    const { spans, outcome } = decodeBody(fixture(name));
    expect(spans.map(names)).toEqual(expected);
    expect(outcome).toMatchObject({
      traces: 1,
      spans: spans.length,
      droppedSpans: 0,
      rejectedSpans: 0,
      malformedSpans: {},
    });
  });

  test.each([
    [
      {
        namespace: 'remote',
        name: 'api.test',
        http: { request: { method: 'GET', url: 'https://api.test/a?b=1' } },
      },
      ['http.request', 'GET api.test/a', 'checkout', 'http', 'client'],
    ],
    [
      { namespace: 'remote', name: 'partner' },
      ['xray.subsegment', 'partner', 'checkout', 'custom', 'client'],
    ],
    [
      { namespace: 'remote', name: 'my-redis.local' },
      ['xray.subsegment', 'my-redis.local', 'checkout', 'cache', 'client'],
    ],
    [
      { namespace: 'local', name: 'price' },
      ['xray.subsegment', 'price', 'checkout', 'custom', 'internal'],
    ],
    [
      {
        namespace: 'aws',
        name: 'SQS',
        aws: {
          operation: 'SendMessage',
          queue_url: 'https://sqs.eu-west-1.test/111122223333/jobs',
        },
      },
      ['aws.request', 'SendMessage jobs', 'checkout', 'queue', 'producer'],
    ],
    [
      { namespace: 'aws', name: 'SQS', aws: { operation: 'ReceiveMessage' } },
      ['aws.request', 'ReceiveMessage', 'checkout', 'queue', 'client'],
    ],
    [
      {
        namespace: 'aws',
        name: 'SNS',
        aws: { operation: 'Publish', topic_arn: 'arn:aws:sns:eu-west-1:111122223333:news' },
      },
      ['aws.request', 'Publish news', 'checkout', 'queue', 'producer'],
    ],
    [{ namespace: 'aws', name: 'S3' }, ['aws.request', 'S3', 'checkout', 'http', 'client']],
    [
      { namespace: 'remote', name: 'shop@db', sql: { database_type: 'MySQL' } },
      ['mysql.query', 'shop', 'checkout', 'sql', 'client'],
    ],
    [{ name: 'db', sql: {} }, ['sql.query', 'db', 'checkout', 'sql', 'client']],
    [{ name: 'Overhead' }, ['xray.subsegment', 'Overhead', 'checkout', 'custom', 'internal']],
  ])('subsegment %j', (fields, expected) => {
    expect(names(decodeSubsegment(fields))).toEqual(expected);
  });

  test('queues, topics and buses are named for their service', () => {
    expect(decodeSegment({ origin: 'AWS::SNS' }).name).toBe('aws.sns');
    expect(decodeSegment({ origin: 'AWS::SQS::Queue' }).name).toBe('aws.sqs');
    expect(decodeSegment({ origin: 'AWS::Events' }).name).toBe('aws.eventbridge');
  });

  test('an HTTP integration named for its path is of the host of its caller', () => {
    const { spans } = decodeDocuments([
      JSON.parse(fixture('api-gateway-stage').toString('utf8')),
      segment({
        name: '/orders/123',
        trace_id: '1-66f2a1c4-8f3b0c5e9a7d4b21e6c8f013',
        parent_id: 'e1f2031425364758',
      }),
    ]);
    expect(spans[2]!.service).toBe('api.example.test');
  });
});

describe('service and environment', () => {
  test('annotations and metadata come before the name', () => {
    expect(decodeSegment({ annotations: { Service: 'Orders' } }).service).toBe('orders');
    expect(decodeSegment({ metadata: { 'service.name': 'shop' } }).service).toBe('shop');
  });

  test.each([
    { annotations: { env: 'Prod' } },
    { metadata: { default: { env: 'prod' } } },
    { metadata: { default: { DD_ENV: 'prod' } } },
    { metadata: { 'deployment.environment': 'prod' } },
    { annotations: { 'aws.local.environment': 'prod' } },
  ])('the environment in %j, for the whole segment', (fields) => {
    const { spans } = decodeDocuments([segment({ ...fields, subsegments: [subsegment()] })]);
    expect(spans.map(({ env }) => env)).toEqual(['prod', 'prod']);
  });

  test.each(['lambda:default', 'generic:default', 'eks:cluster/shop', 'api-gateway:prod'])(
    'the environment %s, which AWS made up, is none',
    (environment) => {
      const annotations = { 'aws.local.environment': environment };
      expect(decodeSegment({ annotations }).env).toBe('');
      expect(decodeSegment({ annotations }).meta['aws.local.environment']).toBe(environment);
    },
  );

  test('a subsegment speaks for its function, and not for another program', () => {
    const inner = [subsegment({ annotations: { env: 'prod', Service: 'orders' } })];
    const [lambda] = decodeDocuments([
      segment({ origin: 'AWS::Lambda::Function', subsegments: inner }),
    ]).spans;
    expect([lambda!.service, lambda!.env]).toEqual(['orders', 'prod']);
    const [host] = decodeDocuments([segment({ subsegments: inner })]).spans;
    expect([host!.service, host!.env]).toEqual(['checkout', '']);
  });

  test('a subsegment that comes alone takes the service of a segment that came along', () => {
    const alone = segment({
      type: 'subsegment',
      id: '1111111111111111',
      parent_id: 'dd11223344556677',
      name: 'work',
    });
    expect(decodeDocuments([alone, segment()]).spans[0]!.service).toBe('checkout');
    expect(decodeDocuments([alone]).spans[0]!.service).toBe('unnamed-service');
  });

  test('only the outer of two segments of one service is its entry', () => {
    const { spans } = decodeDocuments([
      segment({ origin: 'AWS::Lambda' }),
      segment({
        id: '1111111111111111',
        origin: 'AWS::Lambda::Function',
        parent_id: 'dd11223344556677',
      }),
      segment({ id: '2222222222222222', parent_id: 'dd11223344556677', name: 'other' }),
      segment({ id: '3333333333333333', inferred: true, name: 'table' }),
    ]);
    expect(spans.map(({ flags }) => flags)).toEqual([1, 0, 1, 0]);
    expect(spans[3]!.meta['xray.document']).toBe('inferred');
  });

  test('an inferred segment says whom its caller called', () => {
    const { spans } = decodeDocuments([
      JSON.parse(fixture('lambda-function').toString('utf8')),
      JSON.parse(fixture('inferred-table').toString('utf8')),
    ]);
    expect(spans[4]!.meta).toMatchObject({
      'peer.service': 'orders',
      'xray.peer.type': 'AWS::DynamoDB::Table',
    });
  });
});

describe('http', () => {
  test('the request and the response', () => {
    const span = decodeSegment({
      http: {
        request: {
          method: 'GET',
          url: 'https://u:p@shop.test/a?pin=1',
          user_agent: 'curl/8',
          client_ip: '198.51.100.7',
          x_forwarded_for: true,
          extra: 'kept',
        },
        response: { status: 404, content_length: '17', etag: 'x' },
      },
    });
    expect(span.meta).toMatchObject({
      'http.method': 'GET',
      'http.url': 'https://shop.test/a?pin',
      'http.useragent': 'curl/8',
      'http.client_ip': '198.51.100.7',
      'http.status_code': '404',
      'xray.http.request.x_forwarded_for': 'true',
      'xray.http.request.extra': 'kept',
      'xray.http.response.etag': 'x',
    });
    expect(span.metrics).toEqual({ 'http.response.content_length': 17 });
    expect(span.kind).toBe('server');
  });

  test('`traced`, wherever it stands', () => {
    const inside = { namespace: 'remote', http: { request: { method: 'GET', traced: true } } };
    expect(decodeSubsegment(inside).meta['xray.traced']).toBe('true');
    expect(decodeSubsegment({ traced: true }).meta['xray.traced']).toBe('true');
  });
});

describe('errors', () => {
  const client = { namespace: 'remote' };

  test.each([
    [{ fault: true }, false, true],
    [{ fault: true }, true, true],
    [{ error: true }, false, false],
    [{ error: true }, true, true],
    [{ throttle: true }, false, false],
    [{ throttle: true }, true, true],
    [{ fault: false, error: false, throttle: false }, true, false],
    [{ http: { response: { status: 503 } } }, false, true],
    [{ http: { response: { status: 499 } } }, true, false],
    [{ error: true, http: { response: { status: 500 } } }, false, false],
  ])('%j, client: %j, is an error: %j', (fields, isClient, expected) => {
    expect(decodeSubsegment({ ...fields, ...(isClient ? client : {}) }).error).toBe(expected);
  });

  test('a throttled invocation fails where it never reached the function', () => {
    const span = decodeSegment({ origin: 'AWS::Lambda', error: true, throttle: true });
    expect(span.error).toBe(true);
    expect(span.meta).toMatchObject({
      'xray.throttle': 'true',
      'xray.error': 'true',
      'http.status_code': '429',
    });
  });

  test('an exception with its stack', () => {
    const { spans } = decodeBody(fixture('ecs-container'));
    expect(spans[0]!.error).toBe(true);
    expect(spans[0]!.meta).toMatchObject({
      'error.type': 'UpstreamError',
      'error.message': 'bad gateway',
      'error.stack':
        'UpstreamError: bad gateway\n    at charge (pay.js:41)\n    at anonymous (node:?)',
      'xray.error.remote': 'true',
      'xray.cause.working_directory': '/app',
    });
    expect(JSON.parse(spans[0]!.meta['xray.exceptions']!)).toEqual([
      expect.objectContaining({ id: 'ee22334455667788', remote: true }),
    ]);
  });

  test('the deepest cause is shown, and circles end', () => {
    const exceptions = [
      { id: 'a000000000000001', type: 'Outer', message: 'o', cause: 'a000000000000002' },
      {
        id: 'a000000000000002',
        type: 'Inner',
        message: 'i',
        truncated: 3,
        stack: [{ path: 'x.py', line: 1 }],
        cause: 'a000000000000003',
      },
    ];
    const span = decodeSegment({ fault: true, cause: { paths: ['/lib'], exceptions } });
    expect(span.meta['error.type']).toBe('Inner');
    expect(span.meta['error.stack']).toBe('Inner: i\n    at x.py:1\n    … truncated 3');
    expect(span.meta['xray.cause.paths']).toBe('["/lib"]');
    const circle = [exceptions[0], { ...exceptions[1], cause: 'a000000000000001' }];
    expect(decodeSegment({ cause: { exceptions: circle } }).meta['error.type']).toBe('Inner');
  });

  test.each([
    ['e000000000000001'],
    [{ id: 'ff33445566778899', exceptions: [] }],
    [{ id: 'ff33445566778899' }],
  ])('what failed below (%j) is shown there and not again above', (cause) => {
    const failed = subsegment({
      fault: true,
      cause: { exceptions: [{ id: 'e000000000000001', type: 'Declined' }] },
    });
    const { spans } = decodeDocuments([segment({ fault: true, cause, subsegments: [failed] })]);
    expect(spans.map(({ error }) => error)).toEqual([true, true]);
    expect(spans.map(({ meta }) => meta['error.type'])).toEqual([undefined, 'Declined']);
    expect(spans[0]!.meta['xray.cause.id']).toBe(typeof cause === 'string' ? cause : cause.id);
  });

  test('what failed beside is looked up', () => {
    const { spans } = decodeDocuments([
      segment({ fault: true, cause: 'e000000000000001' }),
      segment({
        id: '1111111111111111',
        cause: { exceptions: [{ id: 'E000000000000001', type: 'Declined' }] },
      }),
    ]);
    expect(spans[0]!.meta['error.type']).toBe('Declined');
  });

  test.each([7, null, 'unknown', [], { exceptions: 'none' }, { exceptions: [null, 4] }])(
    'the odd cause %j loses nothing else',
    (cause) => {
      expect(decodeSegment({ cause, fault: true })).toMatchObject({
        error: true,
        service: 'checkout',
      });
    },
  );
});

describe('sql', () => {
  test('the connection, and the statement without its values', () => {
    const { meta, metrics } = decodeBody(fixture('ecs-container')).spans[1]!;
    expect(meta).toMatchObject({
      'db.system': 'postgresql',
      'db.name': 'shop',
      'db.user': 'app',
      'db.statement': 'select * from cards where pan = ?',
      'out.host': 'db.internal',
      'xray.sql.preparation': 'statement',
    });
    expect(metrics['network.destination.port']).toBe(5432);
    expect(JSON.stringify(meta)).not.toContain('4111');
  });

  test.each([
    ['jdbc:postgresql://app:pw@db.test:5432/shop?x=1', 'db.test', 'shop', 5432, 'postgresql'],
    ['postgresql://u@unknown:unknown/db', 'unknown', 'db', undefined, 'postgresql'],
    ['mysql://db.test', 'db.test', 'orders', undefined, 'mysql'],
    ['not a url', 'named.host', 'orders', undefined, ''],
  ])('the URL %s', (url, host, database, port, system) => {
    const { meta, metrics } = decodeSubsegment({ name: 'orders@named.host', sql: { url } });
    expect([
      meta['out.host'],
      meta['db.name'],
      metrics['network.destination.port'],
      meta['db.system'] ?? '',
    ]).toEqual([host, database, port, system]);
    expect(meta['xray.sql.url']).not.toContain('pw');
  });
});

describe('aws', () => {
  test('a function, its request, its ARN in lower case and its version', () => {
    const span = decodeSegment({
      origin: 'AWS::Lambda',
      resource_arn: 'arn:aws:lambda:eu-west-1:111122223333:function:Orders-API:7',
      aws: { request_id: 'r-1' },
    });
    expect(span.functionName).toBe('orders-api');
    expect(span.meta).toMatchObject({
      function_arn: 'arn:aws:lambda:eu-west-1:111122223333:function:orders-api',
      functionname: 'orders-api',
      function_version: '7',
      aws_account: '111122223333',
      region: 'eu-west-1',
      request_id: 'r-1',
      'aws.request_id': 'r-1',
      '_dd.origin': 'lambda',
      'xray.resource_arn': 'arn:aws:lambda:eu-west-1:111122223333:function:Orders-API:7',
    });
  });

  test('a newer function segment takes its ARN from the segment of the service', () => {
    const { spans } = decodeDocuments([
      segment({
        origin: 'AWS::Lambda::Function',
        id: '1111111111111111',
        aws: { 'lambda.name': 'checkout' },
      }),
      segment({
        origin: 'AWS::Lambda',
        resource_arn: 'arn:aws:lambda:eu-west-1:111122223333:function:checkout',
      }),
    ]);
    expect(spans[0]!.meta).toMatchObject({
      aws_account: '111122223333',
      function_version: '$LATEST',
      'aws.lambda.name': 'checkout',
    });
  });

  test('cold starts, and functions made ready in advance', () => {
    const { spans } = decodeBody(fixture('lambda-function'));
    expect(spans[0]!.meta['cold_start']).toBe('true');
    expect(spans[0]!.meta['proactive_initialization']).toBeUndefined();
    expect(decodeBody(fixture('lambda-newer-layout')).spans[0]!.meta['cold_start']).toBe('false');
    const early = subsegment({
      name: 'Initialization',
      start_time: 1727170000,
      end_time: 1727170001,
    });
    const warm = decodeDocuments([
      segment({ origin: 'AWS::Lambda::Function', subsegments: [early] }),
    ]).spans;
    expect(warm[0]!.meta).toMatchObject({ cold_start: 'true', proactive_initialization: 'true' });
    expect(warm[1]!.meta['xray.init.detached']).toBe('true');
    const restored = subsegment({ name: 'Restore' });
    const snap = decodeDocuments([
      segment({ origin: 'AWS::Lambda::Function', subsegments: [restored] }),
    ]).spans;
    expect([snap[0]!.meta['cold_start'], snap[1]!.name]).toEqual(['true', 'Restore']);
  });

  test('what was called, and everything else under its own name', () => {
    const span = decodeSubsegment({
      namespace: 'aws',
      name: 'DynamoDB',
      aws: {
        operation: 'UpdateItem',
        region: 'eu-west-1',
        account_id: '111122223333',
        table_name: 'orders',
        request_id: 'R1',
        retries: 1,
        id_2: 'x',
        resource_names: ['orders', 'carts'],
        odd_names: ['a,b'],
        consumed_capacity: { units: 1.5 },
        consistent: true,
        empty: {},
      },
    });
    expect(span.meta).toMatchObject({
      'aws.service': 'DynamoDB',
      'aws.operation': 'UpdateItem',
      'aws.region': 'eu-west-1',
      region: 'eu-west-1',
      'aws.account': '111122223333',
      aws_account: '111122223333',
      tablename: 'orders',
      'aws.table_name': 'orders',
      'aws.request_id': 'R1',
      'aws.id_2': 'x',
      'aws.resource_names': 'orders,carts',
      'aws.odd_names': '["a,b"]',
      'aws.consistent': 'true',
      'aws.empty': '{}',
      'peer.service': 'dynamodb',
    });
    expect(span.metrics).toEqual({ 'aws.retries': 1, 'aws.consumed_capacity.units': 1.5 });
  });

  test('an API stage, whose ARN has no account', () => {
    expect(decodeBody(fixture('api-gateway-stage')).spans[0]!.meta).toMatchObject({
      apiid: 'k3j4h5g6f7',
      stage: 'prod',
      aws_account: '111122223333',
      region: 'eu-west-1',
      'aws:api_stage': 'prod',
    });
  });

  test('the host of a machine, and of nothing else', () => {
    const aws = { ec2: { instance_id: 'i-1', availability_zone: 'eu-west-1a' } };
    const machine = decodeSegment({ origin: 'AWS::EC2::Instance', aws });
    expect(machine.meta).toMatchObject({ host: 'i-1', 'aws.ec2.availability_zone': 'eu-west-1a' });
    expect(decodeSegment({ origin: 'AWS::ECS::Fargate', aws }).meta['host']).toBeUndefined();
  });
});

describe('what programs wrote', () => {
  test('annotations keep their names and types', () => {
    const span = decodeSegment({
      annotations: {
        basket: 'b-1',
        items: 3,
        total: 12.5,
        paid: true,
        'aws:api_id': 'k',
        none: null,
        empty: '',
      },
    });
    expect(span.meta).toMatchObject({ basket: 'b-1', paid: 'true', 'aws:api_id': 'k', empty: '' });
    expect(span.metrics).toEqual({ items: 3, total: 12.5 });
    expect(span.typed).toMatchObject({ paid: 'bool' });
    expect(span.meta).not.toHaveProperty('none');
  });

  test('numbers keep their digits', () => {
    const span = decodeBody(
      JSON.stringify(segment({ annotations: 0 })).replace(
        '"annotations":0',
        '"annotations":{"order":9007199254740993,"round":2.0,"huge":123456789012345678901234567890,"beyond":1e999}',
      ),
    ).spans[0]!;
    expect(span.typed).toMatchObject({ order: 'int:9007199254740993', round: 'double' });
    expect(span.meta).toMatchObject({ huge: '123456789012345678901234567890', beyond: '1e999' });
  });

  test('an annotation takes no name that has a meaning', () => {
    const span = decodeSegment({
      origin: 'AWS::Lambda',
      annotations: {
        env: 'prod',
        host: 'h',
        'http.method': 'X',
        'error.type': 'E',
        region: 'mars',
        functionname: 'f',
        '': 'nameless',
      },
    });
    expect(span.meta).toMatchObject({
      env: 'prod',
      functionname: 'checkout',
      'xray.annotation.env': 'prod',
      'xray.annotation.host': 'h',
      'xray.annotation.http.method': 'X',
      'xray.annotation.error.type': 'E',
      'xray.annotation.region': 'mars',
      'xray.annotation.functionname': 'f',
      'xray.annotation.': 'nameless',
    });
  });

  test('metadata by namespace, values as they came', () => {
    const span = decodeSegment({
      metadata: {
        default: { note: 'n', count: 2, list: [1, 1.0, 'x'], object: { a: { b: null } } },
        'faas.name': 'fn',
      },
    });
    expect(span.meta).toMatchObject({
      'xray.metadata.default.note': 'n',
      'xray.metadata.default.list': '[1,1,"x"]',
      'xray.metadata.default.object': '{"a":{"b":null}}',
      'xray.metadata.faas.name': 'fn',
    });
    expect(span.metrics['xray.metadata.default.count']).toBe(2);
    expect(span.typed['xray.metadata.default.list']).toBe('json');
  });

  test('metadata without end shares one attribute from the 51st entry on', () => {
    const entries = Object.fromEntries(Array.from({ length: 60 }, (_, i) => [`k${i}`, i]));
    const span = decodeSegment({ metadata: { default: entries } });
    expect(span.metrics['xray.metadata.default.k49']).toBe(49);
    expect(JSON.parse(span.meta['xray.metadata']!)).toEqual({
      default: {
        k50: 50,
        k51: 51,
        k52: 52,
        k53: 53,
        k54: 54,
        k55: 55,
        k56: 56,
        k57: 57,
        k58: 58,
        k59: 59,
      },
    });
  });

  test('the context that a Lambda library records for its caller', () => {
    const trace = {
      'trace-id': '6153737369425722316',
      'parent-id': '9987766529843781873',
      'sampling-priority': 1,
    };
    const span = decodeSegment({
      name: 'datadog-metadata',
      type: 'subsegment',
      metadata: { datadog: { trace } },
    });
    expect(span.resource).toBe('datadog-metadata');
    expect(span.flags & SPAN_FLAGS.note).not.toBe(0);
    expect(JSON.parse(span.meta['xray.metadata.datadog.trace']!)).toEqual(trace);
  });

  test('fields without a place of their own', () => {
    const span = decodeSegment({
      user: 'u-17',
      service: { version: '1.4.2', runtime: 'node' },
      precursor_ids: ['1111111111111111'],
      brand_new: { a: [1] },
      resource_arn: 'arn:x',
      namespace: 'remote',
    });
    expect(span.version).toBe('1.4.2');
    expect(span.meta).toMatchObject({
      'usr.id': 'u-17',
      version: '1.4.2',
      'xray.service.runtime': 'node',
      'xray.precursor_ids': '["1111111111111111"]',
      'xray.brand_new': '{"a":[1]}',
      'xray.resource_arn': 'arn:x',
      'xray.namespace': 'remote',
    });
    expect(decodeSegment({ service: { version: 'unknown' } }).version).toBe('');
  });

  test('a field that is not what it should be', () => {
    const span = decodeSegment({ http: 'GET /', aws: 7, sql: true, metadata: ['m'] });
    expect(span.meta).toMatchObject({
      'xray.http': 'GET /',
      'xray.sql': 'true',
      'xray.metadata': '["m"]',
    });
    expect(span.metrics).toEqual({ 'xray.aws': 7 });
  });

  test('links to other traces', () => {
    const { links } = decodeBody(fixture('sqs-consumer')).spans[0]!;
    expect(
      links.map(({ traceId, spanId }) => [formatTraceId(traceId), formatSpanId(spanId)]),
    ).toEqual([
      ['66f2a1c48f3b0c5e9a7d4b21e6c8f013', '24756640c0d09abc'],
      ['66f2a1c999aa88bb77cc66dd55ee44ff', '1234567890abcdef'],
    ]);
    expect(links[0]!.attributes).toEqual({ 'xray.link': true });
    const odd = decodeBody(JSON.stringify(segment({ links: [{ trace_id: 'x' }, 3] })));
    expect(odd.outcome.malformedSpans).toEqual({ SpanLinksInvalid: 1 });
  });

  test('the SDK is the sender', () => {
    const { spans, outcome } = decodeBody(fixture('ecs-container'));
    expect([outcome.language, outcome.tracerVersion]).toEqual(['nodejs', '3.12.0']);
    expect(spans[1]!.envelope).toBe('{"language":"nodejs","tracer_version":"3.12.0"}');
  });

  test('any annotation comes back as it was', () => {
    const value = fc.oneof(
      fc.string(),
      fc.boolean(),
      fc.maxSafeInteger(),
      fc.double({ noNaN: true, noDefaultInfinity: true }),
    );
    fc.assert(
      fc.property(
        fc.dictionary(
          fc.stringMatching(/^[A-Za-z][A-Za-z0-9_]{3,20}$/).map((key) => `k_${key}`),
          value,
        ),
        (annotations) => {
          const span = decodeSegment({ annotations });
          for (const [key, each] of Object.entries(annotations)) {
            if (typeof each === 'number') expect(span.metrics[key]! + 0).toBe(each + 0);
            else expect(span.meta[key]).toBe(String(each).toWellFormed());
          }
        },
      ),
    );
  });
});

describe('bodies', () => {
  const whole = fixture('lambda-function');

  test('a fetched trace: documents as texts, a broken one and one without a trace by themselves', () => {
    const { spans, outcome } = decodeDocuments([
      fixture('lambda-service').toString('utf8'),
      '{"id":"broken"',
      whole.toString('utf8'),
      { name: 'a', id: '1111111111111111', trace_id: 'nonsense', subsegments: [subsegment()] },
    ]);
    expect(spans).toHaveLength(7);
    expect(outcome).toMatchObject({ traces: 1, spans: 7, rejectedSpans: 3 });
    expect(outcome.rejectedMessage).toBe(
      'a segment document was refused: the body ends inside a JSON value at its byte 14',
    );
  });

  test.each([
    ['42', 'expected a segment document, a JSON object'],
    ['[1]', 'expected a segment document, a JSON object'],
    ['{} {}', 'expected the end of the body, found "{"'],
  ])('%s is refused', (body, problem) => {
    expect(() => decodeBody(body)).toThrow(problem);
  });

  test('a document without a trace is refused and says why', () => {
    const { outcome } = decodeBody('{"id":"1111111111111111","name":"a"}');
    expect(outcome).toMatchObject({
      spans: 0,
      rejectedSpans: 1,
      rejectedMessage:
        'a segment document was refused: trace_id is "", expected 1-<8 hex>-<24 hex>',
    });
  });

  test('subsegments 400 deep are read; 600 deep are refused', () => {
    expect(decodeBody(nested(400)).spans).toHaveLength(400);
    expect(() => decodeBody(nested(600))).toThrow('subsegments nested deeper than 500 levels');
  });

  test('a body cut short anywhere is refused and adds no row', () => {
    for (let cut = 1; cut < whole.toString().trimEnd().length; cut++) {
      const batch = new SpanBatch();
      let error: unknown;
      try {
        decodeRecord(record('xray-segment-json', whole.subarray(0, cut)), batch);
      } catch (thrown) {
        error = thrown;
      }
      expect(error, `cut at ${cut}`).toBeInstanceOf(DecodeError);
      expect((error as DecodeError).reason, `cut at ${cut}`).toBe('EOF');
      expect(batch.length).toBe(0);
    }
  });

  test('flipped bits and noise are refused or decoded, never anything else', () => {
    const bits = fc.array(fc.nat(whole.length * 8 - 1), { minLength: 1, maxLength: 6 });
    fc.assert(
      fc.property(bits, fc.uint8Array({ maxLength: 40 }), (flips, noise) => {
        const broken = Uint8Array.from(whole);
        for (const bit of flips) broken[bit >> 3]! ^= 1 << (bit & 7);
        for (const body of [broken, Buffer.concat([noise, whole]), noise]) {
          const batch = new SpanBatch();
          try {
            const outcome = decodeRecord(record('xray-segment-json', body), batch);
            expect(spansOf(batch)).toHaveLength(outcome.spans);
          } catch (error) {
            expect(error).toBeInstanceOf(DecodeError);
            expect(batch.length).toBe(0);
          }
        }
      }),
      { numRuns: 500 },
    );
  });

  test('any JSON in any field loses neither the segment nor its children', () => {
    const fields = fc.dictionary(
      fc.constantFrom(
        'name',
        'http',
        'aws',
        'sql',
        'cause',
        'links',
        'annotations',
        'metadata',
        'service',
        'user',
        'origin',
        'namespace',
        'parent_id',
        'start_time',
        'end_time',
        'in_progress',
        'fault',
        'inferred',
        'precursor_ids',
        'type',
      ),
      fc.oneof(
        fc.jsonValue({ maxDepth: 4 }),
        fc.constantFrom(
          { request: 1 },
          { exceptions: [{}] },
          { api_gateway: 'x' },
        ) as fc.Arbitrary<never>,
      ),
    );
    fc.assert(
      fc.property(fields, (odd) => {
        const { outcome } = decodeBody(
          JSON.stringify(segment({ ...odd, subsegments: [subsegment(odd)] })),
        );
        expect(outcome).toMatchObject({ spans: 2, droppedSpans: 0, rejectedSpans: 0 });
      }),
      { numRuns: 500 },
    );
  });

  test('decoding is a pure function of the record', () => {
    const batch = new SpanBatch();
    const first = decodeRecord(record('xray-segment-json', whole), batch);
    expect(decodeRecord(record('xray-segment-json', whole), batch)).toEqual(first);
    const rows = spansOf(batch);
    expect(rows.slice(6)).toEqual(rows.slice(0, 6));
  });
});

/** Subsegments inside each other. */
function nested(levels: number): string {
  const open = Array.from(
    { length: levels },
    (_, i) =>
      `{"id":"${(i + 1).toString(16).padStart(16, '0')}","trace_id":"1-66f2a1c4-cc33dd44ee55ff6600112233","name":"n","start_time":1727177156,"end_time":1727177157,"subsegments":[`,
  );
  return open.join('') + ']}'.repeat(levels);
}
