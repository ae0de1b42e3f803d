import { formatSpanId, formatTraceId } from '@spanloom/base';
import { describe, expect, test } from 'vitest';
import {
  decodeBody,
  decodeDocuments,
  decodeSegment,
  decodeSubsegment,
  fixture,
  segment,
  subsegment,
} from './segment-samples.test.support.ts';

function stage(url: string, fields: Record<string, unknown> = {}): string {
  return decodeSegment({
    name: 'shop-api/prod',
    origin: 'AWS::ApiGateway::Stage',
    http: { request: { method: 'GET', url } },
    aws: { api_gateway: { stage: 'prod' } },
    ...fields,
  }).resource;
}

describe('API Gateway', () => {
  test.each([
    ['https://api.test/prod/orders?x=1', 'GET /orders'],
    ['https://api.test/prod/orders/4711', 'GET /orders/?'],
    [
      'https://api.test/prod/orders/0d9c2a55-1111-4e7f-8a3a-000000000001/items',
      'GET /orders/?/items',
    ],
    ['https://api.test/prod/baskets/5f3a9c0d1b2e4f60', 'GET /baskets/?'],
    ['https://api.test/prod/users/AKxJ93kd02mXlq0TzT1b', 'GET /users/?'],
    ['https://api.test/prod', 'GET /'],
    ['https://api.test/prod/', 'GET /'],
    ['https://api.test/production/orders', 'GET /production/orders'],
    ['https://shop.test/orders', 'GET /orders'],
    ['/prod/orders', 'GET /orders'],
  ])('%s is %s', (url, resource) => {
    expect(stage(url)).toBe(resource);
  });

  test('takes the stage from the name where nothing else states it', () => {
    expect(stage('https://api.test/prod/orders', { aws: {} })).toBe('GET /orders');
  });

  test('without a request is named for itself', () => {
    expect(
      decodeSegment({ name: 'shop-api/prod', origin: 'AWS::ApiGateway::Stage' }),
    ).toMatchObject({
      resource: 'shop-api/prod',
      service: 'shop-api',
    });
  });

  test('has HTTP integrations of one service, however many paths they have', () => {
    const calls = Array.from({ length: 1_000 }, (_, index) => ({
      name: `/orders/${index}`,
      id: (0x1000 + index).toString(16).padStart(16, '0'),
      namespace: 'remote',
      start_time: 1727177156.3,
      end_time: 1727177156.4,
      http: { request: { method: 'GET', url: `https://orders.internal.test/orders/${index}` } },
    }));
    const callees = calls.map(({ id, name }) =>
      segment({ id: `f${id.slice(1)}`, name, parent_id: id, inferred: true }),
    );
    const { spans } = decodeDocuments([
      segment({ name: 'shop-api/prod', origin: 'AWS::ApiGateway::Stage', subsegments: calls }),
      ...callees,
    ]);
    expect(spans).toHaveLength(2_001);
    expect(new Set(spans.map(({ service }) => service))).toEqual(
      new Set(['shop-api', 'orders.internal.test']),
    );
    expect(new Set(spans.slice(1, 1_001).map(({ meta }) => meta['peer.service']))).toEqual(
      new Set(['orders.internal.test']),
    );
    expect(new Set(spans.slice(1_001).map(({ resource }) => resource))).toEqual(
      new Set(['/orders/?']),
    );
  });
});

describe('queues, topics and buses', () => {
  test.each([
    ['AWS::SNS', 'news', 'aws.sns', 'news'],
    ['AWS::SNS::Topic', 'arn:aws:sns:eu-west-1:111122223333:news', 'aws.sns', 'news'],
    ['AWS::SQS::Queue', 'jobs', 'aws.sqs', 'jobs'],
    ['AWS::Events', 'default', 'aws.eventbridge', 'default'],
    ['AWS::Events::EventBus', 'orders-bus', 'aws.eventbridge', 'orders-bus'],
  ])('%s %s', (origin, name, operation, resource) => {
    expect(decodeSegment({ origin, name })).toMatchObject({
      name: operation,
      resource,
      type: 'queue',
      kind: 'internal',
    });
  });

  test('a topic delivers in calls of its own', () => {
    const { spans } = decodeDocuments([
      segment({
        name: 'news',
        origin: 'AWS::SNS',
        subsegments: [
          subsegment({
            name: 'SQS',
            namespace: 'aws',
            aws: { operation: 'SendMessage', queue_name: 'jobs' },
          }),
        ],
      }),
    ]);
    expect(
      spans.map(({ name, resource, kind, service }) => [name, resource, kind, service]),
    ).toEqual([
      ['aws.sns', 'news', 'internal', 'news'],
      ['aws.request', 'SendMessage jobs', 'producer', 'news'],
    ]);
  });

  test.each([
    ['SQS', 'SendMessageBatch', 'producer'],
    ['SNS', 'PublishBatch', 'producer'],
    ['Events', 'PutEvents', 'producer'],
    ['Kinesis', 'PutRecords', 'producer'],
    ['SQS', 'DeleteMessage', 'client'],
    ['S3', 'PutObject', 'client'],
  ])('%s %s has the kind %s', (name, operation, kind) => {
    expect(decodeSubsegment({ name, namespace: 'aws', aws: { operation } }).kind).toBe(kind);
  });

  test('what took a batch from a queue is linked with every producer', () => {
    const [span] = decodeBody(fixture('sqs-consumer')).spans;
    expect(span!.kind).toBe('consumer');
    expect(
      span!.links.map(({ traceId, spanId }) => [formatTraceId(traceId), formatSpanId(spanId)]),
    ).toEqual([
      ['66f2a1c48f3b0c5e9a7d4b21e6c8f013', '24756640c0d09abc'],
      ['66f2a1c999aa88bb77cc66dd55ee44ff', '1234567890abcdef'],
    ]);
  });

  test('a link finds the segment it means, however both write their ids', () => {
    const target = decodeSegment({ id: 'opaque' });
    const link = {
      trace_id: '1-66F2A1C4-CC33DD44EE55FF6600112233',
      id: 'opaque',
      attributes: { n: 1, half: 0.5, nested: {} },
    };
    const { links } = decodeSegment({ id: '1111111111111111', links: [link] });
    expect(links).toHaveLength(1);
    expect(links[0]!.traceId).toEqual(target.traceId);
    expect(links[0]!.spanId).toBe(target.spanId);
    expect(links[0]!.attributes).toMatchObject({ n: 1, 'xray.link': true });
  });
});

describe('Step Functions and AppSync', () => {
  test('a state is a span of its machine, and what it calls is a call', () => {
    const { spans } = decodeDocuments([
      segment({
        name: 'OrderFlow',
        origin: 'AWS::StepFunctions::StateMachine',
        aws: { execution_arn: 'arn:aws:states:eu-west-1:111122223333:execution:OrderFlow:e-1' },
        throttle: true,
        subsegments: [
          subsegment({
            name: 'Charge Card',
            subsegments: [subsegment({ id: '2222222222222222', name: 'retry 1' })],
          }),
        ],
      }),
    ]);
    expect(spans.map(({ name, resource }) => [name, resource])).toEqual([
      ['aws.stepfunctions', 'OrderFlow'],
      ['aws.stepfunctions.Charge_Card', 'Charge Card'],
      ['xray.subsegment', 'retry 1'],
    ]);
    expect(spans[0]!.error).toBe(true);
    expect(spans[0]!.meta['aws.execution_arn']).toBe(
      'arn:aws:states:eu-west-1:111122223333:execution:OrderFlow:e-1',
    );
  });

  test('a resolver is a span of its API', () => {
    const { spans } = decodeBody(fixture('appsync'));
    expect(spans[1]).toMatchObject({ name: 'aws.appsync', resource: 'Query.order' });
  });
});

const tagOf = (aws: Record<string, unknown>): Record<string, string> =>
  decodeSubsegment({ name: 'X', namespace: 'aws', aws }).meta;

describe('machines and SDKs', () => {
  test('the two spellings of Elastic Beanstalk are one attribute', () => {
    const stated = { version_label: 'v7', deployment_id: 42 };
    for (const environment of [{ environment: 'shop-1' }, { environment_name: 'shop-1' }]) {
      const span = decodeSegment({
        origin: 'AWS::ElasticBeanstalk::Environment',
        aws: { elastic_beanstalk: { ...stated, ...environment }, ec2: { instance_id: 'i-1' } },
      });
      expect(span.meta).toMatchObject({
        'aws.elastic_beanstalk.environment_name': 'shop-1',
        'aws.elastic_beanstalk.version_label': 'v7',
        host: 'i-1',
      });
      expect(span.metrics['aws.elastic_beanstalk.deployment_id']).toBe(42);
    }
  });

  test('the two spellings of the sampling rule are one attribute', () => {
    for (const rule of [{ rule_name: 'Default' }, { sampling_rule_name: 'Default' }]) {
      const { meta } = decodeSegment({ aws: { xray: rule } });
      expect(meta['aws.xray.sampling_rule_name']).toBe('Default');
    }
  });

  test.each(['local', '', 'made-up'])(
    'work in the namespace %j is work of the program',
    (namespace) => {
      const span = decodeSubsegment({ namespace, name: 'price' });
      expect(span).toMatchObject({ name: 'xray.subsegment', resource: 'price', kind: 'internal' });
      expect(span.meta['xray.namespace'] ?? '').toBe(namespace);
    },
  );

  test('retries are kept as the SDK counts them', () => {
    expect(decodeSubsegment({ namespace: 'aws', aws: { retries: 3 } }).metrics['aws.retries']).toBe(
      3,
    );
  });

  test.each([
    ['orders', 'orders'],
    ['orders:live', 'orders'],
    ['arn:aws:lambda:eu-west-1:111122223333:function:orders:live', 'orders'],
    ['111122223333:function:orders', 'orders'],
  ])('a call of the function %s is one of %s', (function_name, name) => {
    const span = decodeSubsegment({
      name: 'Lambda',
      namespace: 'aws',
      aws: { operation: 'Invoke', function_name },
    });
    expect([span.resource, span.meta['functionname']]).toEqual([`Invoke ${name}`, name]);
  });

  test('what a call was made on stands under its own name', () => {
    expect(tagOf({ bucket_name: 'photos' })['bucketname']).toBe('photos');
    expect(tagOf({ topic_arn: 'arn:aws:sns:eu-west-1:111122223333:news' })['topicname']).toBe(
      'news',
    );
    expect(tagOf({ queue_url: 'https://sqs.test/1111/jobs' })).toMatchObject({
      queuename: 'jobs',
      queueurl: 'https://sqs.test/1111/jobs',
    });
    expect(tagOf({ table_name: 'orders' })['tablename']).toBe('orders');
  });
});
