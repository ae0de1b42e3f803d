// Spans of the managed services between whoever caused an invocation and the function: nothing else reports them.
import { isSqs, firstRecord, wrappedBody, isKafka } from '../context/event-carriers.ts';
import { parseObject, textOf, type Loose } from '../loose.ts';
import type { Settings } from '../config.ts';
import type { Tags } from '../span/span.ts';
import { resolveService } from './service-names.ts';
import type { Trigger } from './trigger.ts';

/** A managed service's span, before it is one. */
export interface Inferred {
  readonly name: string;
  readonly type: string;
  readonly service: string;
  readonly resource: string;
  /** Milliseconds since the epoch; `undefined` if the event does not say or says nonsense. */
  readonly startMs: number | undefined;
  /** Asynchronous spans end when the next one begins, the others with the function's answer. */
  readonly async: boolean;
  readonly tags: Tags;
  /** The upper span of two ends here. */
  readonly endMs?: number | undefined;
}

/** The spans above the function's own, outermost first: none, one or two. */
export function inferSpans(options: {
  readonly event: Loose;
  readonly trigger: Trigger;
  readonly settings: Settings;
  readonly region: string;
  readonly nowMs: number;
}): Inferred[] {
  const { event, trigger, settings } = options;
  const record = firstRecord(event);
  switch (trigger.source) {
    case 'api-gateway':
      return [apiGateway(event, trigger, settings, options.region)];
    case 'lambda-function-url':
      return [functionUrl(event, settings)];
    case 'application-load-balancer':
      return [loadBalancer(event, settings, options.nowMs)];
    case 'dynamodb':
      return [dynamoDb(record!, settings)];
    case 'sns':
      return snsChain(record!['Sns'], record!, settings);
    case 'sqs':
      return isSqs(record) ? sqsChain(record!, settings) : [];
    case 'kinesis':
      return [kinesis(record!, settings)];
    case 's3':
      return [s3(record!, settings)];
    case 'eventbridge':
      return [eventBridge(event, settings)];
    case 'msk':
    case 'kafka':
      return isKafka(event) ? kafka(event, settings) : [];
    default:
      return [];
  }
}

function epoch(value: unknown, factor = 1): number | undefined {
  const ms = Number(value) * factor;
  return typeof value === 'object' || !(ms > 0) ? undefined : ms;
}

function date(value: unknown): number | undefined {
  return typeof value === 'string' ? epoch(Date.parse(value)) : undefined;
}

/** The last part of an ARN. */
function lastPart(arn: unknown): string {
  return textOf(arn)?.split(':').at(-1) ?? '';
}

function apiGateway(event: Loose, trigger: Trigger, settings: Settings, region: string): Inferred {
  const request = event['requestContext'];
  const domain = textOf(request?.['domainName']) ?? '';
  const routeKey = textOf(request?.['routeKey']);
  const { kind } = trigger;
  const version2 = kind === 'http';
  const raw = textOf(event['rawPath']);
  const method = version2
    ? textOf(request?.['http']?.['method'])
    : textOf(request?.['httpMethod'] ?? event['httpMethod']);
  const path = routeKey?.includes('{')
    ? (routeKey.split(' ')[1] ?? routeKey)
    : (raw ?? textOf(request?.['resourcePath']) ?? routeKey ?? '');
  const endpoint = raw ?? textOf(request?.['path']) ?? routeKey ?? '';
  const api = textOf(request?.['apiId']) ?? '';
  const headers = event['headers'];
  const invocationType: unknown =
    headers?.['X-Amz-Invocation-Type'] ?? headers?.['x-amz-invocation-type'];
  return {
    name: version2 ? 'aws.httpapi' : 'aws.apigateway',
    type: 'web',
    service: resolveService(
      settings,
      [api, 'lambda_api_gateway'],
      domain,
      domain || 'aws.apigateway',
    ),
    resource: `${method ?? domain} ${path}`,
    startMs: epoch(request?.[version2 ? 'timeEpoch' : 'requestTimeEpoch']),
    async: invocationType === 'Event',
    tags: {
      'http.url': `https://${domain}${endpoint}`,
      endpoint,
      apiid: api,
      dd_resource_key: `arn:aws:apigateway:${region}::/${version2 ? 'apis' : 'restapis'}/${api}`,
      ...(method === undefined
        ? {}
        : { 'http.method': method, stage: textOf(request?.['stage']), domain_name: domain }),
      ...(kind === 'websocket'
        ? {
            message_direction: textOf(request?.['messageDirection']),
            connection_id: textOf(request?.['connectionId']),
            event_type: textOf(request?.['eventType']),
          }
        : {}),
    },
  };
}

function functionUrl(event: Loose, settings: Settings): Inferred {
  const request = event['requestContext'];
  const domain = textOf(request?.['domainName']) ?? '';
  const method = textOf(request?.['http']?.['method']);
  const path = textOf(event['rawPath']) ?? '';
  return {
    name: 'aws.lambda.url',
    type: 'http',
    service: resolveService(settings, [textOf(request?.['apiId']), 'lambda_url'], domain, domain),
    resource: `${method ?? domain} ${path}`,
    startMs: epoch(request?.['timeEpoch']),
    async: false,
    tags: {
      operation_name: 'aws.lambda.url',
      'http.url': `https://${domain}${path}`,
      endpoint: path,
      'http.method': method,
    },
  };
}

function loadBalancer(event: Loose, settings: Settings, nowMs: number): Inferred {
  const headers = event['headers'] ?? event['multiValueHeaders'];
  const raw: unknown = headers?.['host'] ?? headers?.['Host'];
  const host = textOf(Array.isArray(raw) ? raw[0] : raw) ?? 'aws.alb';
  const method = textOf(event['httpMethod']) ?? '';
  const path = textOf(event['path']) ?? '';
  return {
    name: 'aws.alb',
    type: 'web',
    service: resolveService(settings, [host, 'lambda_alb'], host, host),
    resource: `${method} ${path}`,
    startMs: nowMs,
    async: false,
    tags: { operation_name: 'aws.alb', endpoint: path, 'http.method': method },
  };
}

/** One span of a service that hands its events over and does not wait. */
function asyncSpan(options: {
  readonly name: string;
  readonly settings: Settings;
  readonly generic: string;
  readonly extracted: string;
  readonly fallback?: string;
  readonly type?: string;
  readonly resource?: string;
  readonly startMs: number | undefined;
  readonly tags: Tags;
}): Inferred {
  const { name, settings, generic, extracted } = options;
  const fallback = options.fallback ?? name.slice(4);
  return {
    name,
    type: options.type ?? 'web',
    service: resolveService(settings, [extracted, generic], extracted, fallback),
    resource: options.resource ?? extracted,
    startMs: options.startMs,
    async: true,
    tags: { operation_name: name, ...options.tags },
  };
}

function dynamoDb(record: Loose, settings: Settings): Inferred {
  const change = record['dynamodb'];
  const table = textOf(record['eventSourceARN'])?.split('/')[1] ?? '';
  const size: unknown = change?.['SizeBytes'];
  return asyncSpan({
    name: 'aws.dynamodb',
    settings,
    generic: 'lambda_dynamodb',
    extracted: table,
    fallback: 'aws.dynamodb',
    resource: `${textOf(record['eventName']) ?? ''} ${table}`,
    startMs: epoch(change?.['ApproximateCreationDateTime'], 1000),
    tags: {
      tablename: table,
      event_name: textOf(record['eventName']),
      event_version: textOf(record['eventVersion']),
      event_source_arn: textOf(record['eventSourceARN']),
      event_id: textOf(record['eventID']),
      stream_view_type: textOf(change?.['StreamViewType']),
      size_bytes: typeof size === 'number' ? size : undefined,
    },
  });
}

function sns(message: Loose | undefined, subscription: unknown, settings: Settings): Inferred {
  const topicArn = textOf(message?.['TopicArn']);
  const topic = lastPart(topicArn);
  return asyncSpan({
    name: 'aws.sns',
    settings,
    generic: 'lambda_sns',
    extracted: topic,
    type: 'sns',
    startMs: date(message?.['Timestamp']),
    tags: {
      type: textOf(message?.['Type']),
      subject: textOf(message?.['Subject']),
      message_id: textOf(message?.['MessageId']),
      topicname: topic,
      topic_arn: topicArn,
      event_subscription_arn: textOf(subscription),
    },
  });
}

/** A bus that publishes to a topic leaves its event as the message. */
function snsChain(message: Loose | undefined, record: Loose, settings: Settings): Inferred[] {
  const inner = sns(message, record['EventSubscriptionArn'], settings);
  const text: unknown = message?.['Message'];
  const event =
    typeof text === 'string' && text.includes('"detail-type"')
      ? parseObject(text, 262_144)
      : undefined;
  if (event?.['detail-type'] === undefined) return [inner];
  return [{ ...eventBridge(event, settings), endMs: inner.startMs }, inner];
}

function sqsChain(record: Loose, settings: Settings): Inferred[] {
  const arn = textOf(record['eventSourceARN']);
  const queue = lastPart(arn);
  const attributes = record['attributes'];
  const retries = Number(attributes?.['ApproximateReceiveCount'] ?? 0);
  const inner = asyncSpan({
    name: 'aws.sqs',
    settings,
    generic: 'lambda_sqs',
    extracted: queue,
    startMs: epoch(attributes?.['SentTimestamp']),
    tags: {
      queuename: queue,
      event_source_arn: arn,
      receipt_handle: textOf(record['receiptHandle']),
      sender_id: textOf(attributes?.['SenderId']),
      retry_count: retries > 0 ? retries : undefined,
    },
  });
  const body = wrappedBody(record);
  if (body?.['TopicArn'] && body['Timestamp']) {
    return [{ ...sns(body, undefined, settings), endMs: inner.startMs }, inner];
  }
  if (body?.['detail']?.['_datadog'] || (body?.['detail-type'] && body['source'])) {
    return [{ ...eventBridge(body, settings), endMs: inner.startMs }, inner];
  }
  return [inner];
}

function kinesis(record: Loose, settings: Settings): Inferred {
  const arn = textOf(record['eventSourceARN']);
  const stream = lastPart(arn).replace(/^stream\//, '');
  return asyncSpan({
    name: 'aws.kinesis',
    settings,
    generic: 'lambda_kinesis',
    extracted: stream,
    startMs: epoch(record['kinesis']?.['approximateArrivalTimestamp'], 1000),
    tags: {
      streamname: stream,
      event_id: textOf(record['eventID']),
      event_name: textOf(record['eventName']),
      event_source_arn: arn,
      event_version: textOf(record['eventVersion']),
      partition_key: textOf(record['kinesis']?.['partitionKey']),
      shardid: textOf(record['eventID'])?.split(':')[0],
    },
  });
}

function s3(record: Loose, settings: Settings): Inferred {
  const { bucket, object } = (record['s3'] ?? {}) as { bucket?: Loose; object?: Loose };
  const name = textOf(bucket?.['name']) ?? '';
  const size: unknown = object?.['size'];
  return asyncSpan({
    name: 'aws.s3',
    settings,
    generic: 'lambda_s3',
    extracted: name,
    startMs: date(record['eventTime']),
    tags: {
      bucketname: name,
      bucket_arn: textOf(bucket?.['arn']),
      event_name: textOf(record['eventName']),
      object_key: textOf(object?.['key']),
      object_size: typeof size === 'number' ? size : undefined,
      object_etag: textOf(object?.['eTag']),
    },
  });
}

function eventBridge(event: Loose, settings: Settings): Inferred {
  const source = textOf(event['source']) ?? '';
  const carrier = event['detail']?.['_datadog'];
  return asyncSpan({
    name: 'aws.eventbridge',
    settings,
    generic: 'lambda_eventbridge',
    extracted: source,
    resource: textOf(carrier?.['x-datadog-resource-name']) ?? source,
    // The event's own time has a resolution of a second.
    startMs: epoch(carrier?.['x-datadog-start-time']) ?? date(event['time']),
    tags: { detail_type: textOf(event['detail-type']) },
  });
}

function kafka(event: Loose, settings: Settings): Inferred[] {
  const lists: unknown[] = Object.values(event['records'] ?? {});
  const first = lists.find((list) => Array.isArray(list) && list.length > 0) as Loose | undefined;
  const record = first?.[0];
  if (record === undefined) return [];
  const arn = textOf(event['eventSourceArn']);
  const cluster = arn?.split('/')[1] ?? '';
  const topic = textOf(record['topic']) ?? '';
  return [
    asyncSpan({
      name: 'aws.msk',
      settings,
      generic: 'lambda_msk',
      extracted: cluster,
      resource: topic,
      startMs: epoch(record['timestamp']),
      tags: { event_source_arn: arn, topic },
    }),
  ];
}
