import { placeSegments } from '../xray-segment/segment-document.ts';
import { isLambdaPhaseName, namesOf } from '../xray-segment/segment-names.ts';
import {
  newObject,
  objectAt,
  textAt,
  type XRayObject,
  type XRayValue,
} from '../xray-segment/xray-json.ts';

/** A record of `aws/spans` taken apart. */
export interface RecordParts {
  readonly record: XRayObject;
  readonly attributes: XRayObject;
  /** Attributes of the resource. */
  readonly resource: XRayObject;
  /** What X-Ray notes about a span that it made of a segment; empty for spans that came as spans. */
  readonly xray: XRayObject;
}

export function recordParts(record: XRayObject): RecordParts {
  return {
    record,
    attributes: objectAt(record, 'attributes'),
    resource: objectAt(objectAt(record, 'resource'), 'attributes'),
    xray: objectAt(objectAt(record, '_aws'), 'xray'),
  };
}

/** What a record would be as a segment document. '' for what nobody knows. */
export interface RecordNames {
  readonly document: 'segment' | 'subsegment' | 'inferred';
  readonly origin: string;
  /** The names that a segment would have; '' where those of OpenTelemetry serve. */
  readonly name: string;
  readonly resource: string;
  readonly type: string;
  /** The function whose side of an invocation this is, or a phase of it. */
  readonly functionName: string;
}

/** What Lambda calls the two sides of an invocation, and what happens on them. */
const LAMBDA_NAME = /^(.+)\/Lambda(Service|ExecutionEnvironment)$/;

/** Kinds of spans that stand for a segment; the others stand for subsegments. */
const SEGMENT_KIND = /(?:SERVER|CONSUMER)$/i;

export function recordNames(parts: RecordParts): RecordNames {
  const { record, attributes, resource, xray } = parts;
  const lambda = LAMBDA_NAME.exec(textAt(record, 'name'));
  if (lambda !== null) return lambdaNames(lambda[1]!, lambda[2] === 'Service', resource);
  const isSubsegment =
    textAt(xray, 'type') === 'subsegment' || !SEGMENT_KIND.test(textAt(record, 'kind'));
  const isInferred = xray['inferred'] === true;
  const none = {
    document: isInferred ? 'inferred' : isSubsegment ? 'subsegment' : 'segment',
    origin: isSubsegment ? '' : originOf(parts),
    name: '',
    resource: '',
    type: '',
    functionName: '',
  } as const;
  if (Object.keys(xray).length === 0) return none;
  const segment = placeSegments({ fields: segmentFields(parts, none.origin), children: [] });
  if (segment === undefined) return none;
  const { name, resource: shown, type } = namesOf(segment, segment, undefined);
  // Where a segment's name says no more than its subsegment does, the attributes say more.
  if (name === 'xray.segment' || name === 'xray.subsegment') return none;
  return { ...none, name, resource: shown, type };

  function segmentFields({ record: from }: RecordParts, origin: string): XRayObject {
    const fields = newObject();
    fields['trace_id'] = textAt(from, 'traceId');
    fields['id'] = textAt(from, 'spanId');
    fields['name'] = textAt(xray, 'name') || textAt(from, 'name');
    if (isSubsegment) fields['type'] = 'subsegment';
    else if (isInferred) fields['inferred'] = true;
    fields['namespace'] = textAt(xray, 'namespace');
    fields['origin'] = origin;
    fields['aws'] = awsFields(parts);
    fields['http'] = httpFields(attributes);
    return fields;
  }
}

function lambdaNames(stated: string, isService: boolean, resource: XRayObject): RecordNames {
  if (isService) {
    const names = { name: 'aws.lambda', resource: stated, type: 'serverless' };
    return { document: 'segment', origin: 'AWS::Lambda', ...names, functionName: stated };
  }
  if (isLambdaPhaseName(stated)) {
    const functionName = textAt(resource, 'faas.name') || textAt(resource, 'service.name');
    const names = { name: stated, resource: functionName || stated, type: 'serverless' };
    return { document: 'subsegment', origin: '', ...names, functionName };
  }
  const names = { name: 'aws.lambda.function', resource: stated, type: 'serverless' };
  return { document: 'segment', origin: 'AWS::Lambda::Function', ...names, functionName: stated };
}

function originOf({ attributes, resource }: RecordParts): string {
  const stated = textAt(attributes, 'aws.xray.origin');
  if (stated !== '') return stated;
  return textAt(resource, 'cloud.platform') === 'aws_api_gateway' ? 'AWS::ApiGateway::Stage' : '';
}

/** X-Ray puts a segment's `aws` among the attributes, `aws.` before each name. */
function awsFields({ attributes, resource }: RecordParts): XRayObject {
  const aws = newObject();
  for (const key in attributes) {
    if (key.startsWith('aws.')) aws[key.slice(4)] = attributes[key]!;
  }
  const stage = textAt(resource, 'aws.api_gateway.stage');
  if (stage !== '') aws['api_gateway'] = Object.assign(newObject(), { stage });
  return aws;
}

function httpFields(attributes: XRayObject): XRayObject {
  const request: Record<string, XRayValue> = newObject();
  const method = textAt(attributes, 'http.request.method') || textAt(attributes, 'http.method');
  const url = textAt(attributes, 'url.full') || textAt(attributes, 'http.url');
  const path = textAt(attributes, 'url.path') || textAt(attributes, 'http.target');
  if (method !== '') request['method'] = method;
  if (url !== '' || path !== '') request['url'] = url || path;
  const http = newObject();
  if (Object.keys(request).length > 0) http['request'] = request;
  return http;
}
