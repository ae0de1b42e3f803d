import { expect, test } from 'vitest';
import {
  apiGatewayV1Event,
  apiGatewayV2Event,
  dynamoDbEvent,
  eventBridgeEvent,
  eventBridgeInSnsEvent,
  eventBridgeInSqsEvent,
  functionUrlEvent,
  kinesisEvent,
  loadBalancerEvent,
  mskEvent,
  rawSnsInSqsEvent,
  s3Event,
  scheduledEvent,
  snsEvent,
  snsInSqsEvent,
  sqsEvent,
  stepFunctionsCarrierEvent,
  stepFunctionsContext,
  stepFunctionsPayloadEvent,
  webSocketEvent,
} from './index.ts';

const epochMs = Date.UTC(2026, 2, 1, 10, 0, 0);
const request = {
  epochMs,
  method: 'PUT',
  path: '/orders/7',
  query: { tag: ['a', 'b c'] },
  headers: { 'X-Trace': '1', Cookie: 'k=v; l=w', Accept: ['text/html', 'text/plain'] },
  body: { qty: 2 },
};

test('apiGatewayV1Event() keeps header names, has both single and multiple values, and the stage in the context path', () => {
  const event = apiGatewayV1Event({
    ...request,
    route: '/orders/{id}',
    pathParameters: { id: '7' },
  });
  expect(event).toMatchObject({
    resource: '/orders/{id}',
    path: '/orders/7',
    httpMethod: 'PUT',
    headers: { 'X-Trace': '1', Accept: 'text/plain' },
    multiValueHeaders: { Accept: ['text/html', 'text/plain'] },
    queryStringParameters: { tag: 'b c' },
    multiValueQueryStringParameters: { tag: ['a', 'b c'] },
    pathParameters: { id: '7' },
    requestContext: {
      path: '/prod/orders/7',
      resourcePath: '/orders/{id}',
      stage: 'prod',
      domainName: 'a1b2c3d4e5.execute-api.eu-west-1.amazonaws.com',
      requestTime: '01/Mar/2026:10:00:00 +0000',
      requestTimeEpoch: epochMs,
    },
    body: '{"qty":2}',
    isBase64Encoded: false,
  });
});

test('apiGatewayV1Event() says null where there is nothing', () => {
  expect(apiGatewayV1Event()).toMatchObject({
    headers: null,
    multiValueHeaders: null,
    queryStringParameters: null,
    pathParameters: null,
    body: null,
  });
});

test('apiGatewayV2Event() lower-cases and joins headers, and takes the cookies out', () => {
  const event = apiGatewayV2Event({ ...request, route: '/orders/{id}', stage: 'live' });
  expect(event).toMatchObject({
    version: '2.0',
    routeKey: 'PUT /orders/{id}',
    rawPath: '/live/orders/7',
    rawQueryString: 'tag=a&tag=b+c',
    cookies: ['k=v', 'l=w'],
    headers: { 'x-trace': '1', accept: 'text/html,text/plain' },
    queryStringParameters: { tag: 'a,b c' },
    requestContext: { http: { method: 'PUT', path: '/live/orders/7' }, stage: 'live' },
  });
  expect(event['headers']).not.toHaveProperty('cookie');
  expect(apiGatewayV2Event()).not.toHaveProperty('queryStringParameters');
});

test('functionUrlEvent() has the domain of a function URL', () => {
  expect(functionUrlEvent({ body: new Uint8Array([1, 2]) })).toMatchObject({
    version: '2.0',
    routeKey: '$default',
    requestContext: {
      domainName: 'abcdefghijklmnopqrstuvwxyz012345.lambda-url.eu-west-1.on.aws',
      http: { method: 'POST', path: '/' },
    },
    body: 'AQI=',
    isBase64Encoded: true,
  });
});

test('loadBalancerEvent() leaves the query encoded and follows the setting for headers', () => {
  const single = loadBalancerEvent(request);
  expect(single).toMatchObject({
    queryStringParameters: { tag: 'b%20c' },
    headers: { accept: 'text/plain' },
    requestContext: { elb: { targetGroupArn: expect.stringContaining(':targetgroup/') as string } },
  });
  const multiple = loadBalancerEvent({ ...request, multiValue: true });
  expect(multiple).toMatchObject({ multiValueHeaders: { accept: ['text/html', 'text/plain'] } });
  expect(multiple).not.toHaveProperty('headers');
});

test('webSocketEvent() has headers only for a connection', () => {
  expect(webSocketEvent({ eventType: 'CONNECT', headers: { a: 'b' } })).toMatchObject({
    headers: { a: 'b' },
    requestContext: { routeKey: '$connect', messageDirection: 'IN' },
  });
  const message = webSocketEvent({ headers: { a: 'b' }, body: 'hi' });
  expect(message).not.toHaveProperty('headers');
  expect(message).toMatchObject({ body: 'hi', requestContext: { routeKey: '$default' } });
});

test('sqsEvent() types its attributes and hashes the body', () => {
  const { Records } = sqsEvent(
    [
      {
        body: 'hello',
        attributes: { _datadog: '{}', raw: new Uint8Array([1]) },
        traceHeader: 'Root=1',
      },
      { body: { a: 1 }, groupId: 'g' },
    ],
    { epochMs, queue: 'orders' },
  );
  expect(Records[0]).toMatchObject({
    body: 'hello',
    md5OfBody: '5d41402abc4b2a76b9719d911017c592',
    attributes: { AWSTraceHeader: 'Root=1', SentTimestamp: String(epochMs) },
    messageAttributes: {
      _datadog: { stringValue: '{}', dataType: 'String' },
      raw: { binaryValue: 'AQ==', dataType: 'Binary' },
    },
    eventSource: 'aws:sqs',
    eventSourceARN: 'arn:aws:sqs:eu-west-1:123456789012:orders',
  });
  expect(Records[1]).toMatchObject({ body: '{"a":1}', attributes: { MessageGroupId: 'g' } });
});

test('snsEvent() has typed attributes and capital names', () => {
  expect(snsEvent({ message: 'm', attributes: { _datadog: '{}' } }).Records).toMatchObject([
    {
      EventSource: 'aws:sns',
      Sns: {
        Type: 'Notification',
        TopicArn: 'arn:aws:sns:eu-west-1:123456789012:local-topic',
        Message: 'm',
        MessageAttributes: { _datadog: { Type: 'String', Value: '{}' } },
      },
    },
  ]);
});

test('snsInSqsEvent() wraps a notification, rawSnsInSqsEvent() does not', () => {
  const message = { message: { a: 1 }, attributes: { _datadog: '{}' } };
  const [wrapped] = snsInSqsEvent([message]).Records;
  expect(JSON.parse(wrapped?.['body'] as string)).toMatchObject({
    Type: 'Notification',
    Message: '{"a":1}',
    MessageAttributes: { _datadog: { Value: '{}' } },
  });
  expect(wrapped?.['messageAttributes']).toEqual({});
  const [raw] = rawSnsInSqsEvent([message]).Records;
  expect(raw).toMatchObject({
    body: '{"a":1}',
    messageAttributes: { _datadog: { stringValue: '{}' } },
  });
});

test('eventBridgeEvent() is one event, alone or in the body of a message', () => {
  const event = { detail: { _datadog: {} }, detailType: 'Paid', source: 'shop' };
  const expected = {
    version: '0',
    'detail-type': 'Paid',
    source: 'shop',
    account: '123456789012',
    time: '2026-03-01T10:00:00Z',
    detail: { _datadog: {} },
  };
  expect(eventBridgeEvent(event, { epochMs })).toMatchObject(expected);
  const [inQueue] = eventBridgeInSqsEvent([event], { epochMs }).Records;
  expect(JSON.parse(inQueue?.['body'] as string)).toMatchObject(expected);
  const [inTopic] = eventBridgeInSnsEvent(event, { epochMs }).Records as {
    Sns: { Message: string };
  }[];
  expect(JSON.parse(inTopic?.Sns.Message ?? '')).toMatchObject(expected);
  expect(scheduledEvent()).toMatchObject({
    source: 'aws.events',
    resources: ['arn:aws:events:eu-west-1:123456789012:rule/local-rule'],
  });
});

test('kinesisEvent() encodes data and counts its sequence up', () => {
  const { Records } = kinesisEvent([{ data: { ü: 1 } }, { data: new Uint8Array([255]) }], {
    epochMs,
  }) as {
    Records: {
      kinesis: { data: string; sequenceNumber: string; approximateArrivalTimestamp: number };
    }[];
  };
  expect(Buffer.from(Records[0]!.kinesis.data, 'base64').toString()).toBe('{"ü":1}');
  expect(Records[1]!.kinesis.data).toBe('/w==');
  expect(Records[0]!.kinesis.approximateArrivalTimestamp).toBe(epochMs / 1000);
  expect(Records[0]!.kinesis.sequenceNumber).toHaveLength(56);
  expect(Records[1]!.kinesis.sequenceNumber > Records[0]!.kinesis.sequenceNumber).toBe(true);
});

test('dynamoDbEvent() names its view by the images, and the service that expired an item', () => {
  const keys = { id: { S: '1' } };
  const { Records } = dynamoDbEvent([
    { kind: 'MODIFY', keys, newImage: keys, oldImage: keys },
    { kind: 'REMOVE', keys, expired: true },
  ]);
  expect(Records).toMatchObject([
    { eventName: 'MODIFY', dynamodb: { Keys: keys, StreamViewType: 'NEW_AND_OLD_IMAGES' } },
    {
      eventName: 'REMOVE',
      dynamodb: { StreamViewType: 'KEYS_ONLY' },
      userIdentity: { type: 'Service', principalId: 'dynamodb.amazonaws.com' },
    },
  ]);
});

test('s3Event() encodes keys as S3 does, and leaves size and tag out of a removal', () => {
  const { Records } = s3Event([
    { key: 'a b/ü+c.txt', content: 'hello' },
    { key: 'gone', kind: 'ObjectRemoved:Delete' },
  ]) as { Records: { s3: { object: Record<string, unknown> } }[] };
  expect(Records[0]?.s3.object).toMatchObject({
    key: 'a+b/%C3%BC%2Bc.txt',
    size: 5,
    eTag: '5d41402abc4b2a76b9719d911017c592',
  });
  expect(Records[1]?.s3.object).not.toHaveProperty('eTag');
});

test('mskEvent() groups by topic and writes headers as byte values', () => {
  const event = mskEvent([
    { topic: 'orders', value: 'v', headers: { traceparent: 'ab' } },
    { topic: 'orders', value: 'w' },
  ]);
  expect(event).toMatchObject({
    eventSource: 'aws:kafka',
    records: { 'orders-0': [{ offset: 0, headers: [{ traceparent: [97, 98] }] }, { offset: 1 }] },
  });
});

test('stepFunctionsContext() is the context object, and the carriers hold it', () => {
  const options = { epochMs, execution: 'run-7', input: { order: 7 }, retryCount: 2 };
  const context = stepFunctionsContext(options);
  expect(context).toMatchObject({
    Execution: {
      Id: 'arn:aws:states:eu-west-1:123456789012:execution:local-machine:run-7',
      RedriveCount: 0,
    },
    State: { EnteredTime: '2026-03-01T10:00:00.000Z', RetryCount: 2 },
    StateMachine: { Name: 'local-machine' },
  });
  expect(stepFunctionsPayloadEvent(options)).toEqual({ Payload: context });
  expect(stepFunctionsCarrierEvent(options)).toMatchObject({ order: 7, _datadog: context });
});

test('a region decides the partition of every ARN', () => {
  const [record] = sqsEvent([{ body: '' }], { region: 'us-gov-west-1' }).Records;
  expect(record?.['eventSourceARN']).toBe(
    'arn:aws-us-gov:sqs:us-gov-west-1:123456789012:local-queue',
  );
  const [object] = s3Event([{ key: 'k' }], { region: 'cn-north-1' }).Records as {
    s3: { bucket: { arn: string } };
  }[];
  expect(object?.s3.bucket.arn).toBe('arn:aws-cn:s3:::local-bucket');
});
