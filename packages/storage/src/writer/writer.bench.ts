/**
 * What one process takes from payload to row, without HTTP: payloads of 100 spans from 16 senders at once, each waiting for
 * its acknowledgement, until 10,000 spans are acknowledged; and the same until they can be read. With the real decoder.
 */
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { systemClock } from '@spanloom/base';
import { decodeRecord, encodeAgentV04 } from '@spanloom/codec';
import { Registry } from 'prom-client';
import { afterAll, beforeAll, bench, describe } from 'vitest';
import { agentRecord, serviceSpans } from '../bench-payloads.testing.ts';
import type { Database } from '../database.ts';
import { openMigrated, RETENTION, TemporaryFolder } from '../temporary.testing.ts';
import { Writer } from './writer.ts';

const SPANS = 10_000;
const PER_PAYLOAD = 100;
const SENDERS = 16;

const folder = new TemporaryFolder();
const bodies = Array.from({ length: SPANS / PER_PAYLOAD }, (_, i) =>
  encodeAgentV04(serviceSpans(PER_PAYLOAD, i * PER_PAYLOAD)),
);
let database: Database;
let writer: Writer;

beforeAll(async () => {
  database = await openMigrated(folder.path);
  writer = await Writer.open({
    directory: join(folder.path, 'wal'),
    clock: systemClock,
    registry: new Registry(),
    retention: RETENTION,
    limits: { pendingBytes: 2 ** 30, walBytes: 2 ** 33 },
    decode: decodeRecord,
    statsRows: () => [],
  });
  await writer.attach(database);
});

afterAll(async () => {
  await writer[Symbol.asyncDispose]();
  await database[Symbol.asyncDispose]();
  rmSync(folder.path, { recursive: true, force: true });
});

async function acceptAll(): Promise<void> {
  const waiting = [...bodies];
  const sender = async (): Promise<void> => {
    for (let body = waiting.pop(); body !== undefined; body = waiting.pop()) {
      const { spans } = await writer.accept(agentRecord(body));
      if (spans !== PER_PAYLOAD) throw new Error(`accepted ${spans} of ${PER_PAYLOAD} spans`);
    }
  };
  await Promise.all(Array.from({ length: SENDERS }, sender));
}

describe(`${SPANS} spans (spans/s = 10,000 × ops/s)`, () => {
  bench('until acknowledged and inserted', async () => {
    await acceptAll();
    await writer.flush();
  });
});
