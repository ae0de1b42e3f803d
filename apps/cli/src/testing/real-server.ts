import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { type AddressInfo, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

const repository = join(import.meta.dirname, '..', '..', '..', '..');
const START_MS = 60_000;
const STOP_MS = 20_000;

/** A Spanloom server in a process of its own, on free ports, with its data in a temporary directory. */
export class RealServer implements AsyncDisposable {
  readonly url: string;
  readonly otlpUrl: string;
  readonly #data = mkdtempSync(join(tmpdir(), 'spanloom-cli-'));
  readonly #process: ChildProcess;
  #output = '';

  private constructor(
    [web, otlp]: readonly [number, number],
    env: Readonly<Record<string, string>>,
  ) {
    this.url = `http://127.0.0.1:${web}`;
    this.otlpUrl = `http://127.0.0.1:${otlp}`;
    this.#process = spawn(
      join(repository, 'node_modules', '.bin', 'node'),
      ['--conditions=@spanloom/source', join(repository, 'apps', 'server', 'src', 'main.ts')],
      {
        cwd: repository,
        env: {
          PATH: process.env['PATH'] ?? '',
          HOME: process.env['HOME'] ?? '/',
          SPANLOOM_PORT: String(web),
          SPANLOOM_OTLP_HTTP_PORT: String(otlp),
          SPANLOOM_AGENT_PORT: '0',
          SPANLOOM_OTLP_GRPC_PORT: '0',
          SPANLOOM_XRAY_UDP_PORT: '0',
          SPANLOOM_DATA_DIR: this.#data,
          ...env,
        },
        stdio: ['ignore', 'pipe', 'pipe'],
      },
    );
    for (const stream of [this.#process.stdout, this.#process.stderr]) {
      stream?.setEncoding('utf8').on('data', (text: string) => (this.#output += text));
    }
  }

  /** @throws {Error} If it is not ready within a minute, with what it printed. */
  static async start(env: Readonly<Record<string, string>> = {}): Promise<RealServer> {
    const server = new RealServer(await freePorts(), env);
    const deadline = Date.now() + START_MS;
    while (!server.#output.includes('Spanloom is ready: ')) {
      if (server.#process.exitCode !== null || Date.now() > deadline) {
        await server[Symbol.asyncDispose]();
        throw new Error(`Cannot start the server\n${server.#output}`);
      }
      await sleep(50);
    }
    return server;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const ended = new Promise((resolve) => this.#process.once('exit', resolve));
    if (this.#process.exitCode === null && this.#process.kill('SIGTERM')) {
      await Promise.race([ended, sleep(STOP_MS, undefined, { ref: false })]);
      this.#process.kill('SIGKILL');
    }
    rmSync(this.#data, { recursive: true, force: true });
  }
}

/** Two ports that were free a moment ago. */
async function freePorts(): Promise<readonly [number, number]> {
  const servers = [createServer(), createServer()] as const;
  const ports = await Promise.all(
    servers.map(async (server) => {
      await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
      return (server.address() as AddressInfo).port;
    }),
  );
  await Promise.all(servers.map((server) => new Promise((resolve) => server.close(resolve))));
  return [ports[0]!, ports[1]!];
}
