import { arnParts, isLambdaOrigin, plainList, RESOURCE_TAGS, resourceName } from './aws-facts.ts';
import type { FunctionFacts, LambdaInvocations } from './lambda-invocations.ts';
import type { Segment } from './segment-document.ts';
import { isLambdaPhase } from './segment-names.ts';
import type { SegmentTags } from './segment-tags.ts';
import { isXRayObject, objectAt, textAt, type XRayObject } from './xray-json.ts';

/** Origins whose `host` is a machine and not a container or a function. */
const MACHINE_ORIGIN = /^AWS::(?:EC2::Instance|ElasticBeanstalk::Environment|ECS::EC2)$/;

/** Members that SDKs spell differently, and the spelling that is documented. */
const SPELLINGS: ReadonlyMap<string, string> = new Map([
  ['aws.account_id', 'aws.account'],
  ['aws.elastic_beanstalk.environment', 'aws.elastic_beanstalk.environment_name'],
  ['aws.xray.rule_name', 'aws.xray.sampling_rule_name'],
]);
const SPELT: ReadonlySet<string> = new Set(['account_id', 'environment', 'rule_name']);

/** Writes a segment's `aws` and what follows from its origin. */
export function writeAws(
  segment: Segment,
  owner: Segment,
  invocations: LambdaInvocations,
  tags: SegmentTags,
): void {
  const { fields, origin, kind } = segment;
  const aws = objectAt(fields, 'aws');
  if (kind === 'subsegment' && fields['namespace'] === 'aws')
    tags.text('aws.service', segment.name);
  const isLambda = kind === 'segment' && isLambdaOrigin(origin);
  if (isLambda || isLambdaPhase(segment, owner)) writeFunction(invocations.factsOf(owner), tags);
  if (isLambda) tags.text('request_id', invocations.factsOf(segment).requestId);
  const arn = textAt(fields, 'resource_arn') || textAt(aws, 'function_arn');
  const parts = arnParts(arn);
  const gateway = objectAt(aws, 'api_gateway');
  tags.text('apiid', textAt(gateway, 'rest_api_id'));
  tags.text('stage', textAt(gateway, 'stage'));
  const account = textAt(aws, 'account_id') || textAt(gateway, 'account_id') || parts.account;
  tags.text('aws_account', account);
  tags.text('region', textAt(aws, 'region') || parts.region);
  if (aws === NONE) return;
  for (const { field, tag } of RESOURCE_TAGS) {
    if (field in aws) tags.text(tag, resourceName(field, textAt(aws, field)));
  }
  tags.text('queueurl', textAt(aws, 'queue_url'));
  if (MACHINE_ORIGIN.test(origin)) tags.text('host', textAt(objectAt(aws, 'ec2'), 'instance_id'));
  flatten('aws', aws, tags);
}

const NONE = objectAt({}, 'aws');

/** Objects become dotted keys. Some Lambda segments come with keys that are dotted already. */
function flatten(prefix: string, object: XRayObject, tags: SegmentTags): void {
  for (const key in object) {
    const value = object[key];
    const stated = `${prefix}.${key}`;
    const name = SPELT.has(key) ? (SPELLINGS.get(stated) ?? stated) : stated;
    const list = typeof value === 'string' ? '' : plainList(value);
    if (list !== '') tags.text(name, list);
    else if (isXRayObject(value) && Object.keys(value).length > 0) flatten(name, value, tags);
    else tags.value(name, value);
  }
}

function writeFunction(facts: FunctionFacts, tags: SegmentTags): void {
  tags.text('_dd.origin', 'lambda');
  for (const name in facts.tags) tags.text(name, facts.tags[name]!);
  if (facts.coldStart !== undefined) tags.text('cold_start', String(facts.coldStart));
  if (facts.proactive) tags.text('proactive_initialization', 'true');
}
