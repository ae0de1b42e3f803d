import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { expect, onTestFinished, test } from 'vitest';
import { parseSubscription } from './telemetry-api.ts';
import { inSchema, type TelemetryEvent } from './telemetry-event.ts';
import { TelemetrySubscription, type SubscriptionRequest } from './telemetry-subscription.ts';

const good = {
  schemaVersion: '2022-12-13',
  types: ['platform'],
  destination: { protocol: 'HTTP', URI: 'http://sandbox.localdomain:8999/logs' },
};

test('parseSubscription() fills in the defaults and resolves the name of the sandbox', () => {
  expect(parseSubscription(JSON.stringify(good))).toEqual({
    schemaVersion: '2022-12-13',
    types: ['platform'],
    maxItems: 10_000,
    maxBytes: 262_144,
    timeoutMs: 1000,
    destination: { protocol: 'HTTP', url: new URL('http://127.0.0.1:8999/logs') },
  });
});

test.each([
  ['maxItems', 1000, 999],
  ['maxItems', 10_000, 10_001],
  ['maxBytes', 262_144, 262_143],
  ['maxBytes', 1_048_576, 1_048_577],
  ['timeoutMs', 25, 24],
  ['timeoutMs', 30_000, 30_001],
])('parseSubscription() takes %s of %d and refuses %d', (name, accepted, refused) => {
  const ask = (value: number) =>
    parseSubscription(JSON.stringify({ ...good, buffering: { [name]: value } }));
  expect(ask(accepted)).toBeTypeOf('object');
  expect(ask(refused)).toContain(`buffering.${name} must be from`);
});

test.each([
  ['not JSON', 'The body is not JSON'],
  ['null', 'The body is not an object'],
  [JSON.stringify({ ...good, schemaVersion: '2020-08-15' }), 'schemaVersion must be one of'],
  [JSON.stringify({ ...good, types: ['traces'] }), 'types must be among'],
  [JSON.stringify({ ...good, types: [] }), 'types must be a list'],
  [
    JSON.stringify({ ...good, destination: { protocol: 'HTTP', URI: 'http://example.org/' } }),
    'must name the host sandbox',
  ],
])('parseSubscription() explains what is wrong with %s', (text, problem) => {
  expect(parseSubscription(text)).toContain(problem);
});

test('inSchema() turns JSON logs into text and hides the status of initReport in the first schema', () => {
  const log = { time: 't', type: 'function', record: { level: 'INFO' } };
  expect(inSchema(log, '2022-07-01').record).toBe('{"level":"INFO"}');
  expect(inSchema(log, '2022-12-13').record).toEqual({ level: 'INFO' });
  const report = {
    time: 't',
    type: 'platform.initReport',
    record: { phase: 'init', status: 'success' },
  };
  expect(inSchema(report, '2022-07-01').record).toEqual({ phase: 'init' });
});

interface Receiver {
  readonly batches: TelemetryEvent[][];
  readonly options: (more: Partial<SubscriptionRequest>) => SubscriptionRequest;
  statuses: number[];
}

async function receiver(): Promise<Receiver> {
  const batches: TelemetryEvent[][] = [];
  const found: Receiver = { batches, statuses: [], options };
  const server = createServer((request, response) => {
    let text = '';
    request.on('data', (chunk: Buffer) => (text += chunk.toString()));
    request.on('end', () => {
      response.statusCode = found.statuses.shift() ?? 200;
      if (response.statusCode === 200) batches.push(JSON.parse(text) as TelemetryEvent[]);
      response.end();
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => void server.close());
  const { port } = server.address() as AddressInfo;
  function options(more: Partial<SubscriptionRequest>): SubscriptionRequest {
    return {
      schemaVersion: '2022-12-13',
      types: ['function'],
      maxItems: 3,
      maxBytes: 262_144,
      timeoutMs: 60_000,
      destination: { protocol: 'HTTP', url: new URL(`http://127.0.0.1:${port}/`) },
      ...more,
    };
  }
  return found;
}

function logs(count: number): TelemetryEvent[] {
  return Array.from({ length: count }, (_, index) => ({
    time: 't',
    type: 'function',
    record: `${index}`,
  }));
}

function records(batches: readonly (readonly TelemetryEvent[])[]): unknown[][] {
  return batches.map((batch) => batch.map((event) => event.record));
}

test('TelemetrySubscription sends a full batch at once and the rest when flushed, in order', async () => {
  const { batches, options } = await receiver();
  const subscription = new TelemetrySubscription(options({}));
  for (const event of logs(4)) subscription.push(event);
  await subscription.flush();
  expect(records(batches)).toEqual([['0', '1', '2'], ['3']]);
});

test('TelemetrySubscription ends a batch before it passes maxBytes', async () => {
  const { batches, options } = await receiver();
  const one = Buffer.byteLength(JSON.stringify(logs(1)[0])) + 1;
  const subscription = new TelemetrySubscription(options({ maxItems: 1000, maxBytes: one * 2 }));
  subscription.pause();
  for (const event of logs(3)) subscription.push(event);
  subscription.resume();
  await subscription.flush();
  expect(records(batches)).toEqual([['0', '1'], ['2']]);
});

test('TelemetrySubscription takes only the streams that were asked for', async () => {
  const { batches, options } = await receiver();
  const subscription = new TelemetrySubscription(options({}));
  subscription.push({ time: 't', type: 'platform.start', record: {} });
  subscription.push(logs(1)[0]!);
  await subscription.flush();
  expect(records(batches)).toEqual([['0']]);
});

test('TelemetrySubscription holds everything back while it is paused', async () => {
  const { batches, options } = await receiver();
  const subscription = new TelemetrySubscription(options({ timeoutMs: 25 }));
  subscription.pause();
  for (const event of logs(5)) subscription.push(event);
  await subscription.flush();
  expect(batches).toEqual([]);
  subscription.resume();
  await subscription.flush();
  expect(records(batches).flat()).toEqual(['0', '1', '2', '3', '4']);
});

test('TelemetrySubscription tries again after an error of the receiver', async () => {
  const found = await receiver();
  found.statuses = [500, 503];
  const subscription = new TelemetrySubscription(found.options({}));
  for (const event of logs(2)) subscription.push(event);
  await subscription.flush();
  expect(records(found.batches)).toEqual([['0', '1']]);
});

test('TelemetrySubscription tells how much it lost once the receiver is back', async () => {
  const found = await receiver();
  found.statuses = [500, 500, 500];
  const subscription = new TelemetrySubscription(
    found.options({ types: ['function', 'platform'] }),
  );
  for (const event of logs(2)) subscription.push(event);
  await subscription.flush();
  subscription.push({ time: 't', type: 'function', record: 'later' });
  await subscription.flush();
  expect(found.batches.flat().map((event) => event.type)).toEqual([
    'function',
    'platform.logsDropped',
  ]);
  expect(found.batches.flat()[1]?.record).toMatchObject({ droppedRecords: 2 });
});
