import { GetTraceSummariesCommand, XRayClient } from '@aws-sdk/client-xray';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import type { AwsAccount } from './aws-account.ts';
import { clientConfig, renewCredentials } from './client-config.ts';
import { RoleCredentials } from './role-credentials.ts';
import { assumedRole, AwsEndpoint } from './testing/aws-endpoint.ts';
import { stubAwsEnvironment } from './testing/aws-environment.ts';

let aws: AwsEndpoint;
let accounts = 100_000_000_000;

beforeEach(async () => {
  let sessions = 0;
  aws = await AwsEndpoint.start({
    AssumeRole: () => assumedRole(`ASIASESSION${++sessions}`, '2999-01-01T00:00:00Z'),
    GetTraceSummaries: { body: { TraceSummaries: [] } },
  });
  stubAwsEnvironment(aws.url);
});
afterEach(async () => {
  vi.unstubAllEnvs();
  await aws[Symbol.asyncDispose]();
});

/** Sessions are shared by role, so each test has an account of its own. */
function accountWithRole(more: Partial<AwsAccount> = {}): AwsAccount {
  const id = String(accounts++);
  return { id, regions: ['eu-west-1'], roleArn: `arn:aws:iam::${id}:role/Spanloom`, ...more };
}

async function listTraces(account: AwsAccount, region: string): Promise<void> {
  const client = new XRayClient(clientConfig(account, region));
  await client.send(new GetTraceSummariesCommand({ StartTime: new Date(0), EndTime: new Date(1) }));
  client.destroy();
}

test('clientConfig() leaves credentials to the SDK for an account without a role', async () => {
  const account: AwsAccount = { id: '111122223333', regions: ['eu-west-1'] };
  expect(clientConfig(account, 'eu-west-1')).toEqual({
    region: 'eu-west-1',
    maxAttempts: 1,
    requestHandler: {
      connectionTimeout: 5000,
      requestTimeout: 60_000,
      throwOnRequestTimeout: true,
    },
  });
  await listTraces(account, 'eu-west-1');
  expect(aws.calls).toMatchObject([
    { operation: 'GetTraceSummaries', accessKeyId: 'AKIAEXAMPLEEXAMPLE00', region: 'eu-west-1' },
  ]);
});

test('clientConfig() makes no call before the first request', () => {
  clientConfig(accountWithRole(), 'eu-west-1');
  expect(aws.calls).toEqual([]);
});

test('clientConfig() assumes the role in the region of the request, with external id and session name', async () => {
  const account = accountWithRole({ externalId: 'an-external-id' });
  await listTraces(account, 'eu-central-1');
  expect(aws.calls).toMatchObject([
    {
      operation: 'AssumeRole',
      accessKeyId: 'AKIAEXAMPLEEXAMPLE00',
      region: 'eu-central-1',
      input: {
        RoleArn: account.roleArn,
        RoleSessionName: `spanloom-xray-${account.id}`,
        DurationSeconds: '3600',
        ExternalId: 'an-external-id',
      },
    },
    { operation: 'GetTraceSummaries', accessKeyId: 'ASIASESSION1', region: 'eu-central-1' },
  ]);
});

test('clientConfig() sends no external id when none is configured', async () => {
  await listTraces(accountWithRole(), 'eu-west-1');
  expect(Object.keys(aws.calls[0]!.input)).not.toContain('ExternalId');
});

test('clientConfig() shares one session among clients and regions of a role', async () => {
  const account = accountWithRole();
  await listTraces(account, 'eu-west-1');
  await listTraces({ ...account }, 'us-east-1');
  expect(aws.operations).toEqual(['AssumeRole', 'GetTraceSummaries', 'GetTraceSummaries']);
  expect(aws.calls[2]).toMatchObject({ accessKeyId: 'ASIASESSION1', region: 'us-east-1' });
});

test('clientConfig() assumes a role once for requests made at the same time', async () => {
  const account = accountWithRole();
  await Promise.all([1, 2, 3].map(() => listTraces(account, 'eu-west-1')));
  expect(aws.operations.filter((operation) => operation === 'AssumeRole')).toHaveLength(1);
});

test('clientConfig() keeps roles with different external ids apart', async () => {
  const account = accountWithRole({ externalId: 'one' });
  await listTraces(account, 'eu-west-1');
  await listTraces({ ...account, externalId: 'two' }, 'eu-west-1');
  expect(aws.calls.map(({ accessKeyId }) => accessKeyId)).toEqual([
    'AKIAEXAMPLEEXAMPLE00',
    'ASIASESSION1',
    'AKIAEXAMPLEEXAMPLE00',
    'ASIASESSION2',
  ]);
});

test('renewCredentials() makes a client that is already there assume the role anew', async () => {
  const account = accountWithRole();
  const client = new XRayClient(clientConfig(account, 'eu-west-1'));
  const list = new GetTraceSummariesCommand({ StartTime: new Date(0), EndTime: new Date(1) });
  await client.send(list);
  renewCredentials(account);
  await client.send(list);
  client.destroy();
  expect(aws.calls.map(({ operation, accessKeyId }) => `${operation} ${accessKeyId}`)).toEqual([
    'AssumeRole AKIAEXAMPLEEXAMPLE00',
    'GetTraceSummaries ASIASESSION1',
    'AssumeRole AKIAEXAMPLEEXAMPLE00',
    'GetTraceSummaries ASIASESSION2',
  ]);
});

test('clientConfig() makes one attempt for each request', async () => {
  aws.replies = {
    GetTraceSummaries: { status: 429, error: 'ThrottledException', message: 'Rate exceeded' },
  };
  const account: AwsAccount = { id: '111122223333', regions: ['eu-west-1'] };
  await expect(listTraces(account, 'eu-west-1')).rejects.toThrow('Rate exceeded');
  expect(aws.operations).toEqual(['GetTraceSummaries']);
});

test('AWS_ENDPOINT_URL_XRAY and AWS_ENDPOINT_URL_STS outweigh AWS_ENDPOINT_URL', async () => {
  await using sts = await AwsEndpoint.start({
    AssumeRole: assumedRole('ASIAOTHER', '2999-01-01T00:00:00Z'),
  });
  await using xray = await AwsEndpoint.start();
  vi.stubEnv('AWS_ENDPOINT_URL_STS', sts.url);
  vi.stubEnv('AWS_ENDPOINT_URL_XRAY', xray.url);
  await listTraces(accountWithRole(), 'eu-west-1');
  expect([aws.operations, sts.operations, xray.operations]).toEqual([
    [],
    ['AssumeRole'],
    ['GetTraceSummaries'],
  ]);
});

test('RoleCredentials renews a session five minutes before it ends, and not earlier', async () => {
  const end = Date.parse('2026-11-20T13:00:00Z');
  let sessions = 0;
  aws.replies = {
    AssumeRole: () => assumedRole(`ASIASESSION${++sessions}`, '2026-11-20T13:00:00Z'),
  };
  let now = end - 3_600_000;
  const clock = { now: () => now as never };
  const account = accountWithRole() as AwsAccount & { roleArn: string };
  const credentials = new RoleCredentials(account, clock);
  await credentials.get('eu-west-1');
  now = end - 300_000;
  await credentials.get('eu-west-1');
  expect(aws.calls).toHaveLength(1);
  now = end - 299_999;
  await credentials.get('eu-west-1');
  expect(aws.calls).toHaveLength(2);
});

test('RoleCredentials asks STS of another region when that of one region fails', async () => {
  aws.replies = {
    AssumeRole: ({ region }) =>
      region === 'me-south-1'
        ? { status: 403, error: 'RegionDisabledException', message: 'STS is not activated' }
        : assumedRole('ASIAGOOD', '2999-01-01T00:00:00Z'),
  };
  const account = accountWithRole() as AwsAccount & { roleArn: string };
  const credentials = new RoleCredentials(account);
  await expect(credentials.get('me-south-1')).rejects.toThrow('STS is not activated');
  expect(await credentials.get('eu-west-1')).toMatchObject({ accessKeyId: 'ASIAGOOD' });
  // The session is good everywhere, so the first region has one now too.
  expect(await credentials.get('me-south-1')).toMatchObject({ accessKeyId: 'ASIAGOOD' });
});
