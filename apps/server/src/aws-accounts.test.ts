import { expect, test } from 'vitest';
import { readAwsAccounts } from './aws-accounts.ts';

test('an account needs its id alone; everything else has a default', () => {
  expect(readAwsAccounts([{ id: '123456789012' }])).toEqual([
    {
      id: '123456789012',
      regions: [],
      roleArn: undefined,
      externalId: undefined,
      env: undefined,
      xray: {
        enabled: true,
        pollSeconds: 60,
        filter: undefined,
        samplingRate: undefined,
        monthlyBudgetUsd: undefined,
        deepSweep: false,
      },
    },
  ]);
});

test('a whole account', () => {
  const [account] = readAwsAccounts([
    {
      id: '123456789012',
      regions: ['eu-west-1', 'us-gov-west-1'],
      role_arn: 'arn:aws:iam::123456789012:role/SpanloomIntegration',
      external_id: 'c0ffee',
      env: 'Prod',
      xray: {
        enabled: false,
        poll_seconds: 30,
        filter: '!ok',
        sampling_rate: 0.5,
        monthly_budget_usd: 20,
      },
    },
  ]);
  expect(account).toMatchObject({
    regions: ['eu-west-1', 'us-gov-west-1'],
    roleArn: 'arn:aws:iam::123456789012:role/SpanloomIntegration',
    externalId: 'c0ffee',
    env: 'prod',
    xray: { enabled: false, pollSeconds: 30, filter: '!ok', samplingRate: 0.5 },
  });
});

test.each([
  [{}, 'aws.accounts: Invalid input: expected array, received object'],
  [[{ id: '12' }], 'aws.accounts, account 1.id: expected the 12 digits of an account, in quotes'],
  [
    [{ id: '123456789012', regions: ['Ireland'] }],
    'aws.accounts, account 1.regions.1: expected a region such as eu-west-1',
  ],
  [[{ id: '123456789012', rolearn: 'x' }], 'aws.accounts, account 1: unknown key rolearn'],
  [
    [{ id: '123456789012' }, { id: '123456789012' }],
    'aws.accounts names account 123456789012 twice; give it all its regions in one place',
  ],
])('%j is refused with what would do', (value, message) => {
  expect(() => readAwsAccounts(value)).toThrow(message);
});
