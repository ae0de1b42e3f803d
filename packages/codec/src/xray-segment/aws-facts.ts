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
  if (!arn.startsWith('arn:')) return NO_ARN;
  const [, , service = '', region = '', account = '', ...resource] = arn.split(':');
  return { service, region, account, resource: resource.join(':') };
}

const NO_ARN: ArnParts = { service: '', region: '', account: '', resource: '' };

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

const RESOURCE_LISTS = ['table_names', 'endpoint_name', 'resource_names'];

/** What people call the thing that a parameter names. Functions are named with or without their ARN, version or alias. */
export function resourceName(field: string, text: string): string {
  if (field !== 'function_name') return lastPart(text);
  return /(?:^|:)function:([^:]+)/.exec(text)?.[1] ?? text.split(':', 1)[0]!;
}

/** What an AWS call was made to, '' when it does not say. */
export function calledResource(aws: XRayObject): string {
  for (const { field } of RESOURCE_TAGS) {
    const text = textAt(aws, field);
    if (text !== '') return resourceName(field, text);
  }
  for (const field of RESOURCE_LISTS) {
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

/**
 * A function's tags as its own library writes them: in lower case, so that both sides compare equal. The ARN may end in a version
 * or an alias.
 *
 * @param arn '' when it is not known.
 * @param name Of the function, for when the ARN is not known.
 */
export function functionTags(arn: string, name: string): Readonly<Record<string, string>> {
  const parts = arn.split(':');
  if (parts.length < 7) return { functionname: name.toLowerCase() };
  return {
    function_arn: parts.slice(0, 7).join(':').toLowerCase(),
    functionname: parts[6]!.toLowerCase(),
    function_version: parts[7] ?? '$LATEST',
    aws_account: parts[4]!,
    region: parts[3]!,
  };
}
