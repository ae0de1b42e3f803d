import { randomUUID } from 'node:crypto';
import { extname, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { ChunkQueue } from './chunk-queue.ts';
import { LocalLambdaError } from './errors.ts';
import { functionConfig, type FunctionConfig, type FunctionOptions } from './function-options.ts';
import type { InvokeOptions, InvokeResult, RunningInvocation } from './invocation.ts';
import { Sandbox } from './sandbox.ts';

/** Largest event of a synchronous invocation, in bytes. */
export const eventLimitBytes: number = 6 * 1024 * 1024;

/** A function that can be invoked. Owns its sandboxes and their processes until `shutdown`. */
export class LocalFunction implements AsyncDisposable {
  readonly #config: FunctionConfig;
  readonly #idle: Sandbox[] = [];
  readonly #all = new Set<Sandbox>();
  readonly #waiting: PromiseWithResolvers<Sandbox>[] = [];
  readonly #running = new Set<Promise<InvokeResult>>();
  #down = false;

  constructor(config: FunctionConfig) {
    this.#config = config;
  }

  get arn(): string {
    return this.#config.arn;
  }

  /** Runs the init phase of one sandbox now, as Lambda sometimes does ahead of the first invocation. */
  async initialise(): Promise<void> {
    const sandbox = await this.#take();
    try {
      await sandbox.initialise();
    } finally {
      this.#free(sandbox);
    }
  }

  /**
   * Invokes and waits until runtime and extensions have finished.
   *
   * @param event Anything JSON can hold; bytes are sent as they are; `undefined` becomes `{}`.
   * @throws {LocalLambdaError} `SHUT_DOWN`, `EVENT_TOO_LARGE`, `BAD_TRACE_HEADER`, `CANNOT_START`. A function that fails is a result.
   */
  invoke(event?: unknown, options: InvokeOptions = {}): Promise<InvokeResult> {
    return this.begin(event, options).done;
  }

  /** Invokes without waiting: for reading a stream as it comes, or for telling response from end. */
  begin(event?: unknown, options: InvokeOptions = {}): RunningInvocation {
    const requestId = options.requestId ?? randomUUID();
    const output = new ChunkQueue();
    const responded = Promise.withResolvers<void>();
    const done = this.#run({ event, options, requestId, output, onResponded: responded.resolve });
    this.#running.add(done);
    done
      .catch(() => undefined)
      .finally(() => {
        output.end();
        responded.resolve();
        this.#running.delete(done);
      });
    return { requestId, chunks: output, responded: responded.promise, done };
  }

  /** Waits for running invocations, then ends every sandbox with reason `spindown`. */
  async shutdown(): Promise<void> {
    this.#down = true;
    for (const waiting of this.#waiting.splice(0)) waiting.reject(this.#downError());
    await Promise.allSettled(this.#running);
    await Promise.all([...this.#all].map((sandbox) => sandbox.shutdown()));
    this.#all.clear();
    this.#idle.length = 0;
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.shutdown();
  }

  async #run(options: {
    readonly event: unknown;
    readonly options: InvokeOptions;
    readonly requestId: string;
    readonly output: ChunkQueue;
    readonly onResponded: () => void;
  }): Promise<InvokeResult> {
    const { event, ...job } = options;
    const bytes = event instanceof Uint8Array ? event : Buffer.from(JSON.stringify(event ?? {}));
    if (bytes.byteLength > eventLimitBytes) {
      throw new LocalLambdaError(
        'EVENT_TOO_LARGE',
        `Cannot invoke ${this.#config.name}: the event has ${bytes.byteLength} bytes, Lambda takes ${eventLimitBytes}`,
      );
    }
    const sandbox = await this.#take();
    try {
      return await sandbox.invoke({ ...job, event: bytes });
    } finally {
      this.#free(sandbox);
    }
  }

  async #take(): Promise<Sandbox> {
    if (this.#down) throw this.#downError();
    const idle = this.#idle.pop();
    if (idle !== undefined) return idle;
    if (this.#all.size < this.#config.concurrency) {
      const sandbox = new Sandbox(this.#config);
      this.#all.add(sandbox);
      return sandbox;
    }
    const waiting = Promise.withResolvers<Sandbox>();
    this.#waiting.push(waiting);
    return await waiting.promise;
  }

  #free(sandbox: Sandbox): void {
    const waiting = this.#waiting.shift();
    if (waiting === undefined) this.#idle.push(sandbox);
    else waiting.resolve(sandbox);
  }

  #downError(): LocalLambdaError {
    return new LocalLambdaError(
      'SHUT_DOWN',
      `Cannot invoke ${this.#config.name}: it was shut down; start the function again`,
    );
  }
}

/**
 * Makes a function ready to be invoked. An on-demand function initialises with its first invocation, one with provisioned
 * concurrency or SnapStart before this resolves.
 *
 * @throws {LocalLambdaError} `BAD_OPTION`
 */
export async function startFunction(options: FunctionOptions): Promise<LocalFunction> {
  const taskRoot = resolve(options.taskRoot);
  const config = functionConfig({ ...options, taskRoot }, nodeRuntimeCommand());
  const local = new LocalFunction(config);
  if (config.initializationType !== 'on-demand') await local.initialise();
  return local;
}

/** This package's own Node runtime, run by the Node that runs us. */
function nodeRuntimeCommand(): string[] {
  const here = import.meta.url;
  const file = new URL(`./node-runtime/main${extname(new URL(here).pathname)}`, here);
  return [process.execPath, fileURLToPath(file)];
}
