import type { XRayPermission } from '@spanloom/contract';
import { expect, test } from 'vitest';
import { missingStatement } from './policy-statement.ts';

function permission(action: string, status: XRayPermission['status']): XRayPermission {
  return { action, status, required: true, purpose: '', message: null };
}
const place = { account: '123456789012', region: 'eu-west-1' };

test('missingStatement() adds the denied actions and nothing else', () => {
  const text = missingStatement(
    [
      permission('xray:GetTraceSummaries', 'denied'),
      permission('xray:BatchGetTraces', 'denied'),
      permission('xray:GetGroups', 'allowed'),
      permission('xray:GetSamplingRules', 'unknown'),
    ],
    place,
  );
  expect(JSON.parse(text!)).toEqual({
    Sid: 'SpanloomXRay',
    Effect: 'Allow',
    Action: ['xray:BatchGetTraces', 'xray:GetTraceSummaries'],
    Resource: '*',
  });
});

test('missingStatement() names the log group and the key, in the region’s partition', () => {
  const text = missingStatement(
    [permission('kms:Decrypt', 'denied'), permission('logs:FilterLogEvents', 'denied')],
    { account: '123456789012', region: 'cn-north-1' },
  );
  expect(JSON.parse(text!)).toEqual([
    {
      Sid: 'SpanloomXRaySpans',
      Effect: 'Allow',
      Action: ['logs:FilterLogEvents'],
      Resource: 'arn:aws-cn:logs:cn-north-1:123456789012:log-group:aws/spans:*',
    },
    {
      Sid: 'SpanloomXRayKey',
      Effect: 'Allow',
      Action: ['kms:Decrypt'],
      Resource: 'arn:aws-cn:kms:cn-north-1:123456789012:key/<id of the key>',
    },
  ]);
});

test('missingStatement() is nothing when nothing is denied', () => {
  expect(missingStatement([permission('xray:GetGroups', 'allowed')], place)).toBeUndefined();
  expect(missingStatement([], place)).toBeUndefined();
});
