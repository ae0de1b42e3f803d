import { mkdtempSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { SpanEventAttributes, TraceResponse } from '@spanloom/contract';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { RealServer } from './testing/real-server.ts';
import { RunningCommand, spanloom } from './testing/run-command.ts';

const TOKEN = 'a-token-for-tests';
const TRACE = '66f2a1c48f3b0c5e9a7d4b21e6c8f013';
const BATCHES = 5;
const PER_BATCH = 500;

let server: RealServer;
let env: Record<string, string>;

beforeAll(async () => {
  server = await RealServer.start({ SPANLOOM_ADMIN_TOKEN: TOKEN });
  env = { SPANLOOM_URL: server.url, SPANLOOM_ADMIN_TOKEN: TOKEN };
  await send([
    { traceId: TRACE, spanId: 'aaaaaaaaaaaaaaaa', name: 'POST /orders', failed: true },
    {
      traceId: TRACE,
      spanId: 'bbbbbbbbbbbbbbbb',
      parentSpanId: 'aaaaaaaaaaaaaaaa',
      name: 'charge',
    },
  ]);
  for (let batch = 0; batch < BATCHES; batch++) {
    await send(
      Array.from({ length: PER_BATCH }, (_, index) => ({
        traceId: idOf(batch * PER_BATCH + index, 32),
        spanId: idOf(batch * PER_BATCH + index, 16),
        name: 'bulk',
      })),
    );
  }
  await untilFound('resource_name:charge', 1);
  await untilFound('resource_name:bulk', 1000);
});

afterAll(async () => {
  await server[Symbol.asyncDispose]();
});

interface Sent {
  readonly traceId: string;
  readonly spanId: string;
  readonly parentSpanId?: string;
  readonly name: string;
  readonly failed?: true;
}

async function send(spans: readonly Sent[]): Promise<void> {
  const start = BigInt(Date.now() - 1000) * 1_000_000n;
  const body = {
    resourceSpans: [
      {
        resource: { attributes: [{ key: 'service.name', value: { stringValue: 'orders-api' } }] },
        scopeSpans: [
          {
            spans: spans.map(({ failed, ...span }) => ({
              ...span,
              kind: 2,
              startTimeUnixNano: String(start),
              endTimeUnixNano: String(start + 12_500_000n),
              status: { code: failed === true ? 2 : 1 },
            })),
          },
        ],
      },
    ],
  };
  const response = await fetch(`${server.otlpUrl}/v1/traces`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(body),
  });
  expect(response.status).toBe(200);
}

function idOf(index: number, digits: number): string {
  return (index + 1).toString(16).padStart(digits, '0');
}

async function query(...args: string[]): Promise<SpanEventAttributes[]> {
  const { code, stdout, stderr } = await spanloom(['query', ...args, '--json'], env);
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
  return stdout
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as SpanEventAttributes);
}

async function untilFound(text: string, count: number): Promise<void> {
  const deadline = Date.now() + 30_000;
  while ((await query(text, '--limit', String(count))).length < count) {
    if (Date.now() > deadline) throw new Error(`${text} was not found in time`);
    await sleep(200);
  }
}

test('query finds spans by what they are', async () => {
  const found = await query('service:orders-api status:error');
  expect(found.map((span) => [span.resource_name, span.trace_id, span.custom.status])).toEqual([
    ['POST /orders', TRACE, 'error'],
  ]);
});

test('query shows where a query is wrong', async () => {
  const { code, stderr } = await spanloom(['query', 'service:orders-api AND'], env);
  expect(code).toBe(2);
  expect(stderr).toMatch(/\n {2}service:orders-api AND\n {2} +\^+\n$/);
});

test.each([
  ['hex', TRACE],
  ['an X-Ray id', '1-66f2a1c4-8f3b0c5e9a7d4b21e6c8f013'],
  ['a traceparent', `00-${TRACE}-aaaaaaaaaaaaaaaa-01`],
])('trace finds a trace by %s', async (_, id) => {
  const { code, stdout } = await spanloom(['trace', id, '--json'], env);
  expect(code).toBe(0);
  const trace = JSON.parse(stdout) as TraceResponse;
  expect(trace.spans.map((span) => [span.depth, span.span_id])).toEqual([
    [0, 'aaaaaaaaaaaaaaaa'],
    [1, 'bbbbbbbbbbbbbbbb'],
  ]);
});

test('trace draws the tree', async () => {
  const { code, stdout } = await spanloom(['trace', TRACE], env);
  expect(code).toBe(0);
  expect(stdout).toMatch(/^otl {2}orders-api .*POST \/orders .*error$/m);
  expect(stdout).toMatch(/^otl {2}└─ orders-api .*charge /m);
});

test('trace says that a trace is not there, and that an id is none', async () => {
  expect(await spanloom(['trace', '1'.repeat(32)], env)).toMatchObject({
    code: 1,
    stderr: `No trace ${'1'.repeat(32)} is stored here\n`,
  });
  expect((await spanloom(['trace', 'nonsense'], env)).code).toBe(2);
});

test('export writes every span once, over several pages', async () => {
  const file = join(mkdtempSync(join(tmpdir(), 'spanloom-export-')), 'spans.ndjson');
  const { code, stderr } = await spanloom(['export', 'resource_name:bulk', '--out', file], env);
  expect({ code, stderr }).toMatchObject({
    code: 0,
    stderr: expect.stringContaining('Exported 2,500 spans') as string,
  });
  const lines = readFileSync(file, 'utf8').trimEnd().split('\n');
  const ids = lines.map((line) => (JSON.parse(line) as SpanEventAttributes).span_id);
  expect([ids.length, new Set(ids).size]).toEqual([BATCHES * PER_BATCH, BATCHES * PER_BATCH]);
});

test('tail shows a span that arrives while it looks, and ends well', async () => {
  const command = new RunningCommand(['tail', 'resource_name:fresh', '--json'], env);
  // Sent again and again, since nothing says that the command is connected.
  for (let sent = 1; sent <= 10; sent++) {
    await send([
      { traceId: '9'.repeat(32), spanId: String(sent).padStart(16, '9'), name: 'fresh' },
    ]);
    await sleep(200);
  }
  command.interrupt();
  const { code, stdout } = await command.ended;
  expect(code).toBe(0);
  const [first] = stdout.split('\n');
  expect(JSON.parse(first!)).toMatchObject({ resource_name: 'fresh', service: 'orders-api' });
});

test('doctor finds the server well', async () => {
  const { code, stdout } = await spanloom(['doctor', '--json'], env);
  expect(JSON.parse(stdout)).toMatchObject({ ok: true });
  expect(code).toBe(0);
});

test('xray status knows that no account is configured', async () => {
  const { code, stdout } = await spanloom(['xray', 'status', '--json'], env);
  expect(code).toBe(0);
  expect(JSON.parse(stdout)).toEqual({ enabled: false, regions: [] });
});

test('without the token nothing is read', async () => {
  expect(await spanloom(['query'], { SPANLOOM_URL: server.url })).toEqual({
    code: 1,
    stdout: '',
    stderr: `${server.url} asks for the admin token: give it with SPANLOOM_ADMIN_TOKEN or --token\n`,
  });
});
