import { createSocket } from 'node:dgram';
import { createServer } from 'node:net';
import { DecodeError, LimitError, OverloadedError } from '@spanloom/base';
import { decodeRecord } from '@spanloom/codec';
import { newOutcome, type Span, SpanBatch } from '@spanloom/model';
import { describe, expect, test } from 'vitest';
import type { Listener } from './listener.ts';
import { NOW_MS, openIntake, type TestIntake } from './test-intake.ts';
import { MAX_WAITING_DOCUMENTS, XRayDatagrams } from './xray-datagrams.ts';
import { startXRayListener } from './xray-listener.ts';

const HEADER = '{"format":"json","version":1}\n';
const DOCUMENT =
  '{"id":"dd11223344556677","name":"checkout","trace_id":"1-66f2a1c4-cc33dd44ee55ff6600112233","start_time":1727177156.25,"end_time":1727177156.75}';

interface XRayRig extends AsyncDisposable {
  readonly rig: TestIntake;
  readonly listener: Listener;
  send(...datagrams: string[]): Promise<void>;
  /** The spans of every record that the sink was given. */
  spans(): Span[];
  dropped(reason: string): Promise<number>;
  ask(path: string, body: string, method?: string): Promise<{ status: number; json: unknown }>;
}

async function openXRay(): Promise<XRayRig> {
  const rig = await openIntake();
  const outcome = { ...newOutcome(), spans: 1 };
  rig.sink.answer = () => outcome;
  const listener = await startXRayListener(rig.intake, {
    host: '127.0.0.1',
    port: 0,
    closeTimeoutMs: 200,
  });
  const socket = createSocket('udp4');
  return {
    rig,
    listener,
    async send(...datagrams) {
      for (const datagram of datagrams) {
        await new Promise((resolve) => socket.send(datagram, listener.port, '127.0.0.1', resolve));
      }
    },
    spans() {
      return rig.sink.records.flatMap((record) => {
        const batch = new SpanBatch();
        decodeRecord(record, batch);
        return Array.from({ length: batch.length }, (_, row) => batch.span(row));
      });
    },
    dropped: (reason) => rig.counter('xray_datagrams_dropped_total', { reason }),
    async ask(path, body, method = 'POST') {
      const init = method === 'GET' ? { method } : { method, body };
      const response = await fetch(`http://127.0.0.1:${listener.port}${path}`, init);
      return { status: response.status, json: await response.json() };
    },
    async [Symbol.asyncDispose]() {
      socket.close();
      await listener[Symbol.asyncDispose]();
      await rig[Symbol.asyncDispose]();
    },
  };
}

describe('datagrams', () => {
  test('a document reaches the sink as it came', async () => {
    await using xray = await openXRay();
    await xray.send(HEADER + DOCUMENT);
    await expect.poll(() => xray.rig.sink.records.length).toBe(1);
    expect(xray.rig.sink.last).toMatchObject({
      format: 'xray-segment-json',
      receivedMs: NOW_MS,
      headers: {},
    });
    expect(Buffer.from(xray.rig.sink.last.body).toString()).toBe(DOCUMENT);
    expect(xray.spans()[0]).toMatchObject({ service: 'checkout', source: 'xray' });
    expect(xray.listener.name).toBe('xray');
    expect(xray.listener.address).toBe(`127.0.0.1:${xray.listener.port}`);
    expect(await xray.rig.counter('spans_received_total', { endpoint: 'xray-udp' })).toBe(1);
  });

  test('what cannot be used is counted by reason, and the next one is taken', async () => {
    await using xray = await openXRay();
    await xray.send('', 'noise', '{}\n{}', `{"format":"json","version":9}\n{}`, `${HEADER} `);
    await xray.send(HEADER + DOCUMENT);
    await expect.poll(() => xray.rig.sink.records.length).toBe(1);
    expect(await xray.rig.counter('xray_datagrams_total')).toBe(6);
    for (const reason of [
      'Empty',
      'HeaderMissing',
      'FormatUnknown',
      'VersionUnknown',
      'DocumentMissing',
    ]) {
      expect(await xray.dropped(reason), reason).toBe(1);
    }
    expect(xray.rig.reported).toEqual([]);
  });

  test.each([
    ['DecodingError', new DecodeError('no JSON', 3)],
    ['EOF', new DecodeError('cut', 3, { reason: 'EOF' })],
    ['Overloaded', new OverloadedError('full')],
    ['TooLarge', new LimitError('too large', 'limit')],
  ])('what the sink refuses is counted: %s', async (reason, error) => {
    await using xray = await openXRay();
    xray.rig.sink.answer = () => Promise.reject(error);
    await xray.send(HEADER + DOCUMENT);
    await expect.poll(() => xray.dropped(reason)).toBe(1);
    expect(xray.rig.reported).toEqual([]);
  });

  test('a document without spans is counted, an error of ours is reported', async () => {
    await using xray = await openXRay();
    xray.rig.sink.answer = () => newOutcome();
    await xray.send(HEADER + DOCUMENT);
    await expect.poll(() => xray.dropped('Refused')).toBe(1);
    const fault = new TypeError('ours');
    xray.rig.sink.answer = () => Promise.reject(fault);
    await xray.send(HEADER + DOCUMENT);
    await expect.poll(() => xray.dropped('Internal')).toBe(1);
    expect(xray.rig.reported).toEqual([fault]);
  });

  test('the largest datagram is taken whole', async () => {
    await using xray = await openXRay();
    const document = DOCUMENT.replace(
      '"checkout"',
      `"checkout","metadata":{"default":{"text":"${'x'.repeat(65_000)}"}}`,
    );
    await xray.send(HEADER + document);
    await expect.poll(() => xray.rig.sink.records.length).toBe(1);
    expect(xray.rig.sink.last.body).toHaveLength(document.length);
  });
});

describe('a flood', () => {
  test('holds so many documents and drops the rest, and is over when they are stored', async () => {
    await using rig = await openIntake();
    const { promise, resolve: store } = Promise.withResolvers<void>();
    rig.sink.answer = async () => {
      await promise;
      return { ...newOutcome(), spans: 1 };
    };
    const datagrams = new XRayDatagrams(rig.intake.parts);
    const datagram = Buffer.from(HEADER + DOCUMENT);
    for (let i = 0; i < 10_000; i++) datagrams.take(datagram);
    expect(rig.sink.records).toHaveLength(MAX_WAITING_DOCUMENTS);
    const reason = 'Overloaded';
    expect(await rig.counter('xray_datagrams_dropped_total', { reason })).toBe(
      10_000 - MAX_WAITING_DOCUMENTS,
    );
    expect(rig.intake.parts.budget.usedBytes).toBe(MAX_WAITING_DOCUMENTS * datagram.length);
    store();
    await datagrams.settled();
    await expect.poll(() => rig.intake.parts.budget.usedBytes).toBe(0);
    datagrams.take(datagram);
    expect(rig.sink.records).toHaveLength(MAX_WAITING_DOCUMENTS + 1);
    await datagrams.settled();
  });

  test('takes no more memory than there is for bodies', async () => {
    await using rig = await openIntake({ memoryBytes: 1000 });
    rig.sink.answer = () => new Promise(() => {});
    const datagrams = new XRayDatagrams(rig.intake.parts);
    for (let i = 0; i < 100; i++) datagrams.take(Buffer.from(HEADER + DOCUMENT));
    expect(rig.intake.parts.budget.usedBytes).toBeLessThanOrEqual(1000);
    await expect
      .poll(() => rig.counter('xray_datagrams_dropped_total', { reason: 'Overloaded' }))
      .toBe(95);
  });
});

describe('sampling', () => {
  test('every request is sampled', async () => {
    await using xray = await openXRay();
    const { status, json } = await xray.ask('/GetSamplingRules', '{}');
    expect(status).toBe(200);
    expect(json).toMatchObject({
      SamplingRuleRecords: [
        { SamplingRule: { RuleName: 'Default', FixedRate: 1, ReservoirSize: 0, Version: 1 } },
      ],
    });
  });

  test('every rule that is reported on goes on', async () => {
    await using xray = await openXRay();
    const body = JSON.stringify({
      SamplingStatisticsDocuments: [{ RuleName: 'Default' }, { RuleName: 'own' }, 7, {}],
    });
    expect((await xray.ask('/SamplingTargets', body)).json).toEqual({
      LastRuleModification: 0,
      SamplingTargetDocuments: [
        { RuleName: 'Default', FixedRate: 1, Interval: 300 },
        { RuleName: 'own', FixedRate: 1, Interval: 300 },
      ],
      UnprocessedStatistics: [],
    });
  });

  test.each(['', 'nonsense', '[]', 'null', '{"SamplingStatisticsDocuments":3}'])(
    'targets for the body %j are none',
    async (body) => {
      await using xray = await openXRay();
      const { status, json } = await xray.ask('/SamplingTargets', body);
      expect(status).toBe(200);
      expect(json).toMatchObject({ SamplingTargetDocuments: [] });
    },
  );

  test('anything else is not here, and too much is too much', async () => {
    await using xray = await openXRay();
    expect((await xray.ask('/TraceSegments', '{}')).status).toBe(404);
    expect((await xray.ask('/GetSamplingRules', '', 'GET')).status).toBe(404);
    expect((await xray.ask('/SamplingTargets', 'x'.repeat(1024 * 1024 + 1))).status).toBe(413);
  });
});

describe('the port', () => {
  test('closing waits for what is being stored, and gives the port back', async () => {
    await using rig = await openIntake();
    const { promise, resolve: store } = Promise.withResolvers<void>();
    rig.sink.answer = async () => {
      await promise;
      return { ...newOutcome(), spans: 1 };
    };
    const address = { host: '127.0.0.1', port: 0 };
    const listener = await startXRayListener(rig.intake, address);
    const socket = createSocket('udp4');
    socket.send(HEADER + DOCUMENT, listener.port, '127.0.0.1');
    await expect.poll(() => rig.sink.records.length).toBe(1);
    let closed = false;
    const closing = listener[Symbol.asyncDispose]().then(() => (closed = true));
    await new Promise((resolve) => setTimeout(resolve, 50));
    expect(closed).toBe(false);
    store();
    await closing;
    socket.close();
    const again = await startXRayListener(rig.intake, { ...address, port: listener.port });
    await again[Symbol.asyncDispose]();
  });

  test('one in use is named together with its setting, whichever protocol has it', async () => {
    await using xray = await openXRay();
    const address = { host: '127.0.0.1', port: xray.listener.port };
    await expect(startXRayListener(xray.rig.intake, address)).rejects.toThrow(
      `Cannot start the xray listener on 127.0.0.1:${address.port}: already in use; set SPANLOOM_XRAY_UDP_PORT to another port, or to 0 to do without`,
    );
    const socket = createSocket('udp4');
    await new Promise<void>((resolve) => socket.bind(0, '127.0.0.1', resolve));
    const { port } = socket.address();
    await expect(startXRayListener(xray.rig.intake, { host: '127.0.0.1', port })).rejects.toThrow(
      `Cannot start the xray listener on 127.0.0.1:${port} (UDP): already in use`,
    );
    // The half that could be opened is closed again.
    const probe = createServer();
    await new Promise<void>((resolve) => probe.listen(port, '127.0.0.1', resolve));
    probe.close();
    socket.close();
  });
});
