import type { EpochMillis } from '@spanloom/base';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { classifyFailure } from './aws-failure.ts';
import { clientConfig } from './client-config.ts';
import { IdentityGuard } from './identity-guard.ts';
import { AwsEndpoint, identity } from './testing/aws-endpoint.ts';
import { stubAwsEnvironment } from './testing/aws-environment.ts';

const KEY = { accessKeyId: 'AKIAFIRST', secretAccessKey: 'any' };
const RENEWED = { accessKeyId: 'AKIASECOND', secretAccessKey: 'any' };

let aws: AwsEndpoint;
let now = 0;
let guard: IdentityGuard;

beforeEach(async () => {
  aws = await AwsEndpoint.start({ GetCallerIdentity: identity('111122223333') });
  stubAwsEnvironment(aws.url);
  now = 0;
  const account = { id: '111122223333', regions: ['eu-west-1'] };
  const clock = { now: () => now as EpochMillis };
  guard = new IdentityGuard(clientConfig(account, 'eu-west-1'), account.id, clock);
});
afterEach(async () => {
  vi.unstubAllEnvs();
  await aws[Symbol.asyncDispose]();
});

test('credentials of the account are looked up once', async () => {
  await guard.demand(KEY);
  now += 30 * 86_400_000;
  await Promise.all([guard.demand(KEY), guard.demand(KEY)]);
  expect(aws.calls).toMatchObject([{ operation: 'GetCallerIdentity', accessKeyId: 'AKIAFIRST' }]);
});

test('credentials of another account are refused, with name, message and fix', async () => {
  aws.replies = { GetCallerIdentity: identity('999900001111') };
  const error: unknown = await guard.demand(KEY).catch((thrown: unknown) => thrown);
  expect(classifyFailure(error, 'GetTraceSummaries', 'eu-west-1')).toEqual({
    kind: 'bad_credentials',
    name: 'WrongAccount',
    message:
      'The credentials found (arn:aws:iam::999900001111:user/spanloom) are of account 999900001111, not of 111122223333',
    action: undefined,
    status: undefined,
    fix: 'Configure a role_arn of account 111122223333, or give the server credentials of that account',
    retryable: false,
  });
  await expect(guard.demand(KEY)).rejects.toThrow('not of 111122223333');
  expect(aws.operations).toEqual(['GetCallerIdentity']);
});

test('renewed credentials are looked up again', async () => {
  await guard.demand(KEY);
  aws.replies = { GetCallerIdentity: identity('999900001111') };
  await guard.demand(KEY);
  await expect(guard.demand(RENEWED)).rejects.toThrow('not of 111122223333');
  await guard.demand(KEY).catch(() => undefined);
  expect(aws.calls.map(({ accessKeyId }) => accessKeyId)).toEqual([
    'AKIAFIRST',
    'AKIASECOND',
    'AKIAFIRST',
  ]);
});

test.each([
  ['refused', { status: 403, error: 'AccessDenied', message: 'no' } as const],
  ['cut', 'cut' as const],
])(
  'where the look-up is %s calls are let through, and it is made again later',
  async (_, reply) => {
    aws.replies = { GetCallerIdentity: reply };
    await guard.demand(KEY);
    now += 599_999;
    await guard.demand(KEY);
    expect(aws.operations).toEqual(['GetCallerIdentity']);
    aws.replies = { GetCallerIdentity: identity('999900001111') };
    now += 1;
    await expect(guard.demand(KEY)).rejects.toThrow('not of 111122223333');
  },
);
