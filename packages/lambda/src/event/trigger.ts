// Which service invoked the function.
import { firstRecord, isKafka, isSqs } from '../context/event-carriers.ts';
import { isObject, parseObject, textOf, type Loose } from '../loose.ts';
import { builtin } from '../builtin.ts';
import type { FunctionArn } from './function-arn.ts';

/** Kinds of events that are told apart beyond what the tag of their source says. */
type TriggerKind = 'rest' | 'http' | 'websocket' | 'url' | 'alb' | 'other';

/** The source of an invocation. */
export interface Trigger {
  readonly kind: TriggerKind;
  /** The value of `function_trigger.event_source`. */
  readonly source: string;
  readonly arn: string | undefined;
}

/** Whether the caller gets an HTTP answer made from the function's result. */
export function answersHttp(trigger: Trigger | undefined): boolean {
  return trigger !== undefined && trigger.kind !== 'other';
}

/** Finds the source; the order of the tests is that of the reference. */
export function detectTrigger(event: unknown, fn: FunctionArn): Trigger | undefined {
  if (!isObject(event)) return undefined;
  const request = event['requestContext'];
  if (isObject(request)) {
    const http = detectHttp(event, request, fn);
    if (http !== undefined) return http;
  }
  const logs: unknown = event['awslogs'];
  if (logs) return other('cloudwatch-logs', logGroupArn(event, fn));
  if (textOf(event['source']) === 'aws.events') {
    return other('cloudwatch-events', event['resources']?.[0]);
  }
  const record = firstRecord(event);
  if (record !== undefined) {
    const { partition, account } = fn;
    const arn = record['eventSourceARN'];
    if (record['cf']) {
      const id = textOf(record['cf']['config']?.['distributionId']) ?? '';
      return other('cloudfront', `arn:${partition}:cloudfront::${account}:distribution/${id}`);
    }
    if (record['dynamodb']) return other('dynamodb', arn);
    if (record['kinesis']) return other('kinesis', arn);
    if (record['s3']) return other('s3', record['s3']['bucket']?.['arn']);
    if (record['Sns']) return other('sns', record['Sns']['TopicArn']);
    if (isSqs(record)) return other('sqs', arn);
    if (textOf(record['eventSource']) === 'aws:ses') return other('ses', undefined);
  }
  if (event['detail-type'] !== undefined) return other('eventbridge', event['source']);
  if (isStates(event)) return other('states', stateMachine(event));
  if (isKafka(event)) {
    const msk = textOf(event['eventSource']) === 'aws:kafka';
    return other(msk ? 'msk' : 'kafka', event['eventSourceArn']);
  }
  return detectRarer(event);
}

function other(source: string, arn: unknown): Trigger {
  return { kind: 'other', source, arn: textOf(arn) };
}

function detectHttp(event: Loose, request: Loose, fn: FunctionArn): Trigger | undefined {
  const isUrl = textOf(request['domainName'])?.includes('lambda-url') === true;
  const { stage } = request;
  const gateway = (kind: TriggerKind): Trigger => ({
    kind,
    source: 'api-gateway',
    arn: `arn:${fn.partition}:apigateway:${fn.region}::/restapis/${textOf(request['apiId']) ?? ''}/stages/${textOf(stage) ?? ''}`,
  });
  if (isUrl) return { kind: 'url', source: 'lambda-function-url', arn: undefined };
  if (stage !== undefined && event['httpMethod'] !== undefined && event['resource'] !== undefined) {
    return gateway('rest');
  }
  if (textOf(event['version']) === '2.0' && event['rawQueryString'] !== undefined)
    return gateway('http');
  if (request['messageDirection'] !== undefined) return gateway('websocket');
  if (request['elb']) {
    return {
      kind: 'alb',
      source: 'application-load-balancer',
      arn: textOf(request['elb']['targetGroupArn']),
    };
  }
  return undefined;
}

function detectRarer(event: Loose): Trigger | undefined {
  if (event['info']?.['selectionSetGraphQL'] !== undefined) return other('appsync', undefined);
  if (event['triggerSource'] && event['userPoolId']) return other('cognito', undefined);
  if (event['CodePipeline.job']) return other('codepipeline', undefined);
  if (event['configRuleArn']) return other('config', event['configRuleArn']);
  const source = textOf(event['eventSource']);
  if (source === 'aws:mq' || source === 'aws:rmq') return other('mq', event['eventSourceArn']);
  return undefined;
}

function isStates(event: Loose): boolean {
  const context = unwrapStates(event);
  return (
    isObject(context['Execution']) &&
    isObject(context['State']) &&
    isObject(context['StateMachine'])
  );
}

function stateMachine(event: Loose): unknown {
  return unwrapStates(event)['StateMachine']?.['Id'];
}

function unwrapStates(event: Loose): Loose {
  const outer = isObject(event['Payload']) ? event['Payload'] : event;
  return isObject(outer['_datadog']) ? outer['_datadog'] : outer;
}

function logGroupArn(event: Loose, fn: FunctionArn): string | undefined {
  try {
    const { gunzipSync } = builtin<typeof import('node:zlib')>('zlib');
    const data = Buffer.from(textOf(event['awslogs']?.['data']) ?? '', 'base64');
    const text = gunzipSync(data, { maxOutputLength: 8_388_608 }).toString();
    const group = textOf(parseObject(text, Infinity)?.['logGroup']);
    return `arn:${fn.partition}:logs:${fn.region}:${fn.account}:log-group:${group ?? ''}`;
  } catch {
    return undefined;
  }
}

/** What an HTTP event says about its request. */
export function httpTags(
  trigger: Trigger,
  event: Loose,
  clientIp: boolean,
): Record<string, string> {
  const tags: Record<string, string> = {};
  const set = (key: string, value: unknown): void => {
    const text = textOf(value);
    if (text !== undefined) tags[key] = text;
  };
  const request = event['requestContext'];
  const domain = textOf(request?.['domainName']);
  const { kind } = trigger;
  if (kind === 'rest') {
    set('http.url_details.path', request?.['path']);
    set('http.method', request?.['httpMethod']);
    set('http.route', event['resource']);
  } else if (kind === 'http' || kind === 'url') {
    set('http.url_details.path', request?.['http']?.['path']);
    set('http.method', request?.['http']?.['method']);
    if (kind === 'http') set('http.route', textOf(event['routeKey'])?.split(' ').at(-1));
  } else if (kind === 'alb') {
    set('http.url_details.path', event['path']);
    set('http.method', event['httpMethod']);
  } else if (kind === 'websocket') return tags;
  const header = headerReader(event);
  const path = tags['http.url_details.path'];
  if (kind === 'alb') {
    const host = header('host');
    if (host !== undefined)
      tags['http.url'] = `${header('x-forwarded-proto') ?? 'http'}://${host}${path ?? ''}`;
  } else if (domain !== undefined) tags['http.url'] = `https://${domain}${path ?? ''}`;
  set('http.referer', header('referer'));
  set('http.useragent', header('user-agent'));
  if (clientIp) {
    const forwarded = header('x-forwarded-for')?.split(',')[0]?.trim();
    const seen = request?.['identity']?.['sourceIp'] ?? request?.['http']?.['sourceIp'];
    set('http.client_ip', forwarded ?? seen);
  }
  return tags;
}

/** Looks up headers whatever their case; the first of several values. */
function headerReader(event: Loose): (name: string) => string | undefined {
  const headers: unknown = event['headers'] ?? event['multiValueHeaders'];
  return (name) => {
    if (!isObject(headers)) return undefined;
    for (const key in headers) {
      if (key.length !== name.length || key.toLowerCase() !== name) continue;
      const value: unknown = headers[key];
      return textOf(Array.isArray(value) ? value[0] : value);
    }
    return undefined;
  };
}
