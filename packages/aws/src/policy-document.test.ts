import { expect, test } from 'vitest';
import { policyDocument } from './policy-document.ts';

const key = 'arn:aws:kms:eu-west-1:111122223333:key/0d8a1b6e-4f0f-4f7f-9d3e-1f2a3b4c5d6e';
const otherKey = 'arn:aws:kms:eu-west-1:111122223333:key/mrk-1234abcd12ab34cd56ef1234567890ab';

test('policyDocument() asks for the classic calls of X-Ray and nothing else', () => {
  expect(policyDocument({ features: ['xray'] })).toEqual({
    Version: '2012-10-17',
    Statement: [
      {
        Sid: 'SpanloomXRayRead',
        Effect: 'Allow',
        Action: ['xray:GetTraceSummaries', 'xray:BatchGetTraces'],
        Resource: '*',
      },
      {
        Sid: 'SpanloomXRayInspect',
        Effect: 'Allow',
        Action: [
          'xray:GetEncryptionConfig',
          'xray:GetTraceSegmentDestination',
          'xray:GetIndexingRules',
        ],
        Resource: '*',
      },
    ],
  });
});

test('policyDocument() adds Transaction Search, on the one log group', () => {
  const policy = policyDocument({
    features: ['xray', 'transaction-search'],
    account: '111122223333',
    partition: 'aws-cn',
  });
  expect(policy.Statement.slice(2)).toEqual([
    {
      Sid: 'SpanloomXRayRetrieve',
      Effect: 'Allow',
      Action: ['xray:StartTraceRetrieval', 'xray:ListRetrievedTraces', 'xray:CancelTraceRetrieval'],
      Resource: '*',
    },
    {
      Sid: 'SpanloomSpansLogGroup',
      Effect: 'Allow',
      Action: 'logs:FilterLogEvents',
      Resource: 'arn:aws-cn:logs:*:111122223333:log-group:aws/spans:*',
    },
  ]);
});

test('policyDocument() allows the named key only', () => {
  expect(policyDocument({ features: ['xray'], kmsKeyArns: [key] }).Statement[2]).toEqual({
    Sid: 'SpanloomXRayKey',
    Effect: 'Allow',
    Action: 'kms:Decrypt',
    Resource: key,
  });
});

test('policyDocument() allows the old and the new key while the key is being changed', () => {
  const policy = policyDocument({ features: ['xray'], kmsKeyArns: [key, otherKey] });
  expect(policy.Statement[2]?.Resource).toEqual([key, otherKey]);
});

test.each(['alias/traces', 'arn:aws:kms:eu-west-1:111122223333:alias/traces', '*'])(
  'policyDocument() refuses %s for a key',
  (arn) => {
    expect(() => policyDocument({ features: ['xray'], kmsKeyArns: [arn] })).toThrow(
      `KMS key must be given as arn:aws:kms:eu-west-1:111122223333:key/<id>, found "${arn}"`,
    );
  },
);

test('policyDocument() fits into a managed policy', () => {
  const policy = policyDocument({
    features: ['xray', 'transaction-search'],
    kmsKeyArns: [key, otherKey],
  });
  expect(JSON.stringify(policy).length).toBeLessThan(6144);
});
