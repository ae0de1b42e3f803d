import { AssumeRoleCommand, GetCallerIdentityCommand } from '@aws-sdk/client-sts';
import { GetTraceSummariesCommand } from '@aws-sdk/client-xray';
import { describe, expect, test } from 'vitest';
import type { LocalXRay } from './local-xray.ts';
import { lambdaInvocation } from './scenes/index.ts';
import { noon, region, startXRay, stsClient, xrayClient } from './testing/clients.ts';

const own = '111122223333';
const member = '444455556666';
const roleArn = `arn:aws:iam::${member}:role/integrations/SpanloomIntegration`;
const accounts = [
  { id: own, accessKeyIds: ['AKIACRAWLER'] },
  { id: member, roles: [{ name: 'SpanloomIntegration', externalId: 'tenant-17' }] },
];
const credentials = { accessKeyId: 'AKIACRAWLER', secretAccessKey: 'any' };
const window = { StartTime: new Date(noon), EndTime: new Date(noon + 60_000) };

const assume = (xray: LocalXRay, ExternalId?: string) =>
  stsClient(xray, { credentials }).send(
    new AssumeRoleCommand({ RoleArn: roleArn, RoleSessionName: 'spanloom', ExternalId }),
  );

async function assumed(xray: LocalXRay) {
  const { Credentials } = await assume(xray, 'tenant-17');
  return {
    accessKeyId: Credentials!.AccessKeyId!,
    secretAccessKey: Credentials!.SecretAccessKey!,
    sessionToken: Credentials!.SessionToken!,
  };
}

describe('AssumeRole', () => {
  test('leads into the account of the role', async () => {
    const xray = await startXRay({ accounts });
    const scene = lambdaInvocation({ at: noon });
    xray.put(member, region, scene.documents);
    const session = await assumed(xray);
    const client = xrayClient(xray, { credentials: session });
    const answer = await client.send(new GetTraceSummariesCommand(window));
    expect(answer.TraceSummaries?.map((one) => one.Id)).toEqual([scene.traceId]);
    const identity = await stsClient(xray, { credentials: session }).send(
      new GetCallerIdentityCommand({}),
    );
    expect(identity).toMatchObject({
      Account: member,
      Arn: `arn:aws:sts::${member}:assumed-role/SpanloomIntegration/spanloom`,
    });
  });

  test('does not say whether the role or the external id is wrong', async () => {
    const xray = await startXRay({ accounts });
    const denied = {
      name: 'AccessDenied',
      message: `User: arn:aws:iam::${own}:user/reader is not authorized to perform: sts:AssumeRole on resource: ${roleArn}`,
      $metadata: { httpStatusCode: 403 },
    };
    await expect(assume(xray, 'tenant-18')).rejects.toMatchObject(denied);
    await expect(assume(xray)).rejects.toMatchObject(denied);
    const unknown = new AssumeRoleCommand({
      RoleArn: `arn:aws:iam::${own}:role/Nobody`,
      RoleSessionName: 'spanloom',
    });
    await expect(stsClient(xray, { credentials }).send(unknown)).rejects.toMatchObject({
      name: 'AccessDenied',
    });
  });

  test('can be denied and throttled like any other call, in the spelling of STS', async () => {
    const xray = await startXRay({ accounts });
    xray.script.deny({ operation: 'AssumeRole', next: 1 });
    await expect(assume(xray, 'tenant-17')).rejects.toMatchObject({
      name: 'AccessDenied',
      message: expect.stringContaining('is not authorized to perform: sts:AssumeRole'),
    });
    xray.script.throttle({ operation: 'AssumeRole', next: 1, spelling: 'ThrottlingException' });
    await expect(assume(xray, 'tenant-17')).rejects.toMatchObject({ name: 'Throttling' });
    expect((await assume(xray, 'tenant-17')).Credentials?.AccessKeyId).toMatch(/^ASIA/);
  });

  test('a session ends', async () => {
    const xray = await startXRay({ accounts });
    const client = xrayClient(xray, { credentials: await assumed(xray) });
    xray.script.expireCredentials();
    await expect(client.send(new GetTraceSummariesCommand(window))).rejects.toMatchObject({
      name: 'ExpiredTokenException',
      $metadata: { httpStatusCode: 403 },
    });
    const again = xrayClient(xray, { credentials: await assumed(xray) });
    expect((await again.send(new GetTraceSummariesCommand(window))).TraceSummaries).toEqual([]);
  });
});

describe('strangers', () => {
  test('keys that nobody knows, and sessions without their token', async () => {
    const xray = await startXRay({ accounts });
    const { sessionToken: _, ...keys } = await assumed(xray);
    for (const strange of [{ accessKeyId: 'AKIAOTHER', secretAccessKey: 'x' }, keys]) {
      await expect(
        xrayClient(xray, { credentials: strange }).send(new GetTraceSummariesCommand(window)),
      ).rejects.toMatchObject({ name: 'UnrecognizedClientException' });
    }
    await expect(
      stsClient(xray, { credentials: { accessKeyId: 'AKIAOTHER', secretAccessKey: 'x' } }).send(
        new GetCallerIdentityCommand({}),
      ),
    ).rejects.toMatchObject({ name: 'InvalidClientTokenId' });
  });

  test('regions that are not opted in to', async () => {
    const xray = await startXRay({ regions: ['eu-west-1'] });
    const elsewhere = xrayClient(xray, { region: 'ap-east-1' });
    await expect(elsewhere.send(new GetTraceSummariesCommand(window))).rejects.toMatchObject({
      name: 'UnrecognizedClientException',
    });
  });

  test('requests without a signature, and paths that do not exist', async () => {
    const xray = await startXRay();
    const unsigned = await fetch(`${xray.url}/TraceSummaries`, { method: 'POST' });
    expect([unsigned.status, unsigned.headers.get('x-amzn-errortype')]).toEqual([
      403,
      'MissingAuthenticationTokenException',
    ]);
    const nowhere = await fetch(`${xray.url}/Nowhere`, { method: 'POST' });
    expect(nowhere.status).toBe(404);
  });
});
