import { givenEnvironment } from '../xray-segment/annotations.ts';
import { functionTags, RESOURCE_TAGS, resourceName } from '../xray-segment/aws-facts.ts';
import { newObject, textAt, type XRayObject, type XRayValue } from '../xray-segment/xray-json.ts';
import { recordNames, type RecordParts, recordParts } from './record-names.ts';

/** What is known of a record beside what it states. */
export interface RecordContext {
  /** Whose log it is from, '' when that is not known. */
  readonly account: string;
  /** `1-<8 hex>-<24 hex>` */
  readonly traceText: string;
  readonly isFinished: boolean;
}

/** What to put before a record's own attributes. */
export interface RecordFacts {
  readonly facts: Readonly<Record<string, XRayValue>>;
  /** False where another span of the same service counts the request. */
  readonly isEntry: boolean | undefined;
}

/** What X-Ray knows about a span, as attributes under the names that spans of segment documents have. */
export function xrayFacts(record: XRayObject, context: RecordContext): RecordFacts {
  const parts = recordParts(record);
  const { attributes, resource, xray } = parts;
  const names = recordNames(parts);
  const facts = newObject();
  const add = (name: string, text: string): void => {
    if (text !== '' && !(name in facts)) facts[name] = text;
  };
  add('xray.trace_id', context.traceText);
  add('xray.segment_id', textAt(record, 'spanId'));
  add('xray.account', context.account);
  add('xray.name', names.segmentName);
  add('xray.document', names.document);
  add('xray.origin', names.origin);
  for (const key in xray) if (key !== 'type') add(`xray.${key}`, textAt(xray, key));
  if (!context.isFinished) facts['xray.in_progress'] = true;
  add('operation.name', names.name);
  add('resource.name', names.resource);
  add('span.type', names.type);
  if (names.functionName !== '') addFunction(parts, names.functionName, add);
  for (const { field, tag } of RESOURCE_TAGS)
    add(tag, resourceName(field, textAt(attributes, `aws.${field}`)));
  add('aws_account', textAt(resource, 'cloud.account.id'));
  add('region', textAt(resource, 'cloud.region') || textAt(attributes, 'aws.region'));
  add('apiid', textAt(resource, 'aws.api_gateway.rest_api_id'));
  add('stage', textAt(resource, 'aws.api_gateway.stage'));
  if (/(?:CLIENT|PRODUCER)$/i.test(textAt(record, 'kind')))
    add('peer.service', textAt(attributes, 'aws.remote.service'));
  if (textAt(resource, 'service.name') === '')
    add('datadog.service', textAt(attributes, 'aws.local.service'));
  add('datadog.env', statedEnv(parts));
  if (isFailure(parts)) facts['datadog.error'] = '1';
  // Lambda has two spans for each invocation, and only a call from outside counts.
  const isInner = names.name === 'aws.lambda.function' || names.document === 'inferred';
  return { facts, isEntry: isInner ? false : undefined };
}

function addFunction(
  { attributes, resource }: RecordParts,
  name: string,
  add: (name: string, text: string) => void,
): void {
  const arn = [
    textAt(attributes, 'aws.lambda.invoked_arn'),
    textAt(resource, 'cloud.resource_id'),
    textAt(resource, 'faas.id'),
  ].find((text) => text.startsWith('arn:') && text.includes(':lambda:'));
  add('_dd.origin', 'lambda');
  for (const [key, value] of Object.entries(functionTags(arn ?? '', name))) add(key, value);
  for (const key of ['aws.request_id', 'aws.request.id', 'aws.requestId'])
    add('request_id', textAt(attributes, key));
}

function statedEnv({ attributes, resource }: RecordParts): string {
  const stated =
    textAt(resource, 'deployment.environment.name') || textAt(resource, 'deployment.environment');
  return givenEnvironment(stated) || givenEnvironment(textAt(attributes, 'aws.local.environment'));
}

/** X-Ray sets no status where a segment had a status of HTTP only. */
function isFailure({ record, attributes }: RecordParts): boolean {
  const { status } = record;
  const code = typeof status === 'object' && status !== null && 'code' in status ? status.code : '';
  if (code !== undefined && code !== '' && code !== 'UNSET' && code !== 'STATUS_CODE_UNSET')
    return false;
  const http =
    textAt(attributes, 'http.response.status_code') || textAt(attributes, 'http.status_code');
  return Number(http) >= 500 && Number(http) < 600;
}
