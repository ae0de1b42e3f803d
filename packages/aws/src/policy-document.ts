import { ConfigError } from '@spanloom/base';
import { type AwsFeature, SPANS_LOG_GROUP, XRAY_ACTIONS } from './xray-actions.ts';

/** What a policy should allow. */
export interface PolicyOptions {
  readonly features: readonly AwsFeature[];
  /** Keys of yours that X-Ray encrypts with; while a key is being changed, the old one too. */
  readonly kmsKeyArns?: readonly string[];
  /** `aws` by default. A template says `${AWS::Partition}`. */
  readonly partition?: string;
  /** Narrows what can be narrowed to one account. */
  readonly account?: string;
}

/** One statement of an IAM policy. */
export interface PolicyStatement {
  readonly Sid: string;
  readonly Effect: 'Allow';
  readonly Action: string | readonly string[];
  readonly Resource: string | readonly string[];
}

/** An IAM policy, ready for `JSON.stringify`. */
export interface PolicyDocument {
  readonly Version: '2012-10-17';
  readonly Statement: readonly PolicyStatement[];
}

/**
 * The least that the crawler needs. X-Ray knows no permissions on single traces, so its actions are on `*`; the log group and the
 * keys are named.
 *
 * @throws {ConfigError} If a key's ARN is none.
 */
export function policyDocument(options: PolicyOptions): PolicyDocument {
  const { features, kmsKeyArns = [], partition = 'aws', account = '*' } = options;
  const wanted = XRAY_ACTIONS.filter(({ feature }) => features.includes(feature));
  const onEverything = (sid: string, which: (action: (typeof wanted)[number]) => boolean) => {
    const actions = wanted.filter(which).map(({ action }) => action);
    return actions.length === 0
      ? []
      : [{ Sid: sid, Effect: 'Allow' as const, Action: actions, Resource: '*' }];
  };
  const statements: PolicyStatement[] = [
    ...onEverything('SpanloomXRayRead', (one) => one.required),
    ...onEverything('SpanloomXRayInspect', (one) => one.feature === 'xray' && !one.required),
    ...onEverything(
      'SpanloomXRayRetrieve',
      (one) => one.feature === 'transaction-search' && one.action.startsWith('xray:'),
    ),
  ];
  if (features.includes('transaction-search')) {
    statements.push({
      Sid: 'SpanloomSpansLogGroup',
      Effect: 'Allow',
      Action: 'logs:FilterLogEvents',
      Resource: `arn:${partition}:logs:*:${account}:log-group:${SPANS_LOG_GROUP}:*`,
    });
  }
  if (kmsKeyArns.length > 0) {
    for (const arn of kmsKeyArns) demandKeyArn(arn);
    statements.push({
      Sid: 'SpanloomXRayKey',
      Effect: 'Allow',
      Action: 'kms:Decrypt',
      Resource: kmsKeyArns.length === 1 ? kmsKeyArns[0]! : kmsKeyArns,
    });
  }
  return { Version: '2012-10-17', Statement: statements };
}

function demandKeyArn(arn: string): void {
  if (/^arn:[a-z-]+:kms:[a-z0-9-]+:\d{12}:key\/[A-Za-z0-9-]+$/.test(arn)) return;
  // An alias does not do in a policy's resources: IAM compares with the key's own ARN.
  throw new ConfigError(
    `KMS key must be given as arn:aws:kms:eu-west-1:111122223333:key/<id>, found ${JSON.stringify(arn)}`,
  );
}
