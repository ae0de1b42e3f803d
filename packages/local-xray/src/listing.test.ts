import { GetTraceSummariesCommand, type GetTraceSummariesCommandInput } from '@aws-sdk/client-xray';
import { describe, expect, test } from 'vitest';
import { lambdaInvocation } from './scenes/index.ts';
import { account, noon, region, startXRay, TestClock, xrayClient } from './testing/clients.ts';

const at = (ms: number): Date => new Date(noon + ms);

/** A service with one invocation each at so many seconds after noon, minted and seen then. */
async function withInvocations(seconds: readonly number[], pageSize = 100) {
  const clock = new TestClock(noon);
  const xray = await startXRay({ now: clock.now, pageSize });
  const ids = seconds.map((second) => {
    const scene = lambdaInvocation({ at: noon + second * 1000, seed: `${second}` });
    xray.put(account, region, scene.documents, { visibleAt: noon + second * 1000 + 500 });
    return scene.traceId;
  });
  clock.advance(3600_000);
  const client = xrayClient(xray);
  const list = (input: GetTraceSummariesCommandInput) =>
    client.send(new GetTraceSummariesCommand(input));
  return { xray, clock, ids, list };
}

describe('GetTraceSummaries', () => {
  test('lists a half-open window, newest first', async () => {
    const { ids, list } = await withInvocations([0, 10, 20, 30]);
    const answer = await list({ StartTime: at(0), EndTime: at(30_000), TimeRangeType: 'TraceId' });
    expect(answer.TraceSummaries?.map((one) => one.Id)).toEqual([ids[2], ids[1], ids[0]]);
    expect(answer.TracesProcessedCount).toBe(3);
    expect(answer.NextToken).toBeUndefined();
    expect(answer.ApproximateTime).toEqual(at(0));
  });

  test('says what it matched on: mint time, update time, or end time', async () => {
    const { ids, list } = await withInvocations([100]);
    const window = { StartTime: at(100_000), EndTime: at(100_400) };
    const kinds = ['TraceId', 'Event', 'Service'] as const;
    const seen = await Promise.all(
      kinds.map(async (TimeRangeType) => (await list({ ...window, TimeRangeType })).TraceSummaries),
    );
    // Minted at 100.0 s, ended at 100.23 s, seen at 100.5 s.
    expect(seen.map((one) => one?.map((two) => two.Id))).toEqual([ids, [], ids]);
    const [later] = (
      await list({ StartTime: at(100_500), EndTime: at(101_000), TimeRangeType: 'Event' })
    ).TraceSummaries!;
    expect(later?.Id).toBe(ids[0]);
    expect(later?.MatchedEventTime).toEqual(at(100_500));
  });

  test('pages count what was looked at, may be empty, and count down in time', async () => {
    const { list } = await withInvocations([0, 10, 20, 30, 40], 2);
    const input = {
      StartTime: at(0),
      EndTime: at(60_000),
      FilterExpression: 'service("nobody")',
    };
    const first = await list(input);
    expect(first.TraceSummaries).toEqual([]);
    expect([first.TracesProcessedCount, first.ApproximateTime]).toEqual([2, at(30_000)]);
    const second = await list({ ...input, NextToken: first.NextToken });
    expect([second.TracesProcessedCount, second.ApproximateTime]).toEqual([2, at(10_000)]);
    const third = await list({ ...input, NextToken: second.NextToken });
    expect([third.TracesProcessedCount, third.NextToken]).toEqual([1, undefined]);
  });

  test('a token is good for the same fields only, and not for ever', async () => {
    const { list, clock } = await withInvocations([0, 10, 20], 2);
    const input = { StartTime: at(0), EndTime: at(60_000) };
    const { NextToken } = await list(input);
    const refused = { name: 'InvalidRequestException', message: 'NextToken is invalid' };
    await expect(list({ ...input, EndTime: at(61_000), NextToken })).rejects.toMatchObject(refused);
    expect((await list({ ...input, NextToken })).TraceSummaries).toHaveLength(1);
    clock.advance(5 * 60_000);
    await expect(list({ ...input, NextToken })).rejects.toMatchObject(refused);
  });

  test('a summary has the facts of the whole trace', async () => {
    const { xray, list } = await withInvocations([]);
    const scene = lambdaInvocation({ at: noon, outcome: 'failed', table: 'orders' });
    xray.put(account, region, scene.documents);
    const [summary] = (await list({ StartTime: at(0), EndTime: at(1000) })).TraceSummaries!;
    expect(summary).toMatchObject({
      Id: scene.traceId,
      StartTime: at(0),
      Duration: 0.23,
      ResponseTime: 0.23,
      HasFault: true,
      HasError: false,
      HasThrottle: false,
      IsPartial: false,
      Revision: 2,
      EntryPoint: { Name: 'orders-api', AccountId: account, Type: 'AWS::Lambda' },
      ServiceIds: [
        { Name: 'orders-api', Names: ['orders-api'], AccountId: account, Type: 'AWS::Lambda' },
        { Name: 'orders-api', Type: 'AWS::Lambda::Function' },
        { Name: 'orders', Type: 'AWS::DynamoDB::Table' },
      ],
      ResourceARNs: [{ ARN: `arn:aws:lambda:eu-west-1:${account}:function:orders-api` }],
    });
  });

  test('accounts and regions are apart', async () => {
    const { xray } = await withInvocations([0]);
    const window = { StartTime: at(0), EndTime: at(1000) };
    for (const other of [{ account: '444455556666' }, { region: 'us-east-1' }]) {
      const answer = await xrayClient(xray, other).send(new GetTraceSummariesCommand(window));
      expect(answer.TraceSummaries).toEqual([]);
    }
  });

  test('sampling looks at fewer traces', async () => {
    const { list } = await withInvocations(
      Array.from({ length: 200 }, (_, index) => index),
      500,
    );
    const window = { StartTime: at(0), EndTime: at(300_000) };
    const sampled = await list({
      ...window,
      Sampling: true,
      SamplingStrategy: { Name: 'FixedRate', Value: 0.1 },
    });
    expect(sampled.TracesProcessedCount).toBe(sampled.TraceSummaries?.length);
    expect(sampled.TracesProcessedCount).toBeGreaterThan(5);
    expect(sampled.TracesProcessedCount).toBeLessThan(45);
  });

  test('refuses windows that make no sense', async () => {
    const { list } = await withInvocations([]);
    await expect(list({ StartTime: at(1), EndTime: at(0) })).rejects.toMatchObject({
      name: 'InvalidRequestException',
      message: 'StartTime must be before EndTime',
      $metadata: { httpStatusCode: 400 },
    });
  });
});
