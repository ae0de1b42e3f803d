import type { Kind } from '@spanloom/model';
import { calledResource, isLambdaOrigin, lastPart } from './aws-facts.ts';
import { routeOf, urlParts } from './scrub-url.ts';
import type { Segment } from './segment-document.ts';
import type { SqlFacts } from './sql-tags.ts';
import { isXRayObject, objectAt, textAt } from './xray-json.ts';

/** What Lambda puts into a function's segments by itself. SnapStart restores instead of initialising. */
const LAMBDA_PHASE =
  /^(?:initialization|init|restore|invocation|overhead|dwell time|attempt #\d+)$/i;

/** Calls that hand a message on rather than wait for an answer. */
const PUBLISHING = /^(?:Publish|SendMessage|PutEvents|PutRecord)/;
const MESSAGE_SERVICE = /^(?:SNS|SQS|Events|EventBridge|CloudWatchEvents|Kinesis)$/i;
const CACHE = /redis|memcached|elasticache|valkey/i;

/** How a span is called and counted. */
export interface SpanNames {
  readonly name: string;
  readonly resource: string;
  readonly type: string;
  readonly kind: Kind;
}

/**
 * Names a segment or subsegment.
 *
 * @param owner The segment proper that it belongs to.
 * @param sql Facts of its `sql`, where it has one.
 */
export function namesOf(segment: Segment, owner: Segment, sql: SqlFacts | undefined): SpanNames {
  if (segment.kind !== 'subsegment') return segmentNames(segment);
  const { name, fields } = segment;
  const namespace = textAt(fields, 'namespace');
  if (sql !== undefined) {
    const resource = sql.statement || sql.database || name;
    const type = CACHE.test(sql.system) ? 'cache' : 'sql';
    return { name: sql.operation, resource, type, kind: 'client' };
  }
  if (namespace === 'aws') return awsCall(segment);
  if (namespace === 'remote') {
    const http = httpResource(segment, 'host');
    if (http !== '') return { name: 'http.request', resource: http, type: 'http', kind: 'client' };
    const type = CACHE.test(name) ? 'cache' : 'custom';
    return { name: 'xray.subsegment', resource: name, type, kind: 'client' };
  }
  return innerWork(segment, owner);
}

/** Whether this is a phase that Lambda records within a segment of its own. */
export function isLambdaPhase(segment: Segment, owner: Segment): boolean {
  return isLambdaOrigin(owner.origin) && isLambdaPhaseName(segment.name);
}

/** Whether something that Lambda records is called like one of its phases. */
export function isLambdaPhaseName(name: string): boolean {
  return LAMBDA_PHASE.test(name);
}

/** Whether this is the phase before the first invocation of an instance. */
export function isStartPhase({ name }: Segment): boolean {
  return /^(?:initialization|init|restore)$/i.test(name);
}

function segmentNames(segment: Segment): SpanNames {
  const { name, fields, origin } = segment;
  const http = objectAt(fields, 'http');
  const isServer = isXRayObject(http['request']);
  const kind = isServer ? 'server' : 'internal';
  switch (origin) {
    case 'AWS::Lambda': {
      const isConsumer = Array.isArray(fields['links']) && fields['links'].length > 0;
      const lambdaKind = isConsumer ? 'consumer' : 'server';
      return { name: 'aws.lambda', resource: name, type: 'serverless', kind: lambdaKind };
    }
    case 'AWS::Lambda::Function':
      return { name: 'aws.lambda.function', resource: name, type: 'serverless', kind: 'server' };
    case 'AWS::ApiGateway::Stage':
      return { name: 'aws.apigateway', resource: gatewayResource(segment), type: 'web', kind };
    case 'AWS::StepFunctions::StateMachine':
      return { name: 'aws.stepfunctions', resource: name, type: 'serverless', kind };
    case 'AWS::AppSync::GraphQLAPI':
      return { name: 'aws.appsync', resource: name, type: 'web', kind };
    default:
  }
  const queue = /^AWS::(SNS|SQS|Events)/.exec(origin)?.[1];
  if (queue !== undefined) {
    const service = queue === 'Events' ? 'eventbridge' : queue.toLowerCase();
    return { name: `aws.${service}`, resource: plainName(name), type: 'queue', kind };
  }
  const resource = httpResource(segment, 'path');
  if (resource === '')
    return { name: 'xray.segment', resource: plainName(name), type: 'custom', kind };
  return { name: 'web.request', resource, type: 'web', kind };
}

/** The name of a thing that may be called by its ARN or its path. */
function plainName(name: string): string {
  if (name.startsWith('arn:')) return lastPart(name) || name;
  return name.startsWith('/') ? routeOf(name) : name;
}

function awsCall({ name, fields }: Segment): SpanNames {
  const aws = objectAt(fields, 'aws');
  const operation = textAt(aws, 'operation');
  const called = [operation, calledResource(aws)].filter((text) => text !== '').join(' ');
  const isMessage = MESSAGE_SERVICE.test(name);
  return {
    name: 'aws.request',
    resource: operation === '' ? [name, called].filter((text) => text !== '').join(' ') : called,
    type: isMessage ? 'queue' : 'http',
    kind: isMessage && PUBLISHING.test(operation) ? 'producer' : 'client',
  };
}

function innerWork(segment: Segment, owner: Segment): SpanNames {
  const { name } = segment;
  if (isLambdaPhase(segment, owner))
    return { name, resource: owner.name, type: 'serverless', kind: 'internal' };
  const isDirect = segment.enclosing === owner;
  if (owner.origin === 'AWS::StepFunctions::StateMachine' && isDirect)
    return {
      name: `aws.stepfunctions.${name}`,
      resource: name,
      type: 'serverless',
      kind: 'internal',
    };
  if (owner.origin === 'AWS::AppSync::GraphQLAPI' && isDirect)
    return { name: 'aws.appsync', resource: name, type: 'custom', kind: 'internal' };
  return { name: 'xray.subsegment', resource: name, type: 'custom', kind: 'internal' };
}

/** `POST /orders/?`: without the stage, which is part of the service's path only. */
function gatewayResource(segment: Segment): string {
  const request = objectAt(objectAt(segment.fields, 'http'), 'request');
  const stage =
    textAt(objectAt(objectAt(segment.fields, 'aws'), 'api_gateway'), 'stage') ||
    (segment.name.split('/', 2)[1] ?? '');
  let { path } = urlParts(textAt(request, 'url'));
  if (stage !== '' && (path === `/${stage}` || path.startsWith(`/${stage}/`)))
    path = path.slice(stage.length + 1) || '/';
  if (path === '') return segment.name;
  return [textAt(request, 'method'), routeOf(path)].filter((text) => text !== '').join(' ');
}

/** `GET /orders`, or `GET api.example.test/orders` for a call to another host. '' without a request. */
function httpResource({ fields, name }: Segment, target: 'host' | 'path'): string {
  const request = objectAt(objectAt(fields, 'http'), 'request');
  const { host, path } = urlParts(textAt(request, 'url'));
  const method = textAt(request, 'method');
  if (method === '' && path === '') return '';
  const place = target === 'path' ? path : `${host || name}${path}`;
  return [method, place].filter((text) => text !== '').join(' ');
}
