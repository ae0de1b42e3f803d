import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { checkXRayAccess, type PermissionCheck } from './check-xray-access.ts';
import { clientConfig } from './client-config.ts';
import { AwsEndpoint, identity, type Replies, type Reply } from './testing/aws-endpoint.ts';
import { stubAwsEnvironment } from './testing/aws-environment.ts';

let aws: AwsEndpoint;

beforeEach(async () => {
  aws = await AwsEndpoint.start();
  stubAwsEnvironment(aws.url);
});
afterEach(async () => {
  vi.unstubAllEnvs();
  await aws[Symbol.asyncDispose]();
});

const account = { id: '111122223333', regions: ['eu-west-1'] };
const clock = { now: () => Date.parse('2026-11-20T12:00:00Z') as never };
const traceId = '1-691f0a80-8f3b0c5e9a7d4b21e6c8f013';
const keyArn = 'arn:aws:kms:eu-west-1:111122223333:key/0d8a1b6e-4f0f-4f7f-9d3e-1f2a3b4c5d6e';

async function check(replies: Replies = {}): Promise<PermissionCheck[]> {
  aws.replies = { GetCallerIdentity: identity(account.id), ...replies };
  return checkXRayAccess(clientConfig(account, 'eu-west-1'), { account: account.id, clock });
}

/** `required xray:GetTraceSummaries allowed`, a line each. */
function lines(checks: readonly PermissionCheck[]): string[] {
  return checks.map(
    ({ action, required, status }) => `${required ? 'required' : 'optional'} ${action} ${status}`,
  );
}

function refuse(action: string): Reply {
  const message = `User: arn:aws:iam::111122223333:user/spanloom is not authorized to perform: ${action}`;
  return { status: 403, error: 'AccessDeniedException', message };
}

test('checkXRayAccess() makes each call once and says that all are allowed', async () => {
  expect(lines(await check())).toEqual([
    'required sts:GetCallerIdentity allowed',
    'required xray:GetTraceSummaries allowed',
    'required xray:BatchGetTraces allowed',
    'optional xray:GetEncryptionConfig allowed',
    'optional xray:GetTraceSegmentDestination allowed',
    'optional xray:GetIndexingRules allowed',
    'optional xray:StartTraceRetrieval allowed',
    'optional xray:ListRetrievedTraces allowed',
    'optional xray:CancelTraceRetrieval allowed',
    'optional logs:FilterLogEvents allowed',
  ]);
  expect(aws.operations).toEqual([
    'GetCallerIdentity',
    'GetTraceSummaries',
    'BatchGetTraces',
    'GetEncryptionConfig',
    'GetTraceSegmentDestination',
    'GetIndexingRules',
    'StartTraceRetrieval',
    'ListRetrievedTraces',
    'CancelTraceRetrieval',
    'FilterLogEvents',
  ]);
});

test('checkXRayAccess() lists one minute, reads one trace and uses the retrieval it started', async () => {
  await check({
    GetTraceSummaries: { body: { TraceSummaries: [{ Id: traceId }] } },
    StartTraceRetrieval: { body: { RetrievalToken: 'token-1' } },
  });
  const inputs = Object.fromEntries(aws.calls.map(({ operation, input }) => [operation, input]));
  expect(inputs).toMatchObject({
    GetTraceSummaries: { StartTime: 1795175940, EndTime: 1795176000, TimeRangeType: 'Event' },
    BatchGetTraces: { TraceIds: [traceId] },
    StartTraceRetrieval: { TraceIds: [traceId], StartTime: 1795175940, EndTime: 1795176000 },
    ListRetrievedTraces: { RetrievalToken: 'token-1' },
    CancelTraceRetrieval: { RetrievalToken: 'token-1' },
    FilterLogEvents: {
      logGroupName: 'aws/spans',
      startTime: 1795175940000,
      endTime: 1795176000000,
      limit: 1,
    },
  });
});

test('checkXRayAccess() names a missing action and goes on with the others', async () => {
  const checks = await check({
    BatchGetTraces: refuse('xray:BatchGetTraces'),
    FilterLogEvents: refuse('logs:FilterLogEvents'),
  });
  expect(lines(checks).filter((line) => !line.endsWith('allowed'))).toEqual([
    'required xray:BatchGetTraces denied',
    'optional logs:FilterLogEvents denied',
  ]);
  expect(checks[2]?.failure).toMatchObject({
    kind: 'denied',
    action: 'xray:BatchGetTraces',
    fix: 'Add this statement to the policy of arn:aws:iam::111122223333:user/spanloom: {"Effect":"Allow","Action":"xray:BatchGetTraces","Resource":"*"}',
  });
});

test('checkXRayAccess() requires what Transaction Search needs where it is on', async () => {
  const checks = await check({
    GetTraceSegmentDestination: { body: { Destination: 'CloudWatchLogs', Status: 'ACTIVE' } },
    FilterLogEvents: refuse('logs:FilterLogEvents'),
  });
  expect(lines(checks).slice(-4)).toEqual([
    'required xray:StartTraceRetrieval allowed',
    'required xray:ListRetrievedTraces allowed',
    'optional xray:CancelTraceRetrieval allowed',
    'required logs:FilterLogEvents denied',
  ]);
});

test('checkXRayAccess() takes a log group or retrieval that is not there for an allowed call', async () => {
  const absent = { status: 400, error: 'ResourceNotFoundException', message: 'It does not exist' };
  const checks = await check({ FilterLogEvents: absent, ListRetrievedTraces: absent });
  expect(checks.every(({ status }) => status === 'allowed')).toBe(true);
});

test('checkXRayAccess() knows nothing of a call that was throttled or refused as invalid', async () => {
  const checks = await check({
    GetTraceSummaries: { status: 429, error: 'ThrottledException', message: 'Rate exceeded' },
    StartTraceRetrieval: { status: 400, error: 'InvalidRequestException', message: 'No' },
  });
  expect(lines(checks).filter((line) => !line.endsWith('allowed'))).toEqual([
    'required xray:GetTraceSummaries unknown',
    'optional xray:StartTraceRetrieval unknown',
  ]);
});

const ownKey: Replies = {
  GetEncryptionConfig: { body: { EncryptionConfig: { Type: 'KMS', KeyId: keyArn } } },
};

test('checkXRayAccess() has a line for the key that the account encrypts with', async () => {
  const checks = await check({
    ...ownKey,
    GetTraceSummaries: { body: { TraceSummaries: [{ Id: traceId }] } },
  });
  expect(checks.at(-1)).toEqual({
    action: 'kms:Decrypt',
    required: true,
    purpose: 'read traces that a key of yours encrypts',
    status: 'allowed',
  });
  expect(aws.operations.filter((operation) => operation === 'BatchGetTraces')).toHaveLength(1);
});

test('checkXRayAccess() tells a refused key from a refused call, and names the key', async () => {
  const checks = await check({
    ...ownKey,
    GetTraceSummaries: { body: { TraceSummaries: [{ Id: traceId }] } },
    BatchGetTraces: {
      status: 403,
      error: 'AccessDeniedException',
      message: 'The KMS key is not accessible to you',
    },
  });
  expect(lines(checks).filter((line) => /BatchGetTraces|kms/.test(line))).toEqual([
    'required xray:BatchGetTraces allowed',
    'required kms:Decrypt denied',
  ]);
  expect(checks.at(-1)?.failure).toMatchObject({
    kind: 'kms',
    action: 'kms:Decrypt',
    fix: `Add this statement to the policy of the role, or allow the role in the policy of the key: {"Effect":"Allow","Action":"kms:Decrypt","Resource":"${keyArn}"}`,
  });
});

test('checkXRayAccess() looks half an hour back for a trace to try the key on', async () => {
  const starts: unknown[] = [];
  const checks = await check({
    ...ownKey,
    GetTraceSummaries: ({ input }) => {
      starts.push(input['StartTime']);
      return { body: { TraceSummaries: starts.length === 2 ? [{ Id: traceId }] : [] } };
    },
  });
  expect(starts).toEqual([1795175940, 1795174200]);
  expect(checks.at(-1)).toMatchObject({ action: 'kms:Decrypt', status: 'allowed' });
});

test('checkXRayAccess() does not know about the key when there is no trace to try it on', async () => {
  expect((await check(ownKey)).at(-1)).toMatchObject({ action: 'kms:Decrypt', status: 'unknown' });
});

test('checkXRayAccess() has no line for a key where X-Ray uses its own', async () => {
  const checks = await check({
    GetEncryptionConfig: { body: { EncryptionConfig: { Type: 'NONE' } } },
  });
  expect(checks.map(({ action }) => action)).not.toContain('kms:Decrypt');
});

test('checkXRayAccess() stops at credentials of another account', async () => {
  const checks = await check({ GetCallerIdentity: identity('444455556666') });
  expect(checks[0]).toMatchObject({
    action: 'sts:GetCallerIdentity',
    status: 'denied',
    failure: {
      kind: 'bad_credentials',
      message:
        'The credentials found (arn:aws:iam::444455556666:user/spanloom) are of account 444455556666, not of 111122223333',
      fix: 'Configure a role_arn of account 111122223333, or give the server credentials of that account',
    },
  });
  expect(lines(checks)[1]).toBe('required xray:GetTraceSummaries unknown');
  expect(aws.operations).toEqual(['GetCallerIdentity']);
});

test('checkXRayAccess() stops at a role that may not be assumed', async () => {
  aws.replies = {
    AssumeRole: { status: 403, error: 'AccessDenied', message: 'not allowed: sts:AssumeRole' },
  };
  const roleArn = 'arn:aws:iam::111122223333:role/Refused';
  const checks = await checkXRayAccess(clientConfig({ ...account, roleArn }, 'eu-west-1'));
  expect(lines(checks).slice(0, 2)).toEqual([
    'required sts:AssumeRole denied',
    'required xray:GetTraceSummaries unknown',
  ]);
  expect(checks).toHaveLength(10);
  expect(aws.operations).toEqual(['AssumeRole']);
});

test('checkXRayAccess() stops without credentials', async () => {
  stubAwsEnvironment(aws.url, false);
  const checks = await check();
  expect(checks.map(({ status, failure }) => `${status} ${failure?.kind}`)).toEqual(
    Array.from({ length: 10 }, () => 'unknown no_credentials'),
  );
  expect(aws.operations).toEqual([]);
});

test('checkXRayAccess() does not wait nine times for a region that does not answer', async () => {
  const checks = await check({ GetCallerIdentity: 'cut', GetTraceSummaries: 'cut' });
  expect(checks.map(({ status, failure }) => `${status} ${failure?.kind}`)).toEqual(
    Array.from({ length: 9 }, () => 'unknown unreachable'),
  );
  expect(aws.operations).toEqual(['GetCallerIdentity', 'GetTraceSummaries']);
});

test('checkXRayAccess() goes on where STS does not answer but X-Ray does', async () => {
  const checks = await check({ GetCallerIdentity: 'cut' });
  expect(lines(checks)[0]).toBe('required xray:GetTraceSummaries allowed');
});
