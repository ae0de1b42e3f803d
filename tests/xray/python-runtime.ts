import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { createServer, type AddressInfo } from 'node:net';
import { join } from 'node:path';
import { runtimesDirectory } from '../runtimes.ts';

const folder = join(runtimesDirectory, 'xray-python');

/** Why Python programs with the X-Ray SDK, boto3 and moto cannot run here, or `undefined` when they can. */
export function whyNoPython(): string | undefined {
  return existsSync(join(folder, 'ready'))
    ? undefined
    : 'no Python with the X-Ray SDK, boto3 and moto; run scripts/setup-test-runtimes.sh';
}

/**
 * Runs a Python program to its end.
 *
 * @returns What it printed.
 * @throws {Error} If it ends with another code than 0.
 */
export async function runPython(
  program: string,
  env: Readonly<Record<string, string>>,
): Promise<string> {
  const child = spawn(join(folder, 'bin', 'python'), ['-c', program], {
    env: { PATH: process.env['PATH'] ?? '', LANG: 'C.UTF-8', ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
    timeout: 60_000,
  });
  let printed = '';
  let complaints = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => (printed += text));
  child.stderr.setEncoding('utf8').on('data', (text: string) => (complaints += text));
  const [code] = (await once(child, 'close')) as [number | null];
  if (code !== 0)
    throw new Error(`Cannot run the Python program: exit code ${code}\n${complaints}`);
  return printed;
}

/** moto's server, in a process of its own. */
export class MotoServer implements AsyncDisposable {
  readonly url: string;
  readonly #child: ChildProcess;

  private constructor(url: string, child: ChildProcess) {
    this.url = url;
    this.#child = child;
  }

  static async start(): Promise<MotoServer> {
    const port = await freePort();
    const child = spawn(
      join(folder, 'bin', 'python'),
      ['-m', 'moto.server', '-H', '127.0.0.1', '-p', String(port)],
      { env: { PATH: process.env['PATH'] ?? '', LANG: 'C.UTF-8', TZ: 'UTC' }, stdio: 'ignore' },
    );
    const server = new MotoServer(`http://127.0.0.1:${port}`, child);
    const deadline = Date.now() + 60_000;
    for (;;) {
      try {
        await fetch(`${server.url}/moto-api/`);
        return server;
      } catch (error) {
        if (Date.now() > deadline || child.exitCode !== null) {
          await server[Symbol.asyncDispose]();
          throw new Error(`Cannot start moto on ${server.url}: no answer`, { cause: error });
        }
        await new Promise((resolve) => setTimeout(resolve, 200));
      }
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#child.exitCode !== null || this.#child.signalCode !== null) return;
    const ended = once(this.#child, 'exit');
    this.#child.kill('SIGKILL');
    await ended;
  }
}

async function freePort(): Promise<number> {
  const probe = createServer();
  probe.listen(0, '127.0.0.1');
  await once(probe, 'listening');
  const { port } = probe.address() as AddressInfo;
  probe.close();
  await once(probe, 'close');
  return port;
}
