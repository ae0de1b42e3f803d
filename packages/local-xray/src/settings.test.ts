import {
  GetEncryptionConfigCommand,
  GetGroupCommand,
  GetGroupsCommand,
  GetSamplingRulesCommand,
  GetSamplingTargetsCommand,
  GetTimeSeriesServiceStatisticsCommand,
  GetTraceSummariesCommand,
  PutEncryptionConfigCommand,
} from '@aws-sdk/client-xray';
import { expect, test } from 'vitest';
import { LocalXRay } from './local-xray.ts';
import { lambdaInvocation } from './scenes/index.ts';
import { account, noon, region, startXRay, TestClock, xrayClient } from './testing/clients.ts';

test('encryption with a key is in two minds for a while', async () => {
  const xray = await startXRay();
  const client = xrayClient(xray);
  const get = async () => (await client.send(new GetEncryptionConfigCommand({}))).EncryptionConfig;
  expect(await get()).toEqual({ Type: 'NONE', Status: 'ACTIVE' });
  const KeyId = `arn:aws:kms:eu-west-1:${account}:key/k-1`;
  await client.send(new PutEncryptionConfigCommand({ Type: 'KMS', KeyId }));
  expect(await get()).toEqual({ Type: 'KMS', Status: 'UPDATING', KeyId });
  xray.region(account, region).encryption = { Type: 'KMS', Status: 'ACTIVE', KeyId };
  expect(await get()).toEqual({ Type: 'KMS', Status: 'ACTIVE', KeyId });
  await expect(client.send(new PutEncryptionConfigCommand({ Type: 'KMS' }))).rejects.toMatchObject({
    name: 'InvalidRequestException',
  });
});

test('groups filter listings', async () => {
  const xray = await startXRay();
  const client = xrayClient(xray);
  xray.region(account, region).groups = [{ GroupName: 'failing', FilterExpression: 'fault' }];
  const { Groups } = await client.send(new GetGroupsCommand({}));
  const GroupARN = `arn:aws:xray:eu-west-1:${account}:group/failing/LOCAL`;
  expect(Groups).toMatchObject([{ GroupName: 'failing', GroupARN, FilterExpression: 'fault' }]);
  const { Group } = await client.send(new GetGroupCommand({ GroupARN }));
  expect(Group?.GroupName).toBe('failing');
  const failed = lambdaInvocation({ at: noon, seed: 'a', outcome: 'failed' });
  for (const scene of [failed, lambdaInvocation({ at: noon, seed: 'b' })]) {
    xray.put(account, region, scene.documents);
  }
  for (const FilterExpression of ['group.name = "failing"', `group.arn = "${GroupARN}"`]) {
    const { TraceSummaries } = await client.send(
      new GetTraceSummariesCommand({
        StartTime: new Date(noon),
        EndTime: new Date(noon + 1000),
        FilterExpression,
      }),
    );
    expect(TraceSummaries?.map((one) => one.Id)).toEqual([failed.traceId]);
  }
});

const statistics = (RuleName: string) => ({
  RuleName,
  ClientID: '0'.repeat(24),
  Timestamp: new Date(noon),
  RequestCount: 1,
  SampledCount: 1,
});

test('sampling has the default rule, and targets for rules that exist', async () => {
  const xray = await startXRay({ now: () => noon });
  const client = xrayClient(xray);
  const { SamplingRuleRecords } = await client.send(new GetSamplingRulesCommand({}));
  expect(SamplingRuleRecords).toMatchObject([
    { SamplingRule: { RuleName: 'Default', FixedRate: 0.05, ReservoirSize: 1, Priority: 10_000 } },
  ]);
  const answer = await client.send(
    new GetSamplingTargetsCommand({
      SamplingStatisticsDocuments: [statistics('Default'), statistics('Other')],
    }),
  );
  expect(answer.SamplingTargetDocuments).toMatchObject([
    { RuleName: 'Default', ReservoirQuota: 1, ReservoirQuotaTTL: new Date(noon + 10_000) },
  ]);
  expect(answer.UnprocessedStatistics).toMatchObject([{ RuleName: 'Other' }]);
});

test('statistics count segments by the minute', async () => {
  const xray = await startXRay();
  const minute = Math.ceil(noon / 60_000) * 60_000;
  for (const [seed, offset, outcome] of [
    ['a', 0, 'ok'],
    ['b', 1000, 'failed'],
    ['c', 60_000, 'throttled'],
  ] as const) {
    xray.put(account, region, lambdaInvocation({ at: minute + offset, seed, outcome }).documents);
  }
  const { TimeSeriesServiceStatistics } = await xrayClient(xray).send(
    new GetTimeSeriesServiceStatisticsCommand({
      StartTime: new Date(minute),
      EndTime: new Date(minute + 120_000),
    }),
  );
  expect(
    TimeSeriesServiceStatistics?.map((one) => [
      one.Timestamp?.getTime(),
      one.ServiceSummaryStatistics?.OkCount,
      one.ServiceSummaryStatistics?.FaultStatistics?.TotalCount,
      one.ServiceSummaryStatistics?.ErrorStatistics?.ThrottleCount,
    ]),
  ).toEqual([
    [minute, 2, 2, 0],
    [minute + 60_000, 0, 0, 1],
  ]);
});

test('listings may go by the times in documents: what arrives late is listed in the past', async () => {
  const clock = new TestClock(noon);
  const xray = await startXRay({ now: clock.now, eventTime: 'segment' });
  const scene = lambdaInvocation({ at: noon });
  xray.put(account, region, scene.documents, { visibleAt: noon + 600_000 });
  const list = async () =>
    (
      await xrayClient(xray).send(
        new GetTraceSummariesCommand({
          StartTime: new Date(noon),
          EndTime: new Date(noon + 1000),
          TimeRangeType: 'Event',
        }),
      )
    ).TraceSummaries?.length;
  clock.advance(599_999);
  expect(await list()).toBe(0);
  clock.advance(1);
  expect(await list()).toBe(1);
});

test('windows may be limited', async () => {
  const xray = await startXRay({ maxWindowMs: 6 * 3600_000 });
  const command = new GetTraceSummariesCommand({
    StartTime: new Date(noon),
    EndTime: new Date(noon + 6 * 3600_000 + 1),
  });
  await expect(xrayClient(xray).send(command)).rejects.toMatchObject({
    name: 'InvalidRequestException',
    message: 'Time range must not be longer than 6 hours',
  });
});

test('options that make no sense, documents that X-Ray refuses and ports that are taken are named', async () => {
  await expect(LocalXRay.start({ accounts: [{ id: 'mine' }] })).rejects.toMatchObject({
    code: 'BAD_OPTION',
    message: "Cannot start the local X-Ray with account 'mine': expected twelve digits",
  });
  await expect(LocalXRay.start({ pageSize: 0 })).rejects.toMatchObject({ code: 'BAD_OPTION' });
  const xray = await startXRay();
  expect(() => xray.put(account, region, [{ id: 'x' }])).toThrow(
    /^Cannot put document x in 111122223333 eu-west-1: InvalidId/,
  );
  const port = Number(new URL(xray.url).port);
  await expect(LocalXRay.start({ port })).rejects.toMatchObject({
    code: 'CANNOT_START',
    message: `Cannot start the local X-Ray on 127.0.0.1:${port}: already in use; give another port, or 0`,
  });
});
