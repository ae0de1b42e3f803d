import {
  arnParts,
  functionArn,
  isLambdaOrigin,
  lastPart,
  plainList,
  RESOURCE_TAGS,
} from './aws-facts.ts';
import type { Segment } from './segment-document.ts';
import { isLambdaPhase, isStartPhase } from './segment-names.ts';
import type { SegmentSet } from './segment-set.ts';
import type { SegmentTags } from './segment-tags.ts';
import { isXRayObject, objectAt, textAt, type XRayObject } from './xray-json.ts';

/** A function made ready this long before its segment starts was made ready for whoever might come. */
const DETACHED_NS = 10_000_000_000n;

/** Origins whose `host` is a machine and not a container or a function. */
const MACHINE_ORIGIN = /^AWS::(?:EC2::Instance|ElasticBeanstalk::Environment|ECS::EC2)$/;

/** Writes a segment's `aws` and what follows from its origin. */
export function writeAws(
  segment: Segment,
  owner: Segment,
  set: SegmentSet,
  tags: SegmentTags,
): void {
  const { fields, origin, kind } = segment;
  const aws = objectAt(fields, 'aws');
  const isCall = kind === 'subsegment' && textAt(fields, 'namespace') === 'aws';
  if (isCall) tags.text('aws.service', segment.name);
  const isLambda = kind === 'segment' && isLambdaOrigin(origin);
  if (isLambda || isLambdaPhase(segment, owner)) writeFunction(segment, owner, set, tags);
  if (isLambda) {
    tags.text('_dd.origin', 'lambda');
    tags.text('request_id', textAt(aws, 'request_id'));
  }
  if (origin === 'AWS::Lambda::Function') writeColdStart(segment, tags);
  for (const { field, tag } of RESOURCE_TAGS) {
    if (field in aws) tags.text(tag, lastPart(textAt(aws, field)));
  }
  tags.text('queueurl', textAt(aws, 'queue_url'));
  const gateway = objectAt(aws, 'api_gateway');
  tags.text('apiid', textAt(gateway, 'rest_api_id'));
  tags.text('stage', textAt(gateway, 'stage'));
  const arn = arnParts(textAt(fields, 'resource_arn') || textAt(aws, 'function_arn'));
  const account = textAt(aws, 'account_id') || textAt(gateway, 'account_id') || arn.account;
  tags.text('aws_account', account);
  tags.text('region', textAt(aws, 'region') || arn.region);
  if (MACHINE_ORIGIN.test(origin)) tags.text('host', textAt(objectAt(aws, 'ec2'), 'instance_id'));
  flatten('aws', aws, tags);
}

/** Objects become dotted keys. Some Lambda segments come with keys that are dotted already. */
function flatten(prefix: string, object: XRayObject, tags: SegmentTags): void {
  for (const [key, value] of Object.entries(object)) {
    const name = key === 'account_id' && prefix === 'aws' ? 'aws.account' : `${prefix}.${key}`;
    const list = plainList(value);
    if (list !== '') tags.text(name, list);
    else if (isXRayObject(value) && Object.keys(value).length > 0) flatten(name, value, tags);
    else tags.value(name, value);
  }
}

/** The function's tags as its own library writes them: in lower case, so that both sides compare equal. */
function writeFunction(segment: Segment, owner: Segment, set: SegmentSet, tags: SegmentTags): void {
  const arn = functionArn(segment) || functionArn(owner) || functionArn(siblingOf(owner, set));
  const parts = arn.split(':');
  if (parts.length < 7) {
    tags.text('functionname', owner.name.toLowerCase());
    return;
  }
  tags.text('function_arn', parts.slice(0, 7).join(':').toLowerCase());
  tags.text('functionname', parts[6]!.toLowerCase());
  tags.text('function_version', parts[7] ?? '$LATEST');
  tags.text('aws_account', parts[4]!);
  tags.text('region', parts[3]!);
}

/** The service's segment of the same function: newer function segments state no ARN of their own. */
function siblingOf(segment: Segment, set: SegmentSet): Segment {
  const sibling = set.documents.find(
    (each) =>
      each.origin === 'AWS::Lambda' &&
      each.name === segment.name &&
      each.traceText === segment.traceText,
  );
  return sibling ?? segment;
}

function writeColdStart(segment: Segment, tags: SegmentTags): void {
  const started = segment.children.find(isStartPhase);
  tags.text('cold_start', String(started !== undefined));
  if (started !== undefined && isDetached(started, segment))
    tags.text('proactive_initialization', 'true');
}

/** Whether a start phase ended long before the function's segment began. */
export function isDetached(started: Segment, { start }: Segment): boolean {
  return started.end !== undefined && start !== undefined && start - started.end > DETACHED_NS;
}
