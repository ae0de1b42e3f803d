import type { ChildProcess } from 'node:child_process';
import { pause } from './pause.ts';

/** First wait after a crash; doubled each time. */
const shortestWaitMs = 500;
const longestWaitMs = 30_000;
/** A process that lived this long has recovered: its next crash counts as the first. */
const recoveredAfterMs = 60_000;
/** How long a process may take to end after SIGTERM. */
const patienceMs = 5_000;

export interface SupervisedOptions {
  /** For the log. */
  readonly name: string;
  readonly version: string | undefined;
  readonly start: (version: string | undefined) => ChildProcess;
  readonly signal: AbortSignal;
  readonly log: (line: string) => void;
}

/** One process that is kept running: started again when it dies, replaced when a new version is released. */
export class Supervised {
  readonly #options: SupervisedOptions;
  #version: string | undefined;
  #child: ChildProcess | undefined;
  #replacing = false;

  constructor(options: SupervisedOptions) {
    this.#options = options;
    this.#version = options.version;
  }

  /** The version that runs, or starts next. */
  get version(): string | undefined {
    return this.#version;
  }

  /** Replaces the running process by one of `version`. */
  release(version: string): void {
    this.#options.log(`demo shop: releasing ${this.#options.name} ${version}`);
    this.#version = version;
    // A process that is just waiting to be started again takes the new version by itself.
    this.#replacing = this.#child !== undefined;
    this.#stopChild();
  }

  /** Keeps the process running until the signal aborts, then ends it. */
  async run(): Promise<void> {
    const { name, signal, log } = this.#options;
    const stop = () => this.#stopChild();
    signal.addEventListener('abort', stop);
    let waitMs = shortestWaitMs;
    while (!signal.aborted) {
      const startedAt = Date.now();
      const end = await this.#runOnce();
      if (signal.aborted) break;
      if (this.#replacing) {
        this.#replacing = false;
        continue;
      }
      if (Date.now() - startedAt > recoveredAfterMs) waitMs = shortestWaitMs;
      log(`demo shop: ${name} ended (${end}); starting it again in ${waitMs} ms`);
      await pause(waitMs, signal);
      waitMs = Math.min(waitMs * 2, longestWaitMs);
    }
    signal.removeEventListener('abort', stop);
  }

  async #runOnce(): Promise<string> {
    const child = this.#options.start(this.#version);
    this.#child = child;
    const end = await new Promise<string>((resolve) => {
      child.once('error', (error) => resolve(error.message));
      child.once('exit', (code, killedBy) => resolve(killedBy ?? `exit code ${code}`));
    });
    this.#child = undefined;
    return end;
  }

  #stopChild(): void {
    const child = this.#child;
    if (child === undefined) return;
    child.kill('SIGTERM');
    const timer = setTimeout(() => child.kill('SIGKILL'), patienceMs);
    child.once('exit', () => clearTimeout(timer));
  }
}
