import { type ChildProcessByStdio, spawn } from 'node:child_process';
import { join } from 'node:path';
import type { Readable } from 'node:stream';
import { finished } from 'node:stream/promises';

const entry = join(import.meta.dirname, '..', '..', 'bin', 'spanloom.mjs');

/** How a call of the command ended. */
export interface Ended {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** A call of the real command, in a process of its own. */
export class RunningCommand {
  readonly #process: ChildProcessByStdio<null, Readable, Readable>;
  readonly ended: Promise<Ended>;

  constructor(args: readonly string[], env: Readonly<Record<string, string>> = {}) {
    this.#process = spawn(process.execPath, [entry, ...args], {
      // Nothing of the machine's own settings: no server, no accounts, no colour.
      env: {
        PATH: process.env['PATH'] ?? '',
        HOME: '/nonexistent',
        AWS_EC2_METADATA_DISABLED: 'true',
        AWS_CONFIG_FILE: '/dev/null',
        AWS_SHARED_CREDENTIALS_FILE: '/dev/null',
        ...env,
      },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    const { stdout, stderr } = this.#process;
    const code = new Promise<number | null>((resolve, reject) => {
      this.#process.once('error', reject);
      this.#process.once('close', (exitCode) => resolve(exitCode));
    });
    this.ended = Promise.all([code, all(stdout), all(stderr)]).then(([exitCode, out, err]) => ({
      code: exitCode,
      stdout: out,
      stderr: err,
    }));
  }

  /** As Ctrl-C does. */
  interrupt(): void {
    this.#process.kill('SIGINT');
  }

  /** Ends it without giving it a chance to do anything about it. */
  kill(): void {
    this.#process.kill('SIGKILL');
  }

  /** Stops taking what it prints, as `head` does when it has seen enough. */
  closeOutput(): void {
    this.#process.stdout.destroy();
  }
}

/** What was printed as long as somebody read it. */
async function all(stream: Readable): Promise<string> {
  let printed = '';
  stream.setEncoding('utf8').on('data', (chunk: string) => (printed += chunk));
  await finished(stream).catch(() => undefined);
  return printed;
}

/** Runs the command to its end. */
export async function spanloom(
  args: readonly string[],
  env: Readonly<Record<string, string>> = {},
): Promise<Ended> {
  return await new RunningCommand(args, env).ended;
}
