import { ConfigError } from '@spanloom/base';
import { expect, test } from 'vitest';
import { type AwsAccount, demandSupportedPartition } from './aws-account.ts';

const id = '111122223333';

function refusal(account: Partial<AwsAccount>): string {
  try {
    demandSupportedPartition({ id, regions: [], ...account });
  } catch (error) {
    expect(error).toBeInstanceOf(ConfigError);
    return (error as Error).message;
  }
  return 'accepted';
}

test.each([
  [{ regions: ['eu-west-1', 'us-east-1', 'il-central-1'] }],
  [{ regions: ['eu-west-1'], roleArn: `arn:aws:iam::${id}:role/SpanloomIntegration` }],
  [{ regions: ['cn-north-1'], roleArn: `arn:aws-cn:iam::${id}:role/path/to/Spanloom` }],
  [{ regions: [] }],
])('demandSupportedPartition() accepts %j', (account) => {
  expect(refusal(account)).toBe('accepted');
});

test.each([
  ['us-gov-west-1', 'aws-us-gov'],
  ['us-iso-east-1', 'aws-iso'],
  ['us-isob-east-1', 'aws-iso-b'],
  ['eu-isoe-west-1', 'aws-iso-e'],
  ['us-isof-south-1', 'aws-iso-f'],
  ['eusc-de-east-1', 'aws-eusc'],
])('demandSupportedPartition() refuses region %s of partition %s', (region, partition) => {
  expect(refusal({ regions: ['eu-west-1', region] })).toBe(
    `XRAY_PARTITION_UNSUPPORTED: account 111122223333 is in partition ${partition}; the X-Ray crawler supports aws and aws-cn`,
  );
});

test('demandSupportedPartition() refuses a role of GovCloud whatever the regions are', () => {
  const roleArn = `arn:aws-us-gov:iam::${id}:role/Spanloom`;
  expect(refusal({ regions: [], roleArn })).toBe(
    'XRAY_PARTITION_UNSUPPORTED: account 111122223333 is in partition aws-us-gov; the X-Ray crawler supports aws and aws-cn',
  );
});

test('demandSupportedPartition() refuses a role and a region of two partitions', () => {
  const roleArn = `arn:aws:iam::${id}:role/Spanloom`;
  expect(refusal({ regions: ['cn-north-1'], roleArn })).toBe(
    'XRAY_PARTITION_UNSUPPORTED: account 111122223333 mixes partitions: role arn:aws:iam::111122223333:role/Spanloom is in aws, ' +
      'region cn-north-1 is in aws-cn; configure an account of its own for each',
  );
});

test('demandSupportedPartition() refuses regions of two partitions', () => {
  expect(refusal({ regions: ['eu-west-1', 'cn-north-1'] })).toBe(
    'XRAY_PARTITION_UNSUPPORTED: account 111122223333 mixes partitions: region eu-west-1 is in aws, region cn-north-1 is in aws-cn; ' +
      'configure an account of its own for each',
  );
});

test('demandSupportedPartition() refuses a role that is no ARN of a role', () => {
  expect(refusal({ roleArn: 'SpanloomIntegration' })).toBe(
    'Role of account 111122223333 must look like arn:aws:iam::111122223333:role/SpanloomIntegration, found "SpanloomIntegration"',
  );
});

test("demandSupportedPartition() refuses another account's role", () => {
  expect(refusal({ roleArn: 'arn:aws:iam::444455556666:role/Spanloom' })).toBe(
    'Role arn:aws:iam::444455556666:role/Spanloom belongs to account 444455556666, but is configured for account 111122223333',
  );
});
