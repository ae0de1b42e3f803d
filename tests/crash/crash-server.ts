import { type ChildProcess, spawn } from 'node:child_process';
import { connect } from 'node:net';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { nodeBinary, repository } from '../runtimes.ts';

const startTimeoutMs = 60_000;

/** Ports that stay the same over restarts, so that senders need not be told. */
export interface CrashPorts {
  readonly web: number;
  readonly agent: number;
}

/**
 * A server that is expected to die. Unlike the fixture of other tests it may be used before it is ready, because crashes
 * while it starts are part of what is tested.
 */
export class CrashServer {
  readonly url: string;
  readonly #ports: CrashPorts;
  readonly #process: ChildProcess;
  readonly #ended: Promise<void>;
  #output = '';

  constructor(
    dataDirectory: string,
    ports: CrashPorts,
    env: Readonly<Record<string, string>> = {},
  ) {
    this.#ports = ports;
    this.url = `http://127.0.0.1:${ports.web}`;
    const entry = join(repository, 'apps', 'server', 'src', 'main.ts');
    this.#process = spawn(nodeBinary, ['--conditions=@spanloom/source', entry], {
      cwd: repository,
      env: {
        PATH: process.env['PATH'] ?? '',
        HOME: process.env['HOME'] ?? '/',
        SPANLOOM_PORT: String(ports.web),
        SPANLOOM_AGENT_PORT: String(ports.agent),
        SPANLOOM_OTLP_HTTP_PORT: '0',
        SPANLOOM_OTLP_GRPC_PORT: '0',
        SPANLOOM_XRAY_UDP_PORT: '0',
        SPANLOOM_DATA_DIR: dataDirectory,
        ...env,
      },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    this.#ended = new Promise((resolve) => this.#process.once('exit', () => resolve()));
    for (const stream of [this.#process.stdout, this.#process.stderr]) {
      stream?.setEncoding('utf8').on('data', (text: string) => (this.#output += text));
    }
  }

  /** What it printed. */
  get output(): string {
    return this.#output;
  }

  get running(): boolean {
    return this.#process.exitCode === null && this.#process.signalCode === null;
  }

  /** Settles when the process is gone. */
  get ended(): Promise<void> {
    return this.#ended;
  }

  /** What ended it: the name of a signal, an exit code, or undefined while it runs. */
  get cause(): string | number | undefined {
    return this.#process.signalCode ?? this.#process.exitCode ?? undefined;
  }

  /** Waits until payloads are taken. False when the process ended first. */
  listening(): Promise<boolean> {
    return this.#until(
      () =>
        new Promise((resolve) => {
          const socket = connect(this.#ports.agent, '127.0.0.1');
          socket.once('connect', () => resolve(true)).once('error', () => resolve(false));
          socket.once('connect', () => socket.destroy());
        }),
    );
  }

  /** Waits until questions are answered. False when the process ended first. */
  ready(): Promise<boolean> {
    return this.#until(async () => {
      const response = await fetch(`${this.url}/ready`).catch(() => undefined);
      await response?.body?.cancel();
      return response?.status === 200;
    });
  }

  /** Sends a signal and waits for the end. */
  async end(signal: NodeJS.Signals): Promise<void> {
    if (this.running) this.#process.kill(signal);
    await this.#ended;
  }

  async #until(reached: () => Promise<boolean>): Promise<boolean> {
    for (const deadline = Date.now() + startTimeoutMs; Date.now() < deadline; await sleep(10)) {
      if (!this.running) return false;
      if (await reached()) return true;
    }
    throw new Error(`The server did not get there in ${startTimeoutMs} ms:\n${this.#output}`);
  }
}
