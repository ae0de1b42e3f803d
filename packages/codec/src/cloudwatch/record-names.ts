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
  /** The segment's own name. */
  readonly segmentName: string;
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
  const { record, resource, xray } = parts;
  const lambda = LAMBDA_NAME.exec(textAt(record, 'name'));
  if (lambda !== null) return lambdaNames(lambda[1]!, lambda[2] === 'Service', resource);
  const isSubsegment =
    textAt(xray, 'type') === 'subsegment' || !SEGMENT_KIND.test(textAt(record, 'kind'));
  const document = isSubsegment ? 'subsegment' : 'segment';
  const plain: RecordNames = {
    segmentName: textAt(xray, 'name') || textAt(record, 'name'),
    document: xray['inferred'] === true ? 'inferred' : document,
    origin: isSubsegment ? '' : originOf(parts),
    name: '',
    resource: '',
    type: '',
    functionName: '',
  };
  const wasSegment = Object.keys(xray).length > 0;
  if (!wasSegment && plain.origin === '') return plain;
  const segment = placeSegments({ fields: segmentFields(parts, plain), children: [] });
  if (segment === undefined) return plain;
  const { name, resource: shown, type } = namesOf(segment, segment, undefined);
  // Where a segment's names say no more than its own name does, the attributes say more.
  if (name.startsWith('xray.') || (name === 'web.request' && !wasSegment)) return plain;
  return { ...plain, name, resource: shown, type };
}

/** The fields of the segment that names depend on. */
function segmentFields(
  parts: RecordParts,
  { segmentName, document, origin }: RecordNames,
): XRayObject {
  const { record, attributes, xray } = parts;
  const fields = newObject();
  fields['trace_id'] = textAt(record, 'traceId');
  fields['id'] = textAt(record, 'spanId');
  fields['name'] = segmentName;
  if (document === 'subsegment') fields['type'] = document;
  fields['namespace'] = textAt(xray, 'namespace');
  fields['origin'] = origin;
  fields['aws'] = awsFields(parts);
  fields['http'] = httpFields(attributes);
  return fields;
}

function lambdaNames(segmentName: string, isService: boolean, resource: XRayObject): RecordNames {
  const shared = { segmentName, type: 'serverless' };
  if (!isService && isLambdaPhaseName(segmentName)) {
    const functionName = textAt(resource, 'faas.name') || textAt(resource, 'service.name');
    const names = { name: segmentName, resource: functionName || segmentName, functionName };
    return { ...shared, ...names, document: 'subsegment', origin: '' };
  }
  const names = isService
    ? { name: 'aws.lambda', origin: 'AWS::Lambda' }
    : { name: 'aws.lambda.function', origin: 'AWS::Lambda::Function' };
  const functionName = { resource: segmentName, functionName: segmentName };
  return { ...shared, ...names, ...functionName, document: 'segment' };
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
