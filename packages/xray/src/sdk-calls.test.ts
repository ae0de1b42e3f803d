import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { LocalXRay } from '@spanloom/local-xray';
import { expect, onTestFinished, test } from 'vitest';
import { sdkCalls } from './sdk-calls.ts';

const never = new AbortController().signal;
const REQUEST = {
  from: 0,
  to: 60_000,
  by: 'event',
  filter: undefined,
  samplingRate: 1,
  nextToken: undefined,
} as const;

function config(endpoint: string, accessKeyId = '111122223333') {
  return {
    region: 'eu-west-1',
    endpoint,
    maxAttempts: 1,
    credentials: async () => ({ accessKeyId, secretAccessKey: 'any' }),
    requestHandler: { connectionTimeout: 5000, requestTimeout: 5000, throwOnRequestTimeout: true },
  } as const;
}

/** Answers everything with `status`, dated as if the clock were `offsetMs` from ours. */
async function datedServer(status: number, offsetMs: number): Promise<string> {
  const server = createServer((_, response) => {
    response.writeHead(status, {
      'content-type': 'application/json',
      date: new Date(Date.now() + offsetMs).toUTCString(),
    });
    response.end('{}');
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', () => resolve()));
  onTestFinished(() => void server.close());
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

test.each([200, 403, 500])("answers with %i tell AWS's time", async (status) => {
  const calls = sdkCalls(config(await datedServer(status, -150_000)));
  expect(calls.clockOffsetMs!()).toBe(0);
  await calls.listTraces(REQUEST, never).catch(() => undefined);
  const offset = calls.clockOffsetMs!();
  expect(offset).toBeGreaterThanOrEqual(-151_000);
  expect(offset).toBeLessThan(-148_000);
  calls.close();
});

test('log records tell it too', async () => {
  const calls = sdkCalls(config(await datedServer(200, 60_000)));
  await calls.listSpanRecords({ from: 0, to: 60_000, nextToken: undefined }, never);
  expect(calls.clockOffsetMs!()).toBeGreaterThan(58_000);
  calls.close();
});

test("no call is made with another account's credentials", async () => {
  await using xray = await LocalXRay.start();
  const calls = sdkCalls(config(xray.url));
  calls.demandAccount!('999900001111');
  const message = 'are of account 111122223333, not of 999900001111';
  await expect(calls.listTraces(REQUEST, never)).rejects.toThrow(message);
  await expect(
    calls.fetchTraces(['1-66f2a1c4-8f3b0c5e9a7d4b21e6c8f013'], undefined, never),
  ).rejects.toThrow(message);
  await expect(
    calls.listSpanRecords({ from: 0, to: 60_000, nextToken: undefined }, never),
  ).rejects.toThrow(message);
  expect(xray.calls.all.map(({ operation }) => operation)).toEqual(['GetCallerIdentity']);
  calls.close();
});

test("calls are made with the account's own credentials, and where it is not told whose they are", async () => {
  await using xray = await LocalXRay.start();
  const own = sdkCalls(config(xray.url));
  own.demandAccount!('111122223333');
  expect((await own.listTraces(REQUEST, never)).traces).toEqual([]);
  xray.script.deny({ operation: 'GetCallerIdentity' });
  const unknown = sdkCalls(config(xray.url));
  unknown.demandAccount!('999900001111');
  expect((await unknown.listTraces(REQUEST, never)).traces).toEqual([]);
  own.close();
  unknown.close();
});
