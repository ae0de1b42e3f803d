import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { nodeBinary, repository } from './runtimes.ts';

/** A fresh database on a busy machine; a start usually takes two seconds. */
const startTimeoutMs = 60_000;
/** How long a server may take to flush and leave before it is killed. */
const stopTimeoutMs = 20_000;

export interface ServerOptions {
  /** Keeps data over restarts. By default a temporary directory that goes when the server does. */
  readonly dataDirectory?: string;
  /** Settings besides ports and data directory. */
  readonly env?: Readonly<Record<string, string>>;
  /** Command-line arguments. */
  readonly args?: readonly string[];
}

/** A Spanloom server of its own, in another process, on free ports. Disposing it ends it. */
export class SpanloomServer implements AsyncDisposable {
  /** UI, API and backend intake. */
  readonly url: string;
  readonly agentUrl: string;
  readonly otlpHttpUrl: string;
  readonly otlpGrpcUrl: string;
  /** For `AWS_XRAY_DAEMON_ADDRESS`. */
  readonly xrayAddress: string;
  readonly dataDirectory: string;
  readonly #process: ChildProcess;
  readonly #ownsData: boolean;
  #output = '';

  private constructor(ports: readonly number[], options: ServerOptions) {
    const [web = 0, agent = 0, otlpHttp = 0, otlpGrpc = 0, xray = 0] = ports;
    this.url = `http://127.0.0.1:${web}`;
    this.agentUrl = `http://127.0.0.1:${agent}`;
    this.otlpHttpUrl = `http://127.0.0.1:${otlpHttp}`;
    this.otlpGrpcUrl = `http://127.0.0.1:${otlpGrpc}`;
    this.xrayAddress = `127.0.0.1:${xray}`;
    this.#ownsData = options.dataDirectory === undefined;
    this.dataDirectory = options.dataDirectory ?? mkdtempSync(join(tmpdir(), 'spanloom-test-'));
    const entry = join(repository, 'apps', 'server', 'src', 'main.ts');
    const args = ['--conditions=@spanloom/source', entry, ...(options.args ?? [])];
    this.#process = spawn(nodeBinary, args, {
      cwd: repository,
      env: {
        PATH: process.env['PATH'] ?? '',
        HOME: process.env['HOME'] ?? '/',
        SPANLOOM_PORT: String(web),
        SPANLOOM_AGENT_PORT: String(agent),
        SPANLOOM_OTLP_HTTP_PORT: String(otlpHttp),
        SPANLOOM_OTLP_GRPC_PORT: String(otlpGrpc),
        SPANLOOM_XRAY_UDP_PORT: String(xray),
        SPANLOOM_DATA_DIR: this.dataDirectory,
        ...options.env,
      },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    for (const stream of [this.#process.stdout, this.#process.stderr]) {
      stream?.setEncoding('utf8').on('data', (text: string) => (this.#output += text));
    }
  }

  /**
   * Starts a server and waits until it is ready.
   *
   * @throws {Error} If it ends or is not ready within a minute, with what it printed.
   */
  static async start(options: ServerOptions = {}): Promise<SpanloomServer> {
    const server = new SpanloomServer(await freePorts(5), options);
    try {
      await server.#ready();
    } catch (error) {
      await server[Symbol.asyncDispose]();
      throw error;
    }
    return server;
  }

  get pid(): number {
    return this.#process.pid ?? 0;
  }

  /** What it wrote to stdout and stderr so far. */
  get output(): string {
    return this.#output;
  }

  /** Sends a signal and waits for the end. Answers the exit code, or the signal that ended it. */
  async end(signal: NodeJS.Signals): Promise<number | NodeJS.Signals> {
    if (!this.#hasEnded()) {
      const ended = new Promise((resolve) => this.#process.once('exit', resolve));
      this.#process.kill(signal);
      await Promise.race([ended, sleep(stopTimeoutMs, undefined, { ref: false })]);
    }
    return this.#process.exitCode ?? this.#process.signalCode ?? 'SIGSTOP';
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.end('SIGTERM');
    await this.end('SIGKILL');
    if (this.#ownsData) rmSync(this.dataDirectory, { recursive: true, force: true });
  }

  async #ready(): Promise<void> {
    const deadline = Date.now() + startTimeoutMs;
    while (!this.#output.includes('Spanloom is ready: ') || !(await this.#answersReady())) {
      if (this.#hasEnded() || Date.now() > deadline) {
        const state = this.#hasEnded() ? 'it ended' : `it was not ready in ${startTimeoutMs} ms`;
        throw new Error(`Cannot start the server: ${state}\n${this.#output}`);
      }
      await sleep(50);
    }
  }

  async #answersReady(): Promise<boolean> {
    const response = await fetch(`${this.url}/ready`).catch(() => undefined);
    await response?.body?.cancel();
    return response?.status === 200;
  }

  #hasEnded(): boolean {
    return this.#process.exitCode !== null || this.#process.signalCode !== null;
  }
}

/** Ports that were free a moment ago, all different. */
async function freePorts(count: number): Promise<number[]> {
  const servers = Array.from({ length: count }, () => createServer());
  const ports: number[] = [];
  for (const server of servers) {
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    ports.push((server.address() as AddressInfo).port);
  }
  await Promise.all(servers.map((server) => new Promise((resolve) => server.close(resolve))));
  return ports;
}
