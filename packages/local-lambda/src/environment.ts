import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { LocalLambdaError } from './errors.ts';
import { ExtensionsApi, type RegisteredExtension, type ShutdownReason } from './extensions-api.ts';
import { extensionEnvironment, runtimeEnvironment } from './function-environment.ts';
import type { FunctionConfig } from './function-options.ts';
import { replyError } from './http-exchange.ts';
import { LineReader, LogFrameReader } from './log-frames.ts';
import { ProcessGroup, type ProcessExit } from './process-group.ts';
import { RuntimeApi, type RuntimeError } from './runtime-api.ts';
import { TelemetryApi } from './telemetry-api.ts';
import type { TelemetryStream } from './telemetry-event.ts';

/** How long a sandbox with external extensions may take to shut down, and the runtime's part of it. */
const shutdownMs = 2000;
const runtimeShutdownMs = 300;

/** Why a sandbox cannot go on. */
export interface Failure {
  /** `error` was reported by the function, `failure` was noticed by the platform. */
  readonly status: 'error' | 'failure' | 'timeout';
  readonly errorType: string;
  /** Without the request id that Lambda puts before it. */
  readonly message: string;
  /** What the runtime posted, if it did. */
  readonly reported: RuntimeError | undefined;
}

/** What an environment tells the sandbox that owns it. */
export interface EnvironmentListener {
  log(source: 'function' | 'extension', text: string, epochMs: number): void;
  extensionReady(extension: RegisteredExtension): void;
  subscribed(name: string, types: readonly TelemetryStream[]): void;
}

/**
 * One set of processes, a runtime and its external extensions, with the APIs they talk to.
 *
 * A sandbox that fails throws its environment away and starts another.
 */
export class Environment {
  readonly runtime: RuntimeApi = new RuntimeApi();
  readonly extensions: ExtensionsApi;
  readonly telemetry: TelemetryApi;
  readonly #config: FunctionConfig;
  readonly #listener: EnvironmentListener;
  readonly #server: Server;
  readonly #failed: PromiseWithResolvers<Failure> = Promise.withResolvers();
  #runtimeProcess: ProcessGroup | undefined;
  readonly #extensionProcesses = new Map<string, ProcessGroup>();
  #peakMemoryBytes = 0;
  #stopping = false;

  constructor(config: FunctionConfig, listener: EnvironmentListener) {
    this.#config = config;
    this.#listener = listener;
    this.extensions = new ExtensionsApi({
      expected: config.extensions.map((one) => one.name),
      functionName: config.name,
      functionVersion: config.version,
      handler: config.handler,
      accountId: config.accountId,
      onReady: (extension) => listener.extensionReady(extension),
    });
    this.telemetry = new TelemetryApi({
      find: (id) => this.extensions.find(id),
      onSubscribed: (name, types) => listener.subscribed(name, types),
    });
    this.#server = createServer((request, response) => {
      this.#serve(request, response).catch((error: unknown) => {
        if (!response.headersSent) replyError(response, 500, 'ServiceError', String(error));
      });
    });
    // A frozen client may be silent for hours and must find its connections as it left them.
    this.#server.keepAliveTimeout = 0;
    this.#server.requestTimeout = 0;
    this.#server.headersTimeout = 0;
    this.#watchReportedFailures();
  }

  /** Resolves when a process ended that should not, or an extension gave up. */
  get failed(): Promise<Failure> {
    return this.#failed.promise;
  }

  /** Starts everything and waits for the runtime to be ready. Extensions may still be on their way to their first `next`. */
  async start(logStreamName: string): Promise<'ready' | 'restorable' | Failure> {
    await new Promise<void>((resolve, reject) => {
      this.#server.once('error', reject);
      this.#server.listen(0, '127.0.0.1', resolve);
    }).catch((error: unknown) => {
      throw new LocalLambdaError(
        'CANNOT_START',
        `Cannot start sandbox of ${this.#config.name}: no port on 127.0.0.1 (${String(error)})`,
        { cause: error },
      );
    });
    const { port } = this.#server.address() as AddressInfo;
    const identity = { runtimeApi: `127.0.0.1:${port}`, logStreamName };
    this.#startExtensions(extensionEnvironment(this.#config, identity));
    const registered = await Promise.race([this.extensions.allRegistered(), this.failed]);
    if (registered !== undefined) return registered;
    if (this.#stopping) return await this.failed;
    this.#startRuntime(runtimeEnvironment(this.#config, identity));
    return await Promise.race([this.runtime.initialised, this.failed]);
  }

  freeze(): void {
    if (!this.#config.freeze) return;
    this.telemetry.pause();
    for (const process of this.#processes()) process.freeze();
  }

  thaw(): void {
    if (!this.#config.freeze) return;
    for (const process of this.#processes()) process.thaw();
    this.telemetry.resume();
  }

  /** The most memory used at any time so far, in bytes; 0 where the system does not tell. */
  peakMemoryBytes(): number {
    let now = 0;
    for (const process of this.#processes()) now += process.peakMemoryBytes();
    this.#peakMemoryBytes = Math.max(this.#peakMemoryBytes, now);
    return this.#peakMemoryBytes;
  }

  /** Ends the runtime the way the kernel does when memory runs out. */
  killRuntime(): void {
    this.#runtimeProcess?.signal('SIGKILL');
  }

  /**
   * Shuts down: without external extensions at once; else the runtime gets 300 ms, then the extensions what is left of
   * 2 seconds from the `SHUTDOWN` event.
   */
  async stop(reason: ShutdownReason): Promise<void> {
    this.#stopping = true;
    this.peakMemoryBytes();
    this.thaw();
    const started = performance.now();
    const external = [...this.#extensionProcesses.values()].filter((one) => one.alive);
    if (external.length > 0 && reason === 'spindown') {
      this.#runtimeProcess?.signal('SIGTERM');
      await within(this.#runtimeProcess?.exited, runtimeShutdownMs);
    }
    await this.#runtimeProcess?.kill();
    if (external.length > 0) {
      const deadlineMs = Math.round(Date.now() + shutdownMs - (performance.now() - started));
      await within(this.telemetry.flush(), shutdownMs / 4);
      this.extensions.broadcast({
        eventType: 'SHUTDOWN',
        shutdownReason: reason,
        deadlineMs,
      });
      await this.#stopExtensions(shutdownMs - (performance.now() - started));
    }
    this.telemetry.stop();
    this.#server.closeAllConnections();
    await new Promise((resolve) => this.#server.close(resolve));
  }

  async #stopExtensions(budgetMs: number): Promise<void> {
    const told = new Set(
      this.extensions
        .list()
        .filter((one) => one.events.has('SHUTDOWN'))
        .map((one) => one.name),
    );
    await Promise.all(
      [...this.#extensionProcesses].map(async ([name, process]) => {
        // Who did not ask to be told has nothing to finish.
        if (told.has(name)) await within(process.exited, Math.max(0, budgetMs));
        await process.kill();
      }),
    );
  }

  #processes(): ProcessGroup[] {
    const extensions = [...this.#extensionProcesses.values()];
    return this.#runtimeProcess === undefined ? extensions : [...extensions, this.#runtimeProcess];
  }

  #startExtensions(environment: Record<string, string>): void {
    for (const options of this.#config.extensions) {
      const lines = new LineReader((line) => this.#listener.log('extension', line, Date.now()));
      const process = new ProcessGroup({
        command: options.command,
        // Extensions see the function's own variables, too: most are configured by them.
        environment: { ...this.#config.environment, ...environment, ...options.environment },
        cwd: this.#config.taskRoot,
        onOutput: (_stream, chunk) => lines.push(chunk),
      });
      this.#extensionProcesses.set(options.name, process);
      void this.#watchExtension(process, lines);
    }
  }

  #startRuntime(environment: Record<string, string>): void {
    const log = (text: string, epochMs: number): void =>
      this.#listener.log('function', text, epochMs);
    const lines = {
      stdout: new LineReader((line) => log(line, Date.now())),
      stderr: new LineReader((line) => log(line, Date.now())),
    };
    const frames = new LogFrameReader(log);
    const process = new ProcessGroup({
      command: this.#config.command,
      environment: { ...environment, _LAMBDA_TELEMETRY_LOG_FD: '3' },
      cwd: this.#config.taskRoot,
      onOutput: (stream, chunk) => lines[stream].push(chunk),
      onFrame: (chunk) => frames.push(chunk),
    });
    this.#runtimeProcess = process;
    void this.#watchRuntime(process, () => {
      lines.stdout.end();
      lines.stderr.end();
    });
  }

  async #watchExtension(process: ProcessGroup, lines: LineReader): Promise<void> {
    const exit = await process.exited;
    lines.end();
    this.#fail({
      status: 'failure',
      errorType: exit.launchError === undefined ? 'Extension.Crash' : 'Extension.LaunchError',
      message: exit.launchError ?? describeExit(exit),
      reported: undefined,
    });
  }

  async #watchRuntime(process: ProcessGroup, endLines: () => void): Promise<void> {
    const exit = await process.exited;
    endLines();
    if (exit.launchError !== undefined) {
      this.#fail({
        status: 'failure',
        errorType: 'Runtime.InvalidEntrypoint',
        message: exit.launchError,
        reported: undefined,
      });
      return;
    }
    const limit = this.#config.memorySizeMb * 1024 * 1024;
    const outOfMemory = exit.signal === 'SIGKILL' && this.#peakMemoryBytes >= limit;
    this.#fail({
      status: 'failure',
      errorType: outOfMemory ? 'Runtime.OutOfMemory' : 'Runtime.ExitError',
      message:
        exit.code === 0
          ? 'Runtime exited without providing a reason'
          : `Runtime exited with error: ${describeExit(exit)}`,
      reported: undefined,
    });
  }

  #watchReportedFailures(): void {
    void this.runtime.initError.then((reported) => {
      this.peakMemoryBytes();
      return this.#fail({
        status: 'error',
        errorType: reported.errorType,
        message: 'The runtime reported an error while it started',
        reported,
      });
    });
    void this.extensions.failure.then(({ name, errorType, phase }) =>
      this.#fail({
        status: 'failure',
        errorType: phase === 'init' ? 'Extension.InitError' : 'Extension.ExitError',
        message: `extension ${name} reported ${errorType}`,
        reported: undefined,
      }),
    );
  }

  #fail(failure: Failure): void {
    if (!this.#stopping) this.#failed.resolve(failure);
  }

  async #serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { pathname } = new URL(request.url ?? '/', 'http://sandbox');
    const [, version = '', api = ''] = pathname.split('/', 3);
    const rest = pathname.slice(version.length + api.length + 3);
    if (version === '2018-06-01' && api === 'runtime') {
      return await this.runtime.handle(rest, request, response);
    }
    if (version === '2020-01-01' && api === 'extension') {
      return await this.extensions.handle(rest, request, response);
    }
    if (version === '2022-07-01' && api === 'telemetry') {
      return await this.telemetry.handle(request, response);
    }
    request.resume();
    return replyError(response, 404, 'NotFound', `No API at ${pathname}`);
  }
}

function describeExit(exit: ProcessExit): string {
  if (exit.signal === null) return `exit status ${exit.code}`;
  return `signal: ${signalNames[exit.signal] ?? exit.signal}`;
}

/** As Lambda spells them. */
const signalNames: Readonly<Record<string, string>> = {
  SIGKILL: 'killed',
  SIGTERM: 'terminated',
  SIGSEGV: 'segmentation fault',
  SIGABRT: 'aborted',
};

async function within(work: Promise<unknown> | undefined, budgetMs: number): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<void>((resolve) => {
    timer = setTimeout(resolve, budgetMs);
  });
  await Promise.race([work, late]);
  clearTimeout(timer);
}
