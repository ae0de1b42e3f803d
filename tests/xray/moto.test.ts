import {
  BatchGetTracesCommand,
  GetTraceSummariesCommand,
  PutTelemetryRecordsCommand,
  PutTraceSegmentsCommand,
  type XRayClient,
} from '@aws-sdk/client-xray';
import { LocalXRay } from '@spanloom/local-xray';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { leaveOut } from '../runtimes.ts';
import { MotoServer, whyNoPython } from './python-runtime.ts';
import { xrayClient } from './read-traces.ts';

// The same calls to a second implementation of the same interface. What is the same on both is what our wire is checked against;
// where moto does less, or something else, a test says so, and the service's documentation is on our side.

const account = '111122223333';
const region = 'eu-west-1';
const absent = whyNoPython();
if (absent !== undefined) leaveOut('moto, a second X-Ray', absent);

/** Whole seconds, because moto cuts times off. */
const began = Math.floor(Date.now() / 1000) - 30;
const traceId = `1-${began.toString(16)}-8f3b0c5e9a7d4b21e6c8f013`;
const document = {
  id: '1111111111111111',
  trace_id: traceId,
  name: 'checkout',
  start_time: began + 1,
  end_time: began + 3,
  http: { request: { method: 'GET', url: 'http://checkout.internal/' }, response: { status: 200 } },
  annotations: { tenant: 'acme' },
};
const child = {
  id: '2222222222222222',
  trace_id: traceId,
  parent_id: '1111111111111111',
  type: 'subsegment',
  name: 'inventory',
  namespace: 'remote',
  start_time: began + 1,
  end_time: began + 2,
};
const unknown = '1-66f2a1c4-000000000000000000000000';

describe.skipIf(absent !== undefined)('the same calls to moto and to the local X-Ray', () => {
  let moto: MotoServer;
  let local: LocalXRay;
  let clients: Readonly<Record<'moto' | 'local', XRayClient>>;

  beforeAll(async () => {
    moto = await MotoServer.start();
    local = await LocalXRay.start();
    clients = {
      moto: xrayClient(moto.url, account, region),
      local: xrayClient(local.url, account, region),
    };
  });

  afterAll(async () => {
    await moto?.[Symbol.asyncDispose]();
    await local?.[Symbol.asyncDispose]();
  });

  /** What `call` gets from each of the two. */
  async function both<T>(
    call: (client: XRayClient) => Promise<T>,
  ): Promise<Record<'moto' | 'local', T>> {
    return { moto: await call(clients.moto), local: await call(clients.local) };
  }

  test('documents are taken, telemetry too', async () => {
    const answers = await both((client) =>
      client.send(
        new PutTraceSegmentsCommand({
          TraceSegmentDocuments: [document, child].map((one) => JSON.stringify(one)),
        }),
      ),
    );
    for (const answer of Object.values(answers))
      expect(answer.UnprocessedTraceSegments).toEqual([]);
    const telemetry = await both((client) =>
      client.send(
        new PutTelemetryRecordsCommand({ TelemetryRecords: [{ Timestamp: new Date() }] }),
      ),
    );
    for (const answer of Object.values(telemetry))
      expect(answer.$metadata.httpStatusCode).toBe(200);
  });

  test('a document without what it needs is not', async () => {
    const answers = await both((client) =>
      client.send(
        new PutTraceSegmentsCommand({
          TraceSegmentDocuments: [JSON.stringify({ ...document, name: undefined })],
        }),
      ),
    );
    for (const answer of Object.values(answers))
      expect(answer.UnprocessedTraceSegments).toHaveLength(1);
  });

  test('a listing has the trace, with the fields that both know', async () => {
    const answers = await both((client) =>
      client.send(
        new GetTraceSummariesCommand({
          StartTime: new Date((began - 10) * 1000),
          EndTime: new Date((began + 60) * 1000),
        }),
      ),
    );
    for (const answer of Object.values(answers)) {
      expect(answer.TracesProcessedCount).toBe(1);
      expect(answer.NextToken ?? '').toBe('');
      expect(answer.TraceSummaries).toMatchObject([
        { Id: traceId, Duration: 2, HasFault: false, HasError: false, HasThrottle: false },
      ]);
    }
    // Documented fields that moto does not have, or misspells.
    expect(answers.local.TraceSummaries![0]).toMatchObject({ IsPartial: false, Revision: 2 });
    expect(answers.moto.TraceSummaries![0]!.IsPartial).toBeUndefined();
    expect(answers.moto.TraceSummaries![0]!.Revision).toBeUndefined();
    expect(answers.moto.TraceSummaries![0]!.Annotations).toEqual({});
    expect(answers.local.TraceSummaries![0]!.Annotations).toMatchObject({
      tenant: [{ AnnotationValue: { StringValue: 'acme' } }],
    });
  });

  test('what is fetched is the documents; only the service compiles them', async () => {
    const answers = await both((client) =>
      client.send(new BatchGetTracesCommand({ TraceIds: [traceId] })),
    );
    const shapes = Object.values(answers).map(({ Traces }) => {
      const [trace] = Traces!;
      const first = trace!.Segments!.find((one) => one.Id === document.id)!;
      const { subsegments: _, ...body } = JSON.parse(first.Document!) as Record<string, unknown>;
      return { id: trace!.Id, duration: trace!.Duration, body };
    });
    expect(shapes[1]).toEqual(shapes[0]);
    expect(shapes[0]).toEqual({ id: traceId, duration: 2, body: document });

    expect(answers.local.Traces![0]!.LimitExceeded).toBe(false);
    expect(answers.moto.Traces![0]!.LimitExceeded).toBeUndefined();

    const ids = (side: 'moto' | 'local'): (string | undefined)[] =>
      answers[side].Traces![0]!.Segments!.map((one) => one.Id);
    // In which order is nowhere said.
    expect(new Set(ids('moto'))).toEqual(new Set([document.id, child.id]));
    // The subsegment is nested, and its callee inferred.
    expect(ids('local')).toEqual([document.id, expect.stringMatching(/^[0-9a-f]{16}$/)]);
    expect(ids('local')).not.toContain(child.id);
  });

  test('an unknown id is unprocessed', async () => {
    const answers = await both((client) =>
      client.send(new BatchGetTracesCommand({ TraceIds: [unknown] })),
    );
    for (const answer of Object.values(answers)) {
      expect(answer).toMatchObject({ Traces: [], UnprocessedTraceIds: [unknown] });
    }
  });

  test('moto does not mind six ids, the service does', async () => {
    const six = new BatchGetTracesCommand({ TraceIds: Array(6).fill(unknown) });
    expect((await clients.moto.send(six)).$metadata.httpStatusCode).toBe(200);
    await expect(clients.local.send(six)).rejects.toMatchObject({
      name: 'InvalidRequestException',
      message: 'Exceeding maximum query size: 5',
    });
  });
});
