import {
  BatchGetTracesCommand,
  PutTraceSegmentsCommand,
  type BatchGetTracesCommandOutput,
} from '@aws-sdk/client-xray';
import { describe, expect, test } from 'vitest';
import type { JsonObject } from './json.ts';
import type { LocalXRayOptions } from './local-xray.ts';
import { apiToLambda } from './scenes/index.ts';
import { account, noon, region, startXRay, TestClock, xrayClient } from './testing/clients.ts';

const traceId = '1-66f2a1c4-8f3b0c5e9a7d4b21e6c8f013';
const seconds = noon / 1000;

async function start(options: LocalXRayOptions = {}) {
  const clock = new TestClock(noon);
  const xray = await startXRay({ now: clock.now, ...options });
  const client = xrayClient(xray);
  return {
    xray,
    clock,
    client,
    get: (...TraceIds: string[]) => client.send(new BatchGetTracesCommand({ TraceIds })),
    send: (...documents: (JsonObject | string)[]) =>
      client.send(
        new PutTraceSegmentsCommand({
          TraceSegmentDocuments: documents.map((one) =>
            typeof one === 'string' ? one : JSON.stringify(one),
          ),
        }),
      ),
  };
}

/** A document of `traceId` that begins at noon. */
function segment(id: string, more: JsonObject = {}): JsonObject {
  return {
    id,
    trace_id: traceId,
    name: 'checkout',
    start_time: seconds,
    end_time: seconds + 1,
    ...more,
  };
}

/** The documents of the first trace of an answer, parsed. */
function documentsIn(answer: BatchGetTracesCommandOutput): JsonObject[] {
  return (answer.Traces?.[0]?.Segments ?? []).map(
    (one) => JSON.parse(one.Document ?? '') as JsonObject,
  );
}

describe('PutTraceSegments', () => {
  test('takes what is good and says what is wrong with the rest', async () => {
    const { send, get } = await start();
    const answer = await send(
      segment('aaaaaaaaaaaaaaaa'),
      'no JSON',
      segment('bbbb'),
      segment('cccccccccccccccc', { trace_id: '1-00000001-8f3b0c5e9a7d4b21e6c8f013' }),
      segment('dddddddddddddddd', { end_time: undefined }),
      segment('eeeeeeeeeeeeeeee', { metadata: { default: { blob: 'x'.repeat(65_536) } } }),
    );
    expect(answer.UnprocessedTraceSegments?.map((one) => [one.Id, one.ErrorCode])).toEqual([
      [undefined, 'ParseError'],
      ['bbbb', 'InvalidId'],
      ['cccccccccccccccc', 'InvalidTraceId'],
      ['dddddddddddddddd', 'MissingEndTime'],
      ['eeeeeeeeeeeeeeee', 'InvalidSegment'],
    ]);
    expect(documentsIn(await get(traceId)).map((one) => one['id'])).toEqual(['aaaaaaaaaaaaaaaa']);
  });

  test('takes fifty documents and not one more', async () => {
    const { send } = await start();
    const documents = Array.from({ length: 51 }, (_, index) =>
      segment(index.toString(16).padStart(16, '0')),
    );
    expect((await send(...documents.slice(1))).UnprocessedTraceSegments).toEqual([]);
    await expect(send(...documents)).rejects.toMatchObject({
      name: 'InvalidRequestException',
      message: 'Exceeding maximum segment count: 50',
    });
  });

  test('cuts a trace that grows too large', async () => {
    const { send, get } = await start({ traceLimitBytes: 1000 });
    const big = { metadata: { default: { blob: 'x'.repeat(600) } } };
    await send(segment('aaaaaaaaaaaaaaaa', big));
    const answer = await send(segment('bbbbbbbbbbbbbbbb', big));
    expect(answer.UnprocessedTraceSegments).toMatchObject([
      { Id: 'bbbbbbbbbbbbbbbb', ErrorCode: 'InvalidSegment' },
    ]);
    expect((await get(traceId)).Traces).toMatchObject([
      { LimitExceeded: true, Segments: [{ Id: 'aaaaaaaaaaaaaaaa' }] },
    ]);
  });
});

describe('BatchGetTraces', () => {
  test('six ids are too many', async () => {
    const { get, xray } = await start();
    await expect(get(...'123456'.split(''))).rejects.toMatchObject({
      name: 'InvalidRequestException',
      message: 'Exceeding maximum query size: 5',
      $metadata: { attempts: 1, httpStatusCode: 400 },
    });
    expect(xray.calls.of('BatchGetTraces')).toMatchObject([
      { ids: ['1', '2', '3', '4', '5', '6'], error: 'InvalidRequestException' },
    ]);
  });

  test('has never supported tokens', async () => {
    const { client } = await start();
    const command = new BatchGetTracesCommand({ TraceIds: [traceId], NextToken: 'x' });
    await expect(client.send(command)).rejects.toMatchObject({
      message: 'NextToken is currently not supported',
    });
  });

  test('what is not there is unprocessed, or just absent', async () => {
    const { get, xray, send } = await start();
    expect(await get(traceId)).toMatchObject({ Traces: [], UnprocessedTraceIds: [traceId] });
    xray.script.loseTraces([traceId], 'absent', 2);
    expect(await get(traceId)).toMatchObject({ Traces: [], UnprocessedTraceIds: [] });
    await send(segment('aaaaaaaaaaaaaaaa'));
    expect(await get(traceId)).toMatchObject({ Traces: [], UnprocessedTraceIds: [] });
    expect((await get(traceId)).Traces).toHaveLength(1);
  });

  test('numbers come in one form, then in the other', async () => {
    const { get, send } = await start();
    await send(
      segment('aaaaaaaaaaaaaaaa', { annotations: { note: 'at 1727177156.25', big: 12345678 } }),
    );
    const texts = await Promise.all([get(traceId), get(traceId)]);
    const [exponent, plain] = texts.map((one) => one.Traces![0]!.Segments![0]!.Document!);
    expect(exponent).toContain('"start_time":1.727177156E9');
    expect(exponent).toContain('"note":"at 1727177156.25","big":1.2345678E7');
    expect(plain).toContain('"start_time":1727177156,');
    expect(JSON.parse(exponent!)).toEqual(JSON.parse(plain!));
  });

  test('fields outside of the schema are dropped', async () => {
    const { get, send } = await start();
    await send(segment('aaaaaaaaaaaaaaaa', { secret: 1, namespace: 'aws', user: 'u-17' }));
    const [document] = documentsIn(await get(traceId));
    expect(Object.keys(document!)).toEqual([
      'id',
      'trace_id',
      'name',
      'start_time',
      'end_time',
      'user',
    ]);
  });

  test('a complete document replaces one in progress, whichever came first', async () => {
    const { get, send } = await start();
    const open = segment('aaaaaaaaaaaaaaaa', { end_time: undefined, in_progress: true });
    await send(open);
    expect(documentsIn(await get(traceId))[0]).toMatchObject({ in_progress: true });
    await send(segment('aaaaaaaaaaaaaaaa'));
    await send(open);
    const documents = documentsIn(await get(traceId));
    expect(documents).toHaveLength(1);
    expect(documents[0]).not.toHaveProperty('in_progress');
  });

  test('subsegments that came alone are nested, wherever their parent is, or wait for it', async () => {
    const { get, send } = await start();
    const child = (id: string, parent: string): JsonObject =>
      segment(id, { parent_id: parent, type: 'subsegment', name: id.slice(0, 2) });
    await send(child('cccccccccccccccc', 'bbbbbbbbbbbbbbbb'));
    expect(documentsIn(await get(traceId))).toMatchObject([{ type: 'subsegment', name: 'cc' }]);
    await send(child('bbbbbbbbbbbbbbbb', 'aaaaaaaaaaaaaaaa'), segment('aaaaaaaaaaaaaaaa'));
    expect(documentsIn(await get(traceId))).toEqual([
      {
        ...segment('aaaaaaaaaaaaaaaa'),
        subsegments: [
          {
            id: 'bbbbbbbbbbbbbbbb',
            name: 'bb',
            start_time: seconds,
            end_time: seconds + 1,
            subsegments: [
              { id: 'cccccccccccccccc', name: 'cc', start_time: seconds, end_time: seconds + 1 },
            ],
          },
        ],
      },
    ]);
  });

  test('a call has an inferred callee until the real one reports', async () => {
    const { get, send } = await start();
    const call = {
      id: 'bbbbbbbbbbbbbbbb',
      name: 'Lambda',
      namespace: 'aws',
      start_time: seconds,
      end_time: seconds + 1,
      aws: { function_name: 'charge', operation: 'Invoke' },
    };
    await send(segment('aaaaaaaaaaaaaaaa', { subsegments: [call] }));
    const [, inferred] = documentsIn(await get(traceId));
    expect(inferred).toMatchObject({
      name: 'charge',
      origin: 'AWS::Lambda',
      inferred: true,
      parent_id: 'bbbbbbbbbbbbbbbb',
      aws: { operation: 'Invoke' },
    });
    await send(segment('dddddddddddddddd', { parent_id: 'bbbbbbbbbbbbbbbb', name: 'charge' }));
    const documents = documentsIn(await get(traceId));
    expect(documents.map((one) => [one['id'], one['inferred']])).toEqual([
      ['aaaaaaaaaaaaaaaa', undefined],
      ['dddddddddddddddd', undefined],
    ]);
  });

  test('a trace grows as scripted', async () => {
    const { get, xray, clock } = await start();
    xray.grow(account, region, [
      { visibleAt: noon + 1000, documents: [segment('aaaaaaaaaaaaaaaa')] },
      { visibleAt: noon + 60_000, documents: [segment('bbbbbbbbbbbbbbbb')] },
    ]);
    expect((await get(traceId)).UnprocessedTraceIds).toEqual([traceId]);
    clock.advance(1000);
    expect(documentsIn(await get(traceId))).toHaveLength(1);
    clock.advance(59_000);
    expect(documentsIn(await get(traceId))).toHaveLength(2);
  });

  test('a broken document stands beside good ones', async () => {
    const { get, xray, send } = await start();
    await send(segment('aaaaaaaaaaaaaaaa'), segment('bbbbbbbbbbbbbbbb'));
    xray.region(account, region).putVerbatim(traceId, 'bbbbbbbbbbbbbbbb', '{"id": "bbb');
    const [trace] = (await get(traceId)).Traces!;
    expect(trace?.Segments?.map((one) => one.Id)).toEqual(['aaaaaaaaaaaaaaaa', 'bbbbbbbbbbbbbbbb']);
    expect(trace?.Segments?.[1]?.Document).toBe('{"id": "bbb');
  });

  test('a trace is gone thirty days after its last change', async () => {
    const { get, send, clock } = await start();
    await send(segment('aaaaaaaaaaaaaaaa'));
    clock.advance(30 * 24 * 3600_000 - 1);
    expect((await get(traceId)).Traces).toHaveLength(1);
    clock.advance(1);
    expect((await get(traceId)).UnprocessedTraceIds).toEqual([traceId]);
  });

  test('a request through an API to a function has its four parts, joined by their ids', async () => {
    const { get, xray } = await start();
    const scene = apiToLambda({ at: noon, coldStart: true });
    xray.put(account, region, scene.documents);
    const [stage, service, , table] = documentsIn(await get(scene.traceId));
    const documents = documentsIn(await get(scene.traceId));
    expect(documents.map((one) => one['origin'])).toEqual([
      'AWS::ApiGateway::Stage',
      'AWS::Lambda',
      'AWS::Lambda::Function',
      'AWS::DynamoDB::Table',
    ]);
    expect(service!['parent_id']).toBe((stage!['subsegments'] as JsonObject[])[0]!['id']);
    expect(table).toMatchObject({ name: 'orders', inferred: true });
    expect(scene.header).toBe(`Root=${scene.traceId};Parent=${scene.parentInside};Sampled=1`);
  });
});
