import { createServer } from 'node:net';
import type { AddressInfo } from 'node:net';
import { BatchGetTracesCommand, XRayClient } from '@aws-sdk/client-xray';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { type AwsFailure, classifyFailure } from './aws-failure.ts';
import { type AwsClientConfig, clientConfig } from './client-config.ts';
import { AwsEndpoint, type Reply } from './testing/aws-endpoint.ts';
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

/** What `BatchGetTraces` of the real client fails with. */
async function failBatch(
  reply: Reply,
  more: Partial<AwsClientConfig> & { region?: string } = {},
): Promise<AwsFailure> {
  aws.replies = { BatchGetTraces: reply };
  const region = more.region ?? 'eu-west-1';
  const config = { ...clientConfig({ id: '111122223333', regions: [] }, region), ...more };
  const client = new XRayClient(config);
  try {
    await client.send(
      new BatchGetTracesCommand({ TraceIds: ['1-00000000-000000000000000000000000'] }),
    );
  } catch (error) {
    return classifyFailure(error, 'BatchGetTraces', region);
  } finally {
    client.destroy();
  }
  throw new Error('the call succeeded');
}

const refused = (message: string): Reply => ({
  status: 403,
  error: 'AccessDeniedException',
  message,
});
const role =
  'arn:aws:sts::111122223333:assumed-role/SpanloomIntegration/spanloom-xray-111122223333';
const notAllowed = `User: ${role} is not authorized to perform: xray:BatchGetTraces`;

test('classifyFailure() names the missing action and the statement to add', async () => {
  const message = `${notAllowed} because no identity-based policy allows the xray:BatchGetTraces action`;
  expect(await failBatch(refused(message))).toEqual({
    kind: 'denied',
    name: 'AccessDeniedException',
    message,
    action: 'xray:BatchGetTraces',
    status: 403,
    fix: 'Add this statement to the policy of role SpanloomIntegration: {"Effect":"Allow","Action":"xray:BatchGetTraces","Resource":"*"}',
    retryable: false,
  });
});

test('classifyFailure() takes the action from the operation when the message does not name it', async () => {
  expect(await failBatch(refused('Access denied'))).toMatchObject({
    kind: 'denied',
    action: 'xray:BatchGetTraces',
    fix: 'Add this statement to the policy of the role: {"Effect":"Allow","Action":"xray:BatchGetTraces","Resource":"*"}',
  });
});

test.each([
  [
    'with an explicit deny in a service control policy',
    "A service control policy of the organisation forbids it: ask the organisation's administrator",
  ],
  [
    'with an explicit deny in a resource control policy',
    "A resource control policy of the organisation forbids it: ask the organisation's administrator",
  ],
  [
    'because no permissions boundary allows the xray:BatchGetTraces action',
    "The role's permissions boundary does not include it: add it there as well as to the policy",
  ],
  [
    'because no session policy allows the xray:BatchGetTraces action',
    'The policy that the session was opened with does not include it: open the session without one, or add it there',
  ],
  [
    'because no VPC endpoint policy allows the xray:BatchGetTraces action',
    'The policy of the VPC endpoint does not include it: add it there',
  ],
  [
    'with an explicit deny in an identity-based policy',
    'A policy forbids it by an explicit deny: no further permission outweighs that, so take the deny away',
  ],
])('classifyFailure() does not advise adding what would not help: %s', async (reason, fix) => {
  const failure = await failBatch(refused(`${notAllowed} ${reason}`));
  expect(failure).toMatchObject({ kind: 'denied', message: `${notAllowed} ${reason}`, fix });
});

const keyArn = 'arn:aws:kms:eu-west-1:111122223333:key/0d8a1b6e-4f0f-4f7f-9d3e-1f2a3b4c5d6e';

test.each([
  [
    `User: ${role} is not authorized to perform: kms:Decrypt on resource: ${keyArn}`,
    `Add this statement to the policy of role SpanloomIntegration, or allow the role in the policy of the key: {"Effect":"Allow","Action":"kms:Decrypt","Resource":"${keyArn}"}`,
  ],
  [
    'The ciphertext refers to a customer master key that you are not allowed to use',
    'Add this statement to the policy of the role, or allow the role in the policy of the key: {"Effect":"Allow","Action":"kms:Decrypt","Resource":"the ARN of the key X-Ray encrypts with"}',
  ],
])('classifyFailure() tells a refused key from a refused call: %s', async (message, fix) => {
  expect(await failBatch(refused(message))).toMatchObject({
    kind: 'kms',
    action: 'kms:Decrypt',
    fix,
    retryable: false,
  });
});

test('classifyFailure() takes a user named "key" for no encryption key', async () => {
  const message =
    'User: arn:aws:iam::111122223333:user/key is not authorized to perform: xray:BatchGetTraces';
  expect(await failBatch(refused(message))).toMatchObject({
    kind: 'denied',
    action: 'xray:BatchGetTraces',
  });
});

test.each([
  [429, 'ThrottledException', 'Rate exceeded', 'throttled', true],
  [400, 'ThrottlingException', 'Rate exceeded', 'throttled', true],
  [429, 'SomethingNew', 'slow down', 'throttled', true],
  [
    403,
    'ExpiredTokenException',
    'The security token included in the request is expired',
    'expired',
    true,
  ],
  [403, 'ExpiredToken', 'The provided token has expired', 'expired', true],
  [
    403,
    'UnrecognizedClientException',
    'The security token included in the request is invalid',
    'bad_credentials',
    false,
  ],
  [
    403,
    'InvalidClientTokenId',
    'The security token included in the request is invalid',
    'bad_credentials',
    false,
  ],
  [
    403,
    'InvalidSignatureException',
    'The request signature we calculated does not match',
    'bad_credentials',
    false,
  ],
  [
    403,
    'InvalidSignatureException',
    'Signature expired: 20261120T100000Z is now earlier than 20261120T101500Z',
    'clock',
    false,
  ],
  [
    403,
    'SignatureDoesNotMatch',
    'Signature not yet current: 20261120T101500Z is still later than 20261120T100000Z',
    'clock',
    false,
  ],
  [400, 'RequestExpired', 'Request has expired', 'clock', false],
  [403, 'RegionDisabledException', 'STS is not activated in this region', 'region_disabled', false],
  [400, 'InvalidRequestException', 'Exceeding maximum query size: 5', 'invalid_request', false],
  [404, 'ResourceNotFoundException', 'no such thing', 'invalid_request', false],
  [500, 'InternalFailure', 'Internal failure', 'server', true],
  [503, 'ServiceUnavailable', 'Service unavailable', 'server', true],
  [418, 'Teapot', 'short and stout', 'other', false],
] as const)(
  'classifyFailure() takes %i %s (%s) for %s',
  async (status, error, message, kind, retryable) => {
    expect(await failBatch({ status, error, message })).toMatchObject({
      kind,
      name: error,
      message,
      action: undefined,
      status,
      retryable,
    });
  },
);

test('classifyFailure() takes an unknown key in a region that must be enabled for a region that is not', async () => {
  const reply: Reply = {
    status: 403,
    error: 'UnrecognizedClientException',
    message: 'The security token included in the request is invalid',
  };
  expect(await failBatch(reply, { region: 'af-south-1' })).toMatchObject({
    kind: 'region_disabled',
    fix: "Enable region af-south-1 for the account (AWS Account Management, AWS Regions), or take it out of the account's regions",
  });
});

test('classifyFailure() says that nothing listens at an address', async () => {
  const server = createServer().listen(0, '127.0.0.1');
  await new Promise((resolve) => server.once('listening', resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  expect(await failBatch({ body: {} }, { endpoint: `http://127.0.0.1:${port}` })).toEqual({
    kind: 'unreachable',
    name: 'ECONNREFUSED',
    message: `connect ECONNREFUSED 127.0.0.1:${port}`,
    action: undefined,
    status: undefined,
    fix: 'Nothing listens there: check AWS_ENDPOINT_URL and the network',
    retryable: true,
  });
});

test('classifyFailure() says that a name does not resolve', async () => {
  expect(await failBatch({ body: {} }, { endpoint: 'http://xray.invalid' })).toMatchObject({
    kind: 'unreachable',
    name: expect.stringMatching(/^(ENOTFOUND|EAI_AGAIN)$/) as string,
    fix: 'Check the name of the region, AWS_ENDPOINT_URL, and that this machine can resolve names',
    retryable: true,
  });
});

test('classifyFailure() says that a connection broke', async () => {
  expect(await failBatch('cut')).toMatchObject({ kind: 'unreachable', retryable: true });
});

test('classifyFailure() says that no answer came in time', async () => {
  await using silent = await AwsEndpoint.start({ BatchGetTraces: 'silent' });
  const requestHandler = {
    connectionTimeout: 500,
    requestTimeout: 50,
    throwOnRequestTimeout: true,
  } as const;
  const failure = await failBatch({ body: {} }, { endpoint: silent.url, requestHandler });
  expect(failure).toMatchObject({
    kind: 'unreachable',
    name: 'ETIMEDOUT',
    fix: 'Check that this machine may open connections to AWS (HTTPS, port 443), or use a VPC endpoint',
  });
});

test("classifyFailure() says that the answer is a proxy's page", async () => {
  expect(await failBatch({ body: '<html>Please sign in</html>' })).toMatchObject({
    kind: 'unreachable',
    status: 200,
    fix: 'Something that is not AWS answered, such as a proxy: check AWS_ENDPOINT_URL and the network',
  });
});

test('classifyFailure() says that there are no credentials', async () => {
  stubAwsEnvironment(aws.url, false);
  expect(await failBatch({ body: {} })).toEqual({
    kind: 'no_credentials',
    name: 'CredentialsProviderError',
    message: 'Could not load credentials from any providers',
    action: undefined,
    status: undefined,
    fix: 'Give the server credentials: an instance or task role, a profile (AWS_PROFILE), or AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY',
    retryable: false,
  });
});

test('classifyFailure() tells a sign-in that is over from a role session', () => {
  const error = Object.assign(
    new Error('The SSO session associated with this profile has expired'),
    {
      name: 'CredentialsProviderError',
    },
  );
  expect(classifyFailure(error, 'GetTraceSummaries')).toMatchObject({
    kind: 'expired',
    retryable: false,
    fix: 'Sign in again, for example with "aws sso login"',
  });
});

test('classifyFailure() names the three things that make STS refuse a role', () => {
  const error = Object.assign(
    new Error(
      'User: arn:aws:iam::444455556666:user/spanloom is not authorized to perform: sts:AssumeRole on resource: arn:aws:iam::111122223333:role/Spanloom',
    ),
    { name: 'AccessDenied', $metadata: { httpStatusCode: 403 } },
  );
  expect(classifyFailure(error, 'sts:AssumeRole')).toMatchObject({
    kind: 'denied',
    action: 'sts:AssumeRole',
    fix: "Check that the role exists, that its trust policy names this server's principal, and that its sts:ExternalId is the configured one: AWS does not say which of them is wrong",
  });
});

test('classifyFailure() keeps what is thrown but is no error', () => {
  expect(classifyFailure('a string', 'BatchGetTraces')).toEqual({
    kind: 'other',
    name: 'Error',
    message: 'a string',
    action: undefined,
    status: undefined,
    fix: undefined,
    retryable: false,
  });
});

test('classifyFailure() shows no secret of a request that AWS quotes', async () => {
  const message =
    'The request signature we calculated does not match the signature you provided. Check your AWS Secret Access Key and signing method.\n\n' +
    "The Canonical String for this request should have been\n'POST\n/Traces\n\nx-amz-security-token:FwoGZXIvYXdzEBYaDKexample\n'";
  const failure = await failBatch({ status: 403, error: 'InvalidSignatureException', message });
  expect(failure.message).toBe(
    'The request signature we calculated does not match the signature you provided. Check your AWS Secret Access Key and signing method.',
  );
});
