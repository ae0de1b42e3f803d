import {
  BatchGetTracesCommand,
  GetEncryptionConfigCommand,
  GetTraceSummariesCommand,
} from '@aws-sdk/client-xray';
import { describe, expect, test } from 'vitest';
import type { LocalXRay } from './local-xray.ts';
import { lambdaInvocation } from './scenes/index.ts';
import { account, noon, region, startXRay, TestClock, xrayClient } from './testing/clients.ts';

const window = { StartTime: new Date(noon), EndTime: new Date(noon + 60_000) };
const principal = `arn:aws:iam::${account}:user/reader`;

/** How a call ended: the name of its error, or `ok`. */
async function ending(xray: LocalXRay, of: 'list' | 'fetch' | 'key' = 'list'): Promise<string> {
  const client = xrayClient(xray);
  const calls = {
    list: () => client.send(new GetTraceSummariesCommand(window)),
    fetch: () => client.send(new BatchGetTracesCommand({ TraceIds: ['1-66f2a1c4-00'] })),
    key: () => client.send(new GetEncryptionConfigCommand({})),
  };
  try {
    await calls[of]();
    return 'ok';
  } catch (error) {
    return (error as Error).name;
  }
}

/** How a call failed, in full. */
async function failure(xray: LocalXRay): Promise<unknown> {
  return xrayClient(xray)
    .send(new GetTraceSummariesCommand(window))
    .then(
      () => undefined,
      (error: unknown) => error,
    );
}

describe('throttling', () => {
  test('the next calls, in either spelling', async () => {
    const xray = await startXRay();
    xray.script.throttle({ operation: 'GetTraceSummaries', next: 1 });
    expect(await failure(xray)).toMatchObject({
      name: 'ThrottledException',
      $metadata: { httpStatusCode: 429 },
    });
    const rule = xray.script.throttle({ spelling: 'ThrottlingException', next: 2 });
    expect([await ending(xray), await ending(xray, 'fetch'), await ending(xray)]).toEqual([
      'ThrottlingException',
      'ThrottlingException',
      'ok',
    ]);
    expect(rule.hits).toBe(2);
  });

  test('above a rate, by the clock of the service', async () => {
    const clock = new TestClock(noon);
    const xray = await startXRay({ now: clock.now });
    const rule = xray.script.limitRate({ operation: 'GetTraceSummaries', perSecond: 2 });
    const endings = [];
    for (const waitMs of [0, 0, 0, 500, 0, 500]) {
      clock.advance(waitMs);
      endings.push(await ending(xray));
    }
    expect(endings).toEqual(['ok', 'ok', 'ThrottledException', 'ok', 'ThrottledException', 'ok']);
    expect(await ending(xray, 'key')).toBe('ok');
    rule.lift();
    expect(await ending(xray)).toBe('ok');
  });
});

describe('denial', () => {
  test('names the principal and the action', async () => {
    const xray = await startXRay();
    const rule = xray.script.deny({ operation: 'GetTraceSummaries' });
    expect(await failure(xray)).toMatchObject({
      name: 'AccessDeniedException',
      message: `User: ${principal} is not authorized to perform: xray:GetTraceSummaries because no identity-based policy allows the xray:GetTraceSummaries action`,
      $metadata: { httpStatusCode: 403, attempts: 1 },
    });
    expect(await ending(xray, 'fetch')).toBe('ok');
    rule.lift();
    expect(await ending(xray)).toBe('ok');
  });

  test('may come from above the account', async () => {
    const xray = await startXRay();
    xray.script.deny({ reason: 'service control policy' });
    expect(await failure(xray)).toMatchObject({
      message: expect.stringMatching(/with an explicit deny in a service control policy$/),
    });
  });

  test('of the key stops fetching, and names the key', async () => {
    const xray = await startXRay();
    const keyArn = `arn:aws:kms:eu-west-1:${account}:key/k-1`;
    xray.script.denyKey({ keyArn });
    expect(await ending(xray)).toBe('ok');
    const fetching = xrayClient(xray).send(
      new BatchGetTracesCommand({ TraceIds: ['1-66f2a1c4-00'] }),
    );
    await expect(fetching).rejects.toMatchObject({
      name: 'AccessDeniedException',
      message: expect.stringContaining(`kms:Decrypt on resource: ${keyArn}`),
    });
  });

  test('concerns one account and one region', async () => {
    const xray = await startXRay();
    xray.script.deny({ account: '444455556666', region: 'us-east-1' });
    const status = async (options: { account?: string; region?: string }) =>
      xrayClient(xray, options)
        .send(new GetTraceSummariesCommand(window))
        .then(
          () => 200,
          (error) => error.$metadata.httpStatusCode as number,
        );
    expect(await status({ account: '444455556666', region: 'us-east-1' })).toBe(403);
    expect(await status({ account: '444455556666' })).toBe(200);
    expect(await status({ region: 'us-east-1' })).toBe(200);
  });
});

describe('other failures', () => {
  test('inside of the service', async () => {
    const xray = await startXRay();
    xray.script.fail({ next: 1 });
    xray.script.fail({ status: 503, next: 1 });
    expect(await failure(xray)).toMatchObject({
      name: 'InternalFailure',
      $metadata: { httpStatusCode: 500 },
    });
    expect(await failure(xray)).toMatchObject({
      name: 'ServiceUnavailable',
      $metadata: { httpStatusCode: 503 },
    });
  });

  test('of the connection', async () => {
    const xray = await startXRay();
    xray.script.reset({ next: 1 });
    expect(await failure(xray)).toMatchObject({ code: 'ECONNRESET' });
    expect(await ending(xray)).toBe('ok');
    expect(xray.calls.all.map((one) => one.error)).toEqual(['ConnectionReset', undefined]);
  });

  test('of credentials', async () => {
    const xray = await startXRay();
    xray.script.expireCredentials({ next: 1 });
    expect([await ending(xray), await ending(xray)]).toEqual(['ExpiredTokenException', 'ok']);
  });

  test('answers may be late', async () => {
    const xray = await startXRay();
    xray.script.delay({ ms: 40, next: 1 });
    const before = performance.now();
    await ending(xray);
    expect(performance.now() - before).toBeGreaterThanOrEqual(39);
  });

  test('tokens may be refused, and pages be empty', async () => {
    const xray = await startXRay({ pageSize: 1 });
    for (const seed of ['a', 'b']) {
      xray.put(account, region, lambdaInvocation({ at: noon, seed }).documents);
    }
    const list = (NextToken?: string) =>
      xrayClient(xray).send(new GetTraceSummariesCommand({ ...window, NextToken }));
    xray.script.emptyPages({ next: 1 });
    const pages = [await list()];
    while (pages.at(-1)?.NextToken !== undefined) pages.push(await list(pages.at(-1)?.NextToken));
    expect(pages.map((one) => one.TraceSummaries?.length)).toEqual([0, 1, 1]);
    xray.script.rejectTokens({ next: 1 });
    await expect(list(pages[0]!.NextToken)).rejects.toMatchObject({
      name: 'InvalidRequestException',
    });
    expect((await list(pages[0]!.NextToken)).TraceSummaries).toHaveLength(1);
  });

  test('everything can be taken back', async () => {
    const xray = await startXRay();
    xray.script.deny();
    xray.script.throttle();
    xray.script.clear();
    expect(await ending(xray)).toBe('ok');
  });
});
