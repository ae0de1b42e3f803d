import type { Segment } from './segment-document.ts';
import { objectAt, textAt, type XRayObject, type XRayValue } from './xray-json.ts';

/** The parts of `arn:<partition>:<service>:<region>:<account>:<resource>`; '' where there are none. */
export interface ArnParts {
  readonly service: string;
  readonly region: string;
  readonly account: string;
  /** What follows the account. */
  readonly resource: string;
}

export function arnParts(arn: string): ArnParts {
  const [prefix, , service = '', region = '', account = '', ...resource] = arn.split(':');
  return prefix === 'arn'
    ? { service, region, account, resource: resource.join(':') }
    : { service: '', region: '', account: '', resource: '' };
}

/** The last part of an ARN, a URL or a path: what people call the thing. */
export function lastPart(text: string): string {
  return text.split(/[:/]/).findLast((part) => part !== '') ?? '';
}

/** Parameters of AWS calls that name what was called, and the tag each becomes. */
export const RESOURCE_TAGS: readonly { readonly field: string; readonly tag: string }[] = [
  { field: 'table_name', tag: 'tablename' },
  { field: 'queue_name', tag: 'queuename' },
  { field: 'queue_url', tag: 'queuename' },
  { field: 'topic_arn', tag: 'topicname' },
  { field: 'bucket_name', tag: 'bucketname' },
  { field: 'function_name', tag: 'functionname' },
];

/** What an AWS call was made to, '' when it does not say. */
export function calledResource(aws: XRayObject): string {
  for (const { field } of RESOURCE_TAGS) {
    const text = lastPart(textAt(aws, field));
    if (text !== '') return text;
  }
  for (const field of ['table_names', 'endpoint_name', 'resource_names']) {
    const text = plainList(aws[field]) || textAt(aws, field);
    if (text !== '') return field === 'resource_names' ? lastPart(text.split(',', 1)[0]!) : text;
  }
  return '';
}

/** Texts joined by commas, where that loses nothing; '' otherwise. */
export function plainList(value: XRayValue | undefined): string {
  if (!Array.isArray(value)) return '';
  const items = value as readonly XRayValue[];
  const texts = items.filter((item) => typeof item === 'string');
  const isPlain = texts.every((item) => item !== '' && !item.includes(','));
  return isPlain && texts.length === items.length ? texts.join(',') : '';
}

/** Whether this is one of the two segments that a Lambda invocation has. */
export function isLambdaOrigin(origin: string): boolean {
  return origin === 'AWS::Lambda' || origin === 'AWS::Lambda::Function';
}

/** The function's ARN as a Lambda segment, or a part of one, states it. '' when it does not. */
export function functionArn({ fields }: Segment): string {
  const own = textAt(objectAt(fields, 'aws'), 'function_arn');
  if (own !== '') return own;
  const arn = textAt(fields, 'resource_arn');
  return arnParts(arn).service === 'lambda' ? arn : '';
}
