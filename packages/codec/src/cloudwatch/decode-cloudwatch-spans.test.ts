import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { DecodeError, formatSpanId, formatTraceId } from '@spanloom/base';
import { type Span, SpanBatch } from '@spanloom/model';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { decodeRecord } from '../decode-record.ts';
import { type Decoded, decode, record, spansOf } from '../sample-spans.test.support.ts';

const FIXTURES = fileURLToPath(new URL('../../../../fixtures/cloudwatch-spans/', import.meta.url));

function fixture(name: string): Buffer {
  return readFileSync(`${FIXTURES}${name}.json`);
}

function decodeText(body: string | Uint8Array): Decoded {
  return decode('cloudwatch-spans-json', typeof body === 'string' ? Buffer.from(body) : body);
}

/** A record that breaks no rule. */
function spanRecord(fields: Record<string, unknown> = {}): Record<string, unknown> {
  return {
    resource: { attributes: { 'service.name': 'checkout' } },
    scope: { name: 'my.scope', version: '1.0' },
    traceId: '66f2a1c4cc33dd44ee55ff6600112233',
    spanId: 'dd11223344556677',
    name: 'work',
    kind: 'INTERNAL',
    startTimeUnixNano: 1727177156250000000,
    endTimeUnixNano: 1727177156750000000,
    durationNano: 500000000,
    attributes: {},
    status: { code: 'UNSET' },
    ...fields,
  };
}

function decodeOne(fields: Record<string, unknown>): Span {
  return decodeText(JSON.stringify(spanRecord(fields))).spans[0]!;
}

describe('a request through an API, a function and a database', () => {
  const { spans, outcome } = decodeText(fixture('gateway-and-function'));

  test('is one trace of X-Ray spans', () => {
    expect(outcome).toMatchObject({ traces: 1, spans: 7, rejectedSpans: 0, malformedSpans: {} });
    expect(new Set(spans.map(({ traceId }) => formatTraceId(traceId)))).toEqual(
      new Set(['66f2a1c48f3b0c5e9a7d4b21e6c8f0bb']),
    );
    expect(spans.every(({ source, priority }) => source === 'xray' && priority === 1)).toBe(true);
    expect(spans[0]!.meta['xray.trace_id']).toBe('1-66f2a1c4-8f3b0c5e9a7d4b21e6c8f0bb');
  });

  test('has the names that its segments would have', () => {
    expect(
      spans.map(({ name, resource, service, type, kind }) => [name, resource, service, type, kind]),
    ).toEqual([
      ['aws.apigateway', 'POST /orders/?', 'shop-api', 'web', 'server'],
      ['aws.request', 'Invoke orders-api', 'shop-api', 'http', 'client'],
      ['aws.lambda', 'orders-api', 'orders-api', 'serverless', 'server'],
      ['aws.lambda.function', 'orders-api', 'orders-api', 'serverless', 'server'],
      ['Overhead', 'orders-api', 'orders-api', 'serverless', 'internal'],
      ['aws.lambda', 'app.handler', 'orders-api', 'serverless', 'server'],
      ['postgresql.query', 'select * from cards where pan = ?', 'checkout', 'sql', 'client'],
    ]);
  });

  test('has the identity, the parents and the exact times of its segments', () => {
    expect(spans.map(({ spanId }) => formatSpanId(spanId)).slice(0, 3)).toEqual([
      'e1f2031425360001',
      'b0f3c2d41e5a0001',
      'c4d5e6f708190001',
    ]);
    expect(spans.map(({ parentId }) => parentId).slice(0, 3)).toEqual([
      undefined,
      0xe1f2031425360001n,
      0xb0f3c2d41e5a0001n,
    ]);
    expect(spans[0]!.start).toBe(1_727_177_156_250_000_000n);
    expect(spans[0]!.duration).toBe(940_000_000);
    expect(spans.map(({ meta }) => meta['xray.document'])).toEqual([
      'segment',
      'subsegment',
      'segment',
      'segment',
      'subsegment',
      'segment',
      'subsegment',
    ]);
    expect(spans.map(({ meta }) => meta['xray.name'])).toEqual([
      'shop-api/prod',
      'Lambda',
      'orders-api',
      'orders-api',
      'Overhead',
      'app.handler',
      'SELECT cards',
    ]);
    expect(spans.map(({ meta }) => meta['xray.origin'])).toEqual([
      'AWS::ApiGateway::Stage',
      undefined,
      'AWS::Lambda',
      'AWS::Lambda::Function',
      undefined,
      undefined,
      undefined,
    ]);
  });

  test('has the facts of the function on both sides of the invocation and on the phase', () => {
    for (const span of spans.slice(2, 5)) {
      expect(span.functionName).toBe('orders-api');
      expect(span.meta).toMatchObject({
        function_arn: 'arn:aws:lambda:eu-west-1:111122223333:function:orders-api',
        functionname: 'orders-api',
        function_version: 'live',
        aws_account: '111122223333',
        region: 'eu-west-1',
        '_dd.origin': 'lambda',
      });
    }
    expect(spans.map(({ meta }) => meta['request_id'])).toEqual([
      undefined,
      undefined,
      '5a7e0b1c-2222-4c3d-9e9e-000000000009',
      undefined,
      undefined,
      '5a7e0b1c-2222-4c3d-9e9e-000000000009',
      undefined,
    ]);
    expect(spans[0]!.meta).toMatchObject({ apiid: 'k3j4h5g6f7', stage: 'prod' });
  });

  test('counts where requests come in', () => {
    expect(spans.map(({ flags }) => flags & 1)).toEqual([1, 0, 1, 0, 0, 1, 0]);
  });

  test('has environments that somebody gave, and no others', () => {
    expect(spans.map(({ env }) => env)).toEqual(['', '', '', '', '', '', 'prod']);
  });

  test('shows no secrets', () => {
    const text = JSON.stringify(spans.map(({ meta, resource }) => [meta, resource]));
    expect(text).not.toContain('s3cret');
    expect(text).not.toContain('4111');
    expect(spans[0]!.meta['http.url']).toBe('https://api.example.test/prod/orders/4711?token');
    expect(spans[6]!.meta['db.query.text']).toBe('select * from cards where pan = ?');
  });

  test('failed where it says so, or where HTTP does and nobody judged', () => {
    expect(spans.map(({ error }) => error)).toEqual([
      false,
      true,
      false,
      false,
      false,
      true,
      false,
    ]);
    expect(spans[5]!.meta).toMatchObject({
      'error.type': 'Declined',
      'error.message': 'card declined',
      'error.stack': 'Declined: card declined',
    });
  });

  test('keeps attributes in their types, events and links', () => {
    const handler = spans[5]!;
    expect(handler.metrics).toMatchObject({ 'order.items': 3, 'order.total': 12.5 });
    expect(handler.meta['order.tags']).toBe('["new","gift"]');
    expect(handler.events).toEqual([
      {
        name: 'exception',
        time: 1_727_177_157_100_000_000n,
        attributes: {
          'exception.type': 'Declined',
          'exception.message': 'card declined',
          'exception.stacktrace': 'Declined: card declined',
        },
      },
    ]);
    expect(handler.links).toMatchObject([
      {
        traceId: { hi: 0x66f2a1c499aa88bbn, lo: 0x77cc66dd55ee44ffn },
        spanId: 0x1234567890abcdefn,
        attributes: { batch: 1 },
      },
    ]);
    expect(spans[3]!.metrics).toMatchObject({ 'aws:responseLatency': 500.12 });
    expect(JSON.parse(handler.envelope)).toMatchObject({
      language: 'python',
      scope: { name: 'opentelemetry.instrumentation.aws_lambda', version: '0.61b0' },
    });
  });
});

describe('bodies', () => {
  const lines = fixture('gateway-and-function').toString('utf8').trimEnd().split('\n');
  const expected = decodeText(lines.join('\n')).spans;

  test('lines, an array, and one after another without lines say the same', () => {
    expect(decodeText(`[${lines.join(',')}]`).spans).toEqual(expected);
    expect(decodeText(lines.join(' ')).spans).toEqual(expected);
    expect(decodeText(`\uFEFF${lines.join('\r\n\r\n')}\r\n`).spans).toEqual(expected);
  });

  test('what a subscription pushes says whose log it is as well', () => {
    const { spans, outcome } = decodeText(fixture('subscription'));
    expect(outcome).toMatchObject({ traces: 1, spans: 7, rejectedSpans: 0 });
    expect(spans.map(({ spanId }) => spanId)).toEqual(expected.map(({ spanId }) => spanId));
    expect(spans.every(({ meta }) => meta['xray.account'] === '111122223333')).toBe(true);
  });

  test('what a subscription sends to see whether anybody is there holds nothing', () => {
    const message = {
      messageType: 'CONTROL_MESSAGE',
      owner: 'CloudwatchLogs',
      logEvents: [{ message: 'x' }],
    };
    expect(decodeText(JSON.stringify(message)).outcome).toMatchObject({
      spans: 0,
      rejectedSpans: 0,
    });
  });

  test('a record that cannot be used is refused by itself', () => {
    const bad = [
      JSON.stringify(spanRecord({ traceId: 'abc' })),
      JSON.stringify(spanRecord({ spanId: '0000000000000000' })),
      '{"traceId": "cut off',
      '7',
    ];
    const { spans, outcome } = decodeText([...bad, lines[0]].join('\n'));
    expect(spans).toHaveLength(1);
    expect(outcome).toMatchObject({
      spans: 1,
      rejectedSpans: 4,
      rejectedMessage:
        'a record of aws/spans was refused: traceId is "abc", expected 32 hex digits',
    });
    const event = {
      messageType: 'DATA_MESSAGE',
      logEvents: [{ message: 'no json' }, { message: lines[0] }, {}],
    };
    expect(decodeText(JSON.stringify(event)).outcome).toMatchObject({ spans: 1, rejectedSpans: 2 });
  });

  test('a body without any record is refused as a whole', () => {
    expect(() => decodeText('spans!')).toThrow(DecodeError);
    expect(() => decodeText('{"traceId":')).toThrow('the body ends inside a JSON value');
  });

  test('flipped bits and noise are refused or decoded, never anything else', () => {
    const whole = fixture('subscription');
    const bits = fc.array(fc.nat(whole.length * 8 - 1), { minLength: 1, maxLength: 6 });
    fc.assert(
      fc.property(bits, fc.uint8Array({ maxLength: 40 }), (flips, noise) => {
        const broken = Uint8Array.from(whole);
        for (const bit of flips) broken[bit >> 3]! ^= 1 << (bit & 7);
        for (const body of [broken, Buffer.concat([noise, whole]), noise]) {
          const batch = new SpanBatch();
          try {
            const outcome = decodeRecord(record('cloudwatch-spans-json', body), batch);
            expect(spansOf(batch)).toHaveLength(outcome.spans);
          } catch (error) {
            expect(error).toBeInstanceOf(DecodeError);
            expect(batch.length).toBe(0);
          }
        }
      }),
      { numRuns: 200 },
    );
  });

  test('any JSON in any member loses no record', () => {
    const member = fc.constantFrom(
      'resource',
      'scope',
      'name',
      'kind',
      'startTimeUnixNano',
      'endTimeUnixNano',
      'durationNano',
      'attributes',
      'status',
      'events',
      'links',
      'parentSpanId',
      '_aws',
      'flags',
      'traceState',
    );
    const odd = fc.oneof(
      fc.jsonValue({ maxDepth: 3 }),
      fc.constantFrom(
        ...([
          { attributes: 7 },
          { xray: { type: 4, name: {} } },
          { code: -1 },
          [{ timeUnixNano: 'x' }],
        ] as fc.JsonValue[]),
      ),
    );
    fc.assert(
      fc.property(fc.dictionary(member, odd), (fields) => {
        const { outcome } = decodeText(JSON.stringify(spanRecord(fields)));
        expect(outcome).toMatchObject({ spans: 1, rejectedSpans: 0 });
      }),
      { numRuns: 500 },
    );
  });
});

describe('a record', () => {
  test('may write its times as text, with an exponent, or as a start and a duration', () => {
    const times = { endTimeUnixNano: undefined, durationNano: undefined };
    expect(
      decodeOne({
        startTimeUnixNano: '1727177156250000001',
        endTimeUnixNano: '1727177156250000002',
      }),
    ).toMatchObject({
      start: 1_727_177_156_250_000_001n,
      duration: 1,
    });
    expect(decodeOne({ ...times, durationNano: 39000064 }).duration).toBe(39_000_064);
    const text = JSON.stringify(spanRecord({ startTimeUnixNano: 0 })).replace(
      '"startTimeUnixNano":0',
      '"startTimeUnixNano":1.72717715625E18',
    );
    expect(decodeText(text).spans[0]!.start).toBe(1_727_177_156_250_000_000n);
  });

  test('without an end is unfinished', () => {
    const span = decodeOne({ endTimeUnixNano: undefined, durationNano: undefined });
    expect(span.flags & 8).toBe(8);
    expect(span).toMatchObject({ duration: 0 });
    expect(span.meta['xray.in_progress']).toBe('true');
  });

  test.each([
    ['SERVER', 'server'],
    ['SPAN_KIND_CLIENT', 'client'],
    [4, 'producer'],
    ['consumer', 'consumer'],
    ['ODD', 'unspecified'],
    [null, 'unspecified'],
  ])('of the kind %j is %s', (kind, expected) => {
    expect(decodeOne({ kind }).kind).toBe(expected);
  });

  test.each([
    [{ code: 'ERROR' }, true],
    [{ code: 'STATUS_CODE_ERROR', message: 'm' }, true],
    [{ code: 2 }, true],
    [{ code: 'OK' }, false],
    [{ code: 'UNSET' }, false],
    [undefined, false],
  ])('with the status %j is an error: %j', (status, expected) => {
    expect(decodeOne({ status }).error).toBe(expected);
  });

  test('whose trace id is written as X-Ray does is of the same trace', () => {
    expect(decodeOne({ traceId: '1-66f2a1c4-cc33dd44ee55ff6600112233' }).traceId).toEqual({
      hi: 0x66f2a1c4cc33dd44n,
      lo: 0xee55ff6600112233n,
    });
  });

  test('without a service of its own is of the one that AWS found', () => {
    const fields = { resource: {}, attributes: { 'aws.local.service': 'Carts' } };
    expect(decodeOne(fields).service).toBe('carts');
  });

  test('of a call on a table says which', () => {
    const span = decodeOne({
      name: 'DynamoDB.UpdateItem',
      kind: 'CLIENT',
      attributes: {
        'aws.operation': 'UpdateItem',
        'aws.table_name': 'orders',
        'aws.remote.service': 'AWS::DynamoDB',
      },
      _aws: { xray: { name: 'DynamoDB', namespace: 'aws', type: 'subsegment' } },
    });
    expect(span).toMatchObject({
      name: 'aws.request',
      resource: 'UpdateItem orders',
      type: 'http',
    });
    expect(span.meta).toMatchObject({
      tablename: 'orders',
      'peer.service': 'aws::dynamodb',
      'xray.name': 'DynamoDB',
      'xray.namespace': 'aws',
    });
  });

  test('of an AWS service is named like its segment, even where nothing says that it was one', () => {
    const http = { 'http.request.method': 'GET', 'url.full': 'https://api.test/prod/orders/7' };
    const gateway = {
      attributes: { 'cloud.platform': 'aws_api_gateway', 'aws.api_gateway.stage': 'prod' },
    };
    expect(decodeOne({ kind: 'SERVER', resource: gateway, attributes: http })).toMatchObject({
      name: 'aws.apigateway',
      resource: 'GET /orders/?',
    });
    expect(
      decodeOne({ kind: 'SERVER', attributes: { 'aws.xray.origin': 'AWS::SQS::Queue' } }),
    ).toMatchObject({ name: 'aws.sqs', resource: 'work' });
    // A server of one's own, on a machine that AWS knows.
    const own = { ...http, 'aws.xray.origin': 'AWS::EC2::Instance' };
    expect(decodeOne({ kind: 'SERVER', attributes: own })).toMatchObject({
      name: 'http.server.request',
      resource: 'GET',
    });
  });

  test('that X-Ray inferred is no entry of a service', () => {
    const span = decodeOne({ kind: 'SERVER', _aws: { xray: { inferred: true } } });
    expect(span.meta['xray.document']).toBe('inferred');
    expect(span.flags & 1).toBe(0);
  });

  test('with values of any depth is a span like any other', () => {
    const deep = `${'{"a":['.repeat(40)}1${']}'.repeat(40)}`;
    const attributes = { deep: JSON.parse(deep) as unknown, flat: 'kept' };
    const span = decodeOne({ attributes });
    expect(span.meta['flat']).toBe('kept');
    expect(span.meta['deep']!.startsWith('{"a":[{"a":[')).toBe(true);
  });

  test('with an attribute under a name of ours does not take it', () => {
    const span = decodeOne({ attributes: { 'xray.trace_id': 'forged', 'xray.document': 'x' } });
    expect(span.meta).toMatchObject({
      'xray.trace_id': '1-66f2a1c4-cc33dd44ee55ff6600112233',
      'xray.document': 'subsegment',
    });
  });
});
