import { mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { expectExactlyOnce } from './check-traces.ts';
import { type CrashPorts, CrashServer } from './crash-server.ts';
import { Load, type LoadedTrace } from './load.ts';

/** More rounds find rarer moments: `SPANLOOM_CRASH_ROUNDS=200` runs for some ten minutes. */
const rounds = Number(process.env['SPANLOOM_CRASH_ROUNDS'] ?? 5);

/**
 * Every place in the write path where the process can be killed, and at which of its passes. Kept apart from the list in
 * `packages/storage`, so that a place that disappears there is missed here.
 */
const failpoints: readonly { name: string; pass: number; env?: Record<string, string> }[] = [
  { name: 'after-append', pass: 40 },
  { name: 'torn-write', pass: 15 },
  { name: 'before-fsync', pass: 20 },
  { name: 'after-fsync', pass: 25 },
  { name: 'after-seal', pass: 2 },
  { name: 'before-insert', pass: 2 },
  { name: 'between-inserts', pass: 2 },
  { name: 'after-inserts', pass: 2 },
  { name: 'after-mark', pass: 2 },
  // Segments are kept for two minutes, unless the log gets too large.
  { name: 'before-delete', pass: 1, env: { SPANLOOM_MAX_WAL: '2MiB' } },
];

const folder = mkdtempSync(join(tmpdir(), 'spanloom-crash-'));
const everything: LoadedTrace[] = [];
let ports: CrashPorts;
let round = 0;
let server: CrashServer | undefined;

beforeAll(async () => {
  const [web, agent] = [await freePort(), await freePort()];
  ports = { web, agent };
});

afterEach(async () => {
  await server?.end('SIGKILL');
});

afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** All rounds share one directory, so that what an earlier crash left behind is there in later ones. */
function start(env: Readonly<Record<string, string>> = {}): CrashServer {
  server = new CrashServer(folder, ports, env);
  return server;
}

function startLoad(): Load {
  const load = new Load(ports.agent, ++round);
  everything.push(...load.traces);
  return load;
}

/** Starts an ordinary server, checks the traces of one load and stops it in an orderly way, or kills it again. */
async function checkAfterRestart(load: Load, end: NodeJS.Signals): Promise<void> {
  const restarted = start();
  if (!(await restarted.ready())) throw new Error(`The server did not start:\n${restarted.output}`);
  await expectExactlyOnce(restarted.url, load.traces, ['live', 'kept']);
  await restarted.end(end);
}

test.each(failpoints)(
  'every acknowledged span is there once after a kill at $name',
  async ({ name, pass, env }) => {
    const dying = start({ ...env, SPANLOOM_FAILPOINT: `${name}:${pass}` });
    await dying.listening();
    const load = startLoad();
    await Promise.race([dying.ended, sleep(20_000)]);
    await load.stop();
    expect(dying.cause).toBe('SIGKILL');
    await checkAfterRestart(load, 'SIGKILL');
  },
);

test('every acknowledged span is there once after a kill in the middle of a replay', async () => {
  const first = start();
  expect(await first.ready()).toBe(true);
  const load = startLoad();
  await sleep(1000);
  await first.end('SIGKILL');
  await load.stop();
  expect(load.acknowledged).toBeGreaterThan(0);
  const replaying = start({ SPANLOOM_FAILPOINT: 'during-replay' });
  await replaying.ready();
  expect(replaying.cause).toBe('SIGKILL');
  await checkAfterRestart(load, 'SIGKILL');
});

test(
  `every acknowledged span is there once after each of ${rounds} kills at random moments`,
  {
    timeout: 30_000 + rounds * 15_000,
  },
  async () => {
    let acknowledged = 0;
    for (let kill = 0; kill < rounds; kill++) {
      const dying = start();
      // Payloads come in while the database is still opening and earlier segments are being inserted.
      expect(await dying.listening()).toBe(true);
      const load = startLoad();
      await sleep(Math.random() * 2000);
      await dying.end('SIGKILL');
      await load.stop();
      acknowledged += load.acknowledged;
      await checkAfterRestart(load, kill % 2 === 0 ? 'SIGKILL' : 'SIGTERM');
    }
    expect(acknowledged).toBeGreaterThan(0);
  },
);

test('a stop by SIGTERM under load exits with 0 and loses nothing', async () => {
  const stopping = start();
  expect(await stopping.ready()).toBe(true);
  const load = startLoad();
  await sleep(700);
  await stopping.end('SIGTERM');
  await load.stop();
  expect(stopping.cause).toBe(0);
  await checkAfterRestart(load, 'SIGTERM');
});

test('after all of these crashes every span ever acknowledged is kept once', async () => {
  const last = start();
  expect(await last.ready()).toBe(true);
  await expectExactlyOnce(last.url, everything, ['kept']);
});

async function freePort(): Promise<number> {
  const probe = createServer();
  await new Promise<void>((resolve) => probe.listen(0, '127.0.0.1', resolve));
  const { port } = probe.address() as AddressInfo;
  await new Promise((resolve) => probe.close(resolve));
  return port;
}
