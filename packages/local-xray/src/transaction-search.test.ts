import { DescribeLogGroupsCommand, FilterLogEventsCommand } from '@aws-sdk/client-cloudwatch-logs';
import {
  BatchGetTracesCommand,
  CancelTraceRetrievalCommand,
  GetIndexingRulesCommand,
  GetTraceSegmentDestinationCommand,
  GetTraceSummariesCommand,
  ListRetrievedTracesCommand,
  StartTraceRetrievalCommand,
  UpdateIndexingRuleCommand,
  UpdateTraceSegmentDestinationCommand,
} from '@aws-sdk/client-xray';
import { describe, expect, test } from 'vitest';
import type { LocalXRayOptions } from './local-xray.ts';
import { lambdaInvocation, many } from './scenes/index.ts';
import {
  account,
  logsClient,
  noon,
  region,
  startXRay,
  TestClock,
  xrayClient,
} from './testing/clients.ts';

async function start(options: LocalXRayOptions = {}) {
  const clock = new TestClock(noon);
  const xray = await startXRay({ now: clock.now, ...options });
  return {
    clock,
    xray,
    client: xrayClient(xray),
    logs: logsClient(xray),
    state: xray.region(account, region),
  };
}

describe('the destination', () => {
  test('is switched, pends, and is active', async () => {
    const { client, clock } = await start({ destinationPendingMs: 60_000 });
    const get = async () => {
      const { Destination, Status } = await client.send(new GetTraceSegmentDestinationCommand({}));
      return [Destination, Status];
    };
    expect(await get()).toEqual(['XRay', 'ACTIVE']);
    await client.send(new UpdateTraceSegmentDestinationCommand({ Destination: 'CloudWatchLogs' }));
    expect(await get()).toEqual(['CloudWatchLogs', 'PENDING']);
    clock.advance(60_000);
    expect(await get()).toEqual(['CloudWatchLogs', 'ACTIVE']);
  });

  test('leaves the classic operations an indexed percentage of the traces', async () => {
    const { xray, client, state, clock } = await start({ pageSize: 1000 });
    state.switchDestination('CloudWatchLogs');
    await client.send(
      new UpdateIndexingRuleCommand({
        Name: 'Default',
        Rule: { Probabilistic: { DesiredSamplingPercentage: 10 } },
      }),
    );
    const { IndexingRules } = await client.send(new GetIndexingRulesCommand({}));
    expect(IndexingRules).toMatchObject([
      { Name: 'Default', Rule: { Probabilistic: { DesiredSamplingPercentage: 10 } } },
    ]);
    const load = [...many(300, 'indexed', { from: noon, to: noon + 60_000, growing: 0 })];
    for (const { steps } of load) xray.grow(account, region, steps);
    clock.advance(120_000);
    const { TraceSummaries } = await client.send(
      new GetTraceSummariesCommand({
        StartTime: new Date(noon),
        EndTime: new Date(noon + 120_000),
      }),
    );
    const indexed = new Set(TraceSummaries?.map((one) => one.Id));
    expect(indexed.size).toBeGreaterThan(10);
    expect(indexed.size).toBeLessThan(60);
    const left = load.find((one) => !indexed.has(one.traceId))!.traceId;
    expect(await client.send(new BatchGetTracesCommand({ TraceIds: [left] }))).toMatchObject({
      Traces: [],
      UnprocessedTraceIds: [left],
    });
  });
});

describe('the log group aws/spans', () => {
  test('does not exist before spans go there', async () => {
    const { logs, state } = await start();
    const filter = new FilterLogEventsCommand({ logGroupName: 'aws/spans' });
    await expect(logs.send(filter)).rejects.toMatchObject({ name: 'ResourceNotFoundException' });
    expect((await logs.send(new DescribeLogGroupsCommand({}))).logGroups).toEqual([]);
    state.switchDestination('CloudWatchLogs');
    expect((await logs.send(filter)).events).toEqual([]);
    expect(
      (await logs.send(new DescribeLogGroupsCommand({ logGroupNamePrefix: 'aws/' }))).logGroups,
    ).toMatchObject([{ logGroupName: 'aws/spans' }]);
  });

  test('has a record for each span', async () => {
    const { xray, logs, state, clock } = await start();
    state.switchDestination('CloudWatchLogs');
    const scene = lambdaInvocation({ at: noon, table: 'orders', outcome: 'failed' });
    xray.put(account, region, scene.documents);
    clock.advance(5000);
    const { events } = await logs.send(
      new FilterLogEventsCommand({ logGroupName: 'aws/spans', startTime: noon }),
    );
    const records = events!.map((one) => JSON.parse(one.message!));
    expect(records.map((one) => [one.name, one.kind, one.status.code])).toEqual([
      ['DynamoDB.UpdateItem', 'CLIENT', 'UNSET'],
      ['Invocation/LambdaExecutionEnvironment', 'INTERNAL', 'ERROR'],
      ['Overhead/LambdaExecutionEnvironment', 'INTERNAL', 'UNSET'],
      ['orders-api/LambdaExecutionEnvironment', 'SERVER', 'ERROR'],
      ['orders-api/LambdaService', 'SERVER', 'ERROR'],
    ]);
    const [call, , , handler] = records;
    expect(call.traceId).toBe(scene.traceId.slice(2).replace('-', ''));
    expect(call.parentSpanId).toBe(scene.parentInside);
    expect(call.resource.attributes).toMatchObject({
      'service.name': 'orders-api',
      'cloud.account.id': account,
      'faas.name': 'orders-api',
    });
    expect(handler.events).toMatchObject([
      { name: 'exception', attributes: { 'exception.message': 'nothing left of item 17' } },
    ]);
    // All digits, although a JavaScript number could not hold them.
    expect(events![4]!.message).toContain('"startTimeUnixNano":1727177156000000000,');
    expect(events![4]).toMatchObject({ timestamp: noon + 230, ingestionTime: noon });
  });

  test('is read in pages and with patterns', async () => {
    const { xray, logs, state } = await start();
    state.switchDestination('CloudWatchLogs');
    for (const seed of ['a', 'b']) {
      xray.put(account, region, lambdaInvocation({ at: noon, seed }).documents);
    }
    const input = { logGroupName: 'aws/spans', endTime: noon + 1000, limit: 3 };
    const first = await logs.send(new FilterLogEventsCommand(input));
    const second = await logs.send(
      new FilterLogEventsCommand({ ...input, nextToken: first.nextToken }),
    );
    const third = await logs.send(
      new FilterLogEventsCommand({ ...input, nextToken: second.nextToken }),
    );
    const pages = [first, second, third].map((one) => one.events!.map((two) => two.eventId));
    expect(pages.map((one) => one.length)).toEqual([3, 3, 2]);
    expect(new Set(pages.flat()).size).toBe(8);
    expect(third.nextToken).toBeUndefined();

    const id = lambdaInvocation({ at: noon, seed: 'a' }).traceId.slice(2).replace('-', '');
    const count = async (filterPattern: string) =>
      (await logs.send(new FilterLogEventsCommand({ ...input, limit: 100, filterPattern }))).events!
        .length;
    expect(await count(`{ $.traceId = "${id}" }`)).toBe(4);
    expect(await count(`{ $.traceId = "${id}" && $.kind = "SERVER" }`)).toBe(2);
    expect(await count(`{ $.resource.attributes["service.name"] != "orders-api" }`)).toBe(0);
    expect(await count(`"${id}" SERVER`)).toBe(2);
    expect(await count('?SERVER ?INTERNAL')).toBe(8);
    await expect(count('{ $.kind }')).rejects.toMatchObject({ name: 'InvalidParameterException' });
  });
});

describe('retrieval', () => {
  const window = { StartTime: new Date(noon - 1000), EndTime: new Date(noon + 60_000) };

  test('runs through its states and then gives traces, a page at a time', async () => {
    const { xray, client, state } = await start({ pageSize: 2 });
    state.indexingPercentage = 0;
    state.switchDestination('CloudWatchLogs');
    const ids = ['a', 'b', 'c'].map((seed) => {
      const scene = lambdaInvocation({ at: noon, seed });
      xray.put(account, region, scene.documents);
      return scene.traceId;
    });
    const { RetrievalToken } = await client.send(
      new StartTraceRetrievalCommand({ ...window, TraceIds: ids }),
    );
    const list = (more: { NextToken?: string | undefined; TraceFormat?: 'XRAY' | 'OTEL' } = {}) =>
      client.send(new ListRetrievedTracesCommand({ RetrievalToken, ...more }));
    expect(await list()).toMatchObject({ RetrievalStatus: 'SCHEDULED', Traces: [] });
    expect(await list()).toMatchObject({ RetrievalStatus: 'RUNNING', Traces: [] });
    const first = await list();
    expect(first).toMatchObject({ RetrievalStatus: 'COMPLETE', TraceFormat: 'XRAY' });
    const second = await list({ NextToken: first.NextToken });
    expect([...first.Traces!, ...second.Traces!].map((one) => one.Id)).toEqual(ids);
    expect(second.NextToken).toBeUndefined();
    expect(JSON.parse(first.Traces![0]!.Spans![0]!.Document!)).toMatchObject({
      origin: 'AWS::Lambda',
    });
    const otel = await list({ TraceFormat: 'OTEL' });
    expect(JSON.parse(otel.Traces![0]!.Spans![0]!.Document!)).toMatchObject({
      name: 'orders-api/LambdaService',
    });
  });

  test('may fail, be cancelled, run out of time, or be unknown', async () => {
    const { xray, client, clock } = await start();
    const TraceIds = ['1-66f2a1c4-8f3b0c5e9a7d4b21e6c8f013'];
    const begin = async () =>
      (await client.send(new StartTraceRetrievalCommand({ ...window, TraceIds }))).RetrievalToken;
    const status = async (RetrievalToken: string | undefined) =>
      (await client.send(new ListRetrievedTracesCommand({ RetrievalToken }))).RetrievalStatus;
    xray.script.failRetrieval({ next: 1 });
    const failing = await begin();
    expect([await status(failing), await status(failing), await status(failing)]).toEqual([
      'SCHEDULED',
      'RUNNING',
      'FAILED',
    ]);
    const cancelled = await begin();
    await client.send(new CancelTraceRetrievalCommand({ RetrievalToken: cancelled }));
    expect(await status(cancelled)).toBe('CANCELLED');
    const slow = await begin();
    clock.advance(60 * 60_000 + 1);
    expect(await status(slow)).toBe('TIMEOUT');
    await expect(status('nothing')).rejects.toMatchObject({ name: 'ResourceNotFoundException' });
    const tooMany = new StartTraceRetrievalCommand({ ...window, TraceIds: Array(101).fill('1') });
    await expect(client.send(tooMany)).rejects.toMatchObject({ name: 'InvalidRequestException' });
  });
});
