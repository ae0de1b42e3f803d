import { fieldOf, isObject, numberOf, objectsIn, textOf, type JsonObject } from '../json.ts';
import { w3cTraceId } from '../trace-id.ts';

/** Where a segment was recorded, for what it does not say itself. */
export interface SpanPlace {
  readonly account: string;
  readonly region: string;
}

/** A segment and everything below it as OpenTelemetry spans: the records of the log group `aws/spans`. */
export function otelSpans(segment: JsonObject, place: SpanPlace): OtelSpan[] {
  const resource = { attributes: resourceAttributes(segment, place) };
  const spans: OtelSpan[] = [];
  const visit = (part: JsonObject, parentId: string | undefined): void => {
    const start = numberOf(part['start_time']) ?? 0;
    const end = numberOf(part['end_time']) ?? start;
    spans.push({
      id: textOf(part['id']) ?? '',
      endMs: end * 1000,
      text: JSON.stringify({
        resource,
        scope: { name: 'local-xray' },
        traceId: w3cTraceId(textOf(segment['trace_id']) ?? ''),
        spanId: part['id'],
        parentSpanId: parentId ?? '',
        flags: 1,
        name: nameOf(part, segment),
        kind: kindOf(part, segment),
        startTimeUnixNano: nanos(start),
        endTimeUnixNano: nanos(end),
        durationNano: Math.round((end - start) * 1e6) * 1000,
        attributes: attributesOf(part, segment),
        status: { code: part['fault'] === true || part['error'] === true ? 'ERROR' : 'UNSET' },
        ...eventsOf(part),
        ...linksOf(part),
      }),
    });
    for (const child of objectsIn(part['subsegments'])) visit(child, textOf(part['id']));
  };
  visit(segment, textOf(segment['parent_id']));
  return spans;
}

/** One span: its id, when it ended, and the record as text. */
export interface OtelSpan {
  readonly id: string;
  readonly endMs: number;
  readonly text: string;
}

/** Nanoseconds as a JSON number of all its digits, which a `number` of ours cannot hold. */
function nanos(seconds: number): unknown {
  const text = `${BigInt(Math.round(seconds * 1e6)) * 1000n}`;
  return (JSON as typeof JSON & { rawJSON(text: string): unknown }).rawJSON(text);
}

function nameOf(part: JsonObject, segment: JsonObject): string {
  const name = textOf(part['name']) ?? '';
  if (part === segment) {
    if (segment['origin'] === 'AWS::Lambda') return `${name}/LambdaService`;
    if (segment['origin'] === 'AWS::Lambda::Function') return `${name}/LambdaExecutionEnvironment`;
    const method = textOf(fieldOf(part['http'], 'request')['method']);
    return method === undefined ? name : `${method} ${pathOf(part)}`;
  }
  const isLifecycle = ['Initialization', 'Invocation', 'Overhead', 'Restore'].includes(name);
  if (isLifecycle) return `${name}/LambdaExecutionEnvironment`;
  const operation = textOf(fieldOf(part, 'aws')['operation']);
  return operation === undefined ? name : `${name}.${operation}`;
}

function pathOf(part: JsonObject): string {
  const url = textOf(fieldOf(part['http'], 'request')['url']) ?? '/';
  return /^(?:\w+:\/\/[^/]*)?([^?]*)/.exec(url)?.[1] || '/';
}

function kindOf(part: JsonObject, segment: JsonObject): string {
  const namespace = part['namespace'];
  if (namespace === 'aws' || namespace === 'remote') return 'CLIENT';
  return part === segment && part['type'] !== 'subsegment' ? 'SERVER' : 'INTERNAL';
}

function resourceAttributes(segment: JsonObject, place: SpanPlace): JsonObject {
  const aws = fieldOf(segment, 'aws');
  const isLambda = textOf(segment['origin'])?.startsWith('AWS::Lambda') === true;
  const arn = textOf(segment['resource_arn']) ?? textOf(aws['function_arn']);
  return {
    'service.name': segment['name'],
    'cloud.provider': 'aws',
    'cloud.account.id': textOf(aws['account_id']) ?? place.account,
    'cloud.region': place.region,
    ...(arn === undefined ? {} : { 'cloud.resource_id': arn }),
    ...(isLambda ? { 'cloud.platform': 'aws_lambda', 'faas.name': segment['name'] } : {}),
  };
}

function attributesOf(part: JsonObject, segment: JsonObject): JsonObject {
  const aws = fieldOf(part, 'aws');
  const request = fieldOf(part['http'], 'request');
  const response = fieldOf(part['http'], 'response');
  const sql = fieldOf(part, 'sql');
  const named: [string, unknown][] = [
    ['http.request.method', request['method']],
    ['url.full', request['url']],
    ['user_agent.original', request['user_agent']],
    ['client.address', request['client_ip']],
    ['http.response.status_code', response['status']],
    ['aws.xray.origin', part === segment ? segment['origin'] : undefined],
    ['rpc.system', part['namespace'] === 'aws' ? 'aws-api' : undefined],
    ['rpc.service', part['namespace'] === 'aws' ? part['name'] : undefined],
    ['rpc.method', aws['operation']],
    ['aws.request_id', aws['request_id']],
    ['aws.table_name', aws['table_name']],
    ['aws.queue_url', aws['queue_url']],
    ['db.query.text', sql['sanitized_query']],
    ['db.user', sql['user']],
    ['enduser.id', part['user']],
  ];
  return {
    ...Object.fromEntries(named.filter(([, value]) => value !== undefined)),
    ...fieldOf(part, 'annotations'),
  };
}

function eventsOf(part: JsonObject): JsonObject {
  const exceptions = objectsIn(fieldOf(part, 'cause')['exceptions']);
  if (exceptions.length === 0) return {};
  const time = nanos(numberOf(part['end_time']) ?? numberOf(part['start_time']) ?? 0);
  return {
    events: exceptions.map((one) => ({
      timeUnixNano: time,
      name: 'exception',
      attributes: {
        'exception.type': one['type'],
        'exception.message': one['message'],
        'exception.stacktrace': stackOf(one),
      },
    })),
  };
}

function stackOf(exception: JsonObject): string {
  const frames = objectsIn(exception['stack']).map(
    (one) => `    at ${String(one['label'])} (${String(one['path'])}:${String(one['line'])})`,
  );
  return [`${String(exception['type'])}: ${String(exception['message'])}`, ...frames].join('\n');
}

function linksOf(part: JsonObject): JsonObject {
  const links = objectsIn(part['links']);
  if (links.length === 0) return {};
  return {
    links: links.map((one) => ({
      traceId: w3cTraceId(textOf(one['trace_id']) ?? ''),
      spanId: one['id'],
      attributes: isObject(one['attributes']) ? one['attributes'] : {},
    })),
  };
}
