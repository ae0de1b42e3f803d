import { connect, type Socket } from 'node:net';
import { type DecodeOutcome, newOutcome } from '@spanloom/model';
import { Registry } from 'prom-client';
import { afterAll, beforeAll, bench, describe } from 'vitest';
import { systemClock } from '@spanloom/base';
import { Intake } from './intake.ts';
import type { Listener } from './listener.ts';
import { startAgentListener } from './listeners.ts';

/**
 * What a trace request costs before anything is decoded: HTTP, limits, counters, the answer.
 *
 * The client writes prepared bytes to one socket and counts the bytes that come back, so nearly all of the time is the
 * server's. Requests are pipelined in groups, as many connections would deliver them.
 */
const GROUP = 64;
const OUTCOME: DecodeOutcome = { ...newOutcome(), traces: 10, spans: 50, priorities: { '1': 10 } };

let intake: Intake;
let listener: Listener;
let socket: Socket;
let accepted = 0;
const sizes = [100, 10_000, 200_000];
const groups = new Map<number, Buffer>();
let answerBytes = 0;

beforeAll(async () => {
  intake = new Intake({
    sink: {
      accept: () => {
        accepted += 1;
        return Promise.resolve(OUTCOME);
      },
    },
    registry: new Registry(),
    clock: systemClock,
    keys: [],
    openAgentRoutes: true,
    reportError: (error) => {
      throw error;
    },
  });
  listener = await startAgentListener(intake, { host: '127.0.0.1', port: 0 });
  for (const size of sizes)
    groups.set(size, Buffer.concat(Array.from({ length: GROUP }, () => request(size))));
  socket = connect(listener.port, '127.0.0.1');
  answerBytes = await new Promise((resolve) => {
    socket.once('data', (chunk) => resolve(chunk.length));
    socket.write(request(100));
  });
  for (const size of sizes) await printCpu(size);
});

afterAll(async () => {
  socket.destroy();
  await listener[Symbol.asyncDispose]();
});

/** The headers dd-trace for Node sends. */
function request(bodyBytes: number): Buffer {
  const head = [
    'PUT /v0.4/traces HTTP/1.1',
    'Content-Type: application/msgpack',
    'Datadog-Meta-Lang: nodejs',
    'Datadog-Meta-Lang-Version: v24.21.0',
    'Datadog-Meta-Lang-Interpreter: v8',
    'Datadog-Meta-Tracer-Version: 6.21.0',
    'Datadog-Entity-ID: in-4026531835',
    'X-Datadog-Trace-Count: 10',
    `Content-Length: ${bodyBytes}`,
    'Host: 127.0.0.1:8126',
    'Connection: keep-alive',
  ];
  return Buffer.concat([
    Buffer.from(`${head.join('\r\n')}\r\n\r\n`),
    Buffer.alloc(bodyBytes, 0x90),
  ]);
}

/** Sends a group and resolves when every answer is there: all have the same length. */
function exchangeGroup(size: number): Promise<void> {
  return new Promise((resolve) => {
    let missing = GROUP * answerBytes;
    const take = (chunk: Buffer): void => {
      missing -= chunk.length;
      if (missing > 0) return;
      socket.off('data', take);
      resolve();
    };
    socket.on('data', take);
    socket.write(groups.get(size)!);
  });
}

async function printCpu(size: number): Promise<void> {
  const rounds = size > 100_000 ? 20 : 150;
  for (let i = 0; i < 150; i++) await exchangeGroup(100); // let the compiler settle
  const before = process.cpuUsage();
  const startedMs = performance.now();
  const acceptedBefore = accepted;
  for (let i = 0; i < rounds; i++) await exchangeGroup(size);
  const requests = accepted - acceptedBefore;
  if (requests !== rounds * GROUP)
    throw new Error(`${requests} of ${rounds * GROUP} requests were accepted`);
  const { user, system } = process.cpuUsage(before);
  const cpu = ((user + system) / requests).toFixed(1);
  const rate = Math.round((requests / (performance.now() - startedMs)) * 1000);
  console.log(
    `${size} B body: ${cpu} µs of CPU a request (client included), ${rate} requests/s on one connection`,
  );
}

describe(`${GROUP} trace requests, nothing decoded`, () => {
  for (const size of sizes) bench(`bodies of ${size} B`, () => exchangeGroup(size));
});
