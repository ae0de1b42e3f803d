import { spawn, type ChildProcess } from 'node:child_process';
import { readFileSync } from 'node:fs';
import type { Readable } from 'node:stream';

/** How a process ended. */
export interface ProcessExit {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  /** Set when the program could not be started at all. */
  readonly launchError: string | undefined;
}

/** Leaders of live groups: detached, so they would outlive us if we did not end them. */
const livePids = new Set<number>();

function killAll(): void {
  for (const pid of livePids) signalGroup(pid, 'SIGKILL');
}

function signalGroup(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(-pid, signal);
  } catch {
    // The last of the group is gone.
  }
}

function remember(pid: number): void {
  if (livePids.size === 0) process.once('exit', killAll);
  livePids.add(pid);
}

function forget(pid: number): void {
  livePids.delete(pid);
  if (livePids.size === 0) process.off('exit', killAll);
}

/** A process and its descendants, which stop, go on and die together. */
export class ProcessGroup {
  readonly exited: Promise<ProcessExit>;
  readonly #child: ChildProcess;
  #alive = true;

  constructor(options: {
    readonly command: readonly string[];
    readonly environment: Readonly<Record<string, string>>;
    readonly cwd: string;
    /** Gets every chunk of standard output and standard error. */
    readonly onOutput: (stream: 'stdout' | 'stderr', chunk: Buffer) => void;
    /** If given, descriptor 3 is a pipe to it. */
    readonly onFrame?: (chunk: Buffer) => void;
  }) {
    const { command, environment, cwd, onOutput, onFrame } = options;
    const [program = '', ...args] = command;
    // A group of its own, so that one signal reaches what the program starts itself.
    this.#child = spawn(program, args, {
      cwd,
      env: environment,
      detached: true,
      stdio: ['ignore', 'pipe', 'pipe', onFrame === undefined ? 'ignore' : 'pipe'],
    });
    if (this.#child.pid !== undefined) remember(this.#child.pid);
    this.#child.stdout?.on('data', (chunk: Buffer) => onOutput('stdout', chunk));
    this.#child.stderr?.on('data', (chunk: Buffer) => onOutput('stderr', chunk));
    const frames = this.#child.stdio[3] as Readable | null | undefined;
    if (onFrame !== undefined) frames?.on('data', onFrame);
    // Once killed, the other end of a pipe may vanish with data in it: nobody is left to tell.
    frames?.on('error', () => undefined);
    const { promise, resolve } = Promise.withResolvers<ProcessExit>();
    this.exited = promise;
    this.#child.once('error', (error) => {
      this.#alive = false;
      resolve({ code: null, signal: null, launchError: error.message });
    });
    this.#child.once('exit', (code, signal) => {
      this.#alive = false;
      // What it started may outlive it and hold ports that the next sandbox needs.
      if (this.#child.pid !== undefined) {
        signalGroup(this.#child.pid, 'SIGKILL');
        forget(this.#child.pid);
      }
      resolve({ code, signal, launchError: undefined });
    });
  }

  get alive(): boolean {
    return this.#alive;
  }

  freeze(): void {
    this.signal('SIGSTOP');
  }

  thaw(): void {
    this.signal('SIGCONT');
  }

  signal(signal: NodeJS.Signals): void {
    if (this.#alive && this.#child.pid !== undefined) signalGroup(this.#child.pid, signal);
  }

  /** Kills the group and waits until its leader is gone. */
  async kill(): Promise<void> {
    this.signal('SIGKILL');
    await this.exited;
  }

  /**
   * The most memory that its live processes have used, in bytes; 0 where the system does not tell. Shared pages count once
   * per process, so the sum is an upper bound.
   */
  peakMemoryBytes(): number {
    return this.#alive && this.#child.pid !== undefined ? peakOfTree(this.#child.pid) : 0;
  }
}

function peakOfTree(pid: number): number {
  let total = 0;
  try {
    const status = readFileSync(`/proc/${pid}/status`, 'latin1');
    total += Number(/^VmHWM:\s+(\d+) kB/m.exec(status)?.[1] ?? 0) * 1024;
    const children = readFileSync(`/proc/${pid}/task/${pid}/children`, 'latin1');
    for (const child of children.split(' ')) if (child !== '') total += peakOfTree(Number(child));
  } catch {
    // Gone in between, or a system without /proc.
  }
  return total;
}
