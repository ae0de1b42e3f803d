import { expect, test } from 'vitest';
import { parse, type ScalarTag } from 'yaml';
import { cloudFormationTemplate } from './cloud-formation-template.ts';

const key = 'arn:aws:kms:eu-west-1:111122223333:key/0d8a1b6e-4f0f-4f7f-9d3e-1f2a3b4c5d6e';

// The short forms of CloudFormation's functions, read into their long forms.
const scalar = (name: string, long = `Fn::${name}`): ScalarTag => ({
  tag: `!${name}`,
  resolve: (value) => ({ [long]: value }),
});
const list = (name: string) => ({
  tag: `!${name}`,
  collection: 'seq' as const,
  resolve: (value: unknown) => ({ [`Fn::${name}`]: (value as { toJSON(): unknown }).toJSON() }),
});

interface Template {
  Parameters: Record<string, Record<string, unknown>>;
  Resources: { Role: { Type: string; Properties: Record<string, unknown> } };
  Outputs: Record<string, unknown>;
}

function read(yaml: string): Template {
  return parse(yaml, {
    customTags: [
      scalar('Ref', 'Ref'),
      scalar('Sub'),
      scalar('GetAtt'),
      list('Not'),
      list('Equals'),
      list('If'),
    ],
  }) as Template;
}

function statements(template: Template): unknown {
  const [policy] = template.Resources.Role.Properties['Policies'] as [
    { PolicyDocument: { Statement: unknown } },
  ];
  return policy.PolicyDocument.Statement;
}

test('cloudFormationTemplate() creates one role that only the principal with the external id may assume', () => {
  const template = read(cloudFormationTemplate({ features: ['xray'] }));
  expect(Object.keys(template.Resources)).toEqual(['Role']);
  expect(template.Resources.Role).toMatchObject({
    Type: 'AWS::IAM::Role',
    Properties: {
      RoleName: { Ref: 'RoleName' },
      MaxSessionDuration: 3600,
      AssumeRolePolicyDocument: {
        Version: '2012-10-17',
        Statement: [
          {
            Effect: 'Allow',
            Principal: { AWS: { Ref: 'SpanloomPrincipalArn' } },
            Action: 'sts:AssumeRole',
            Condition: { StringEquals: { 'sts:ExternalId': { Ref: 'ExternalId' } } },
          },
        ],
      },
    },
  });
  expect(template.Outputs).toMatchObject({ RoleArn: { Value: { 'Fn::GetAtt': 'Role.Arn' } } });
});

test('cloudFormationTemplate() grants what the policy grants, in whatever partition and account', () => {
  const features = ['xray', 'transaction-search'] as const;
  expect(statements(read(cloudFormationTemplate({ features, kmsKeyArns: [key] })))).toEqual([
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
      Resource: {
        'Fn::Sub': 'arn:${AWS::Partition}:logs:*:${AWS::AccountId}:log-group:aws/spans:*',
      },
    },
    { Sid: 'SpanloomXRayKey', Effect: 'Allow', Action: 'kms:Decrypt', Resource: key },
  ]);
});

test('cloudFormationTemplate() makes the person who creates the stack say who and with which external id', () => {
  const { Parameters } = read(cloudFormationTemplate({ features: ['xray'] }));
  const withoutDefault = Object.keys(Parameters).filter(
    (name) => !('Default' in Parameters[name]!),
  );
  expect(withoutDefault).toEqual(['SpanloomPrincipalArn', 'ExternalId']);
  expect(Parameters['ExternalId']).toMatchObject({ NoEcho: true, MinLength: 32 });
});

test('cloudFormationTemplate() takes what is known for defaults', () => {
  const { Parameters } = read(
    cloudFormationTemplate({
      features: ['xray'],
      principalArn: 'arn:aws:iam::444455556666:role/spanloom-server',
      externalId: 'k3Yx-0123456789_abcdefghijklmnopqrstuvwxyzAB',
      roleName: 'Traces',
    }),
  );
  expect(Object.entries(Parameters).map(([name, { Default }]) => [name, Default])).toEqual([
    ['SpanloomPrincipalArn', 'arn:aws:iam::444455556666:role/spanloom-server'],
    ['ExternalId', 'k3Yx-0123456789_abcdefghijklmnopqrstuvwxyzAB'],
    ['RoleName', 'Traces'],
    ['PermissionsBoundaryArn', ''],
    ['IamPath', '/'],
  ]);
});
