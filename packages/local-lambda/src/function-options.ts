import { LocalLambdaError } from './errors.ts';
import type { LogLine } from './log-lines.ts';
import { partitionOf } from './partition.ts';
import type { TelemetryEvent } from './telemetry-event.ts';
import type { XRaySegment } from './xray-segments.ts';

/** How a sandbox came to be. */
export type InitializationType = 'on-demand' | 'provisioned-concurrency' | 'snap-start';

/** An external extension: on Lambda an executable in `/opt/extensions`. */
export interface ExtensionOptions {
  /** On Lambda the file's name. The extension must register under it. */
  readonly name: string;
  /** Program and arguments. */
  readonly command: readonly string[];
  readonly environment?: Readonly<Record<string, string>>;
}

/** A function, as its configuration would say. Only `taskRoot` and `handler` have no default. */
export interface FunctionOptions {
  /** The folder with the function's code: `/var/task` on Lambda. */
  readonly taskRoot: string;
  readonly handler: string;
  readonly name?: string;
  readonly version?: string;
  readonly region?: string;
  readonly accountId?: string;
  /** Program and arguments of the runtime. Default: the Node runtime of this package. */
  readonly command?: readonly string[];
  /** For `AWS_EXECUTION_ENV` and `INIT_START`. */
  readonly runtimeName?: string;
  readonly environment?: Readonly<Record<string, string>>;
  readonly extensions?: readonly ExtensionOptions[];
  readonly memorySizeMb?: number;
  /** Kill the runtime once the sandbox uses more than `memorySizeMb`. Off by default: local processes are larger. */
  readonly enforceMemory?: boolean;
  readonly timeoutMs?: number;
  /** Lambda gives an initialisation 10 seconds before it starts it again within the invocation. */
  readonly initTimeoutMs?: number;
  readonly initializationType?: InitializationType;
  /** How many sandboxes may run at once; further invocations wait for one. */
  readonly concurrency?: number;
  /** Stop a sandbox's processes between invocations, as Lambda does. */
  readonly freeze?: boolean;
  readonly tracing?: 'Active' | 'PassThrough';
  /** `host:port` for `AWS_XRAY_DAEMON_ADDRESS`. */
  readonly xrayDaemonAddress?: string;
  readonly logFormat?: 'Text' | 'JSON';
  readonly applicationLogLevel?: string;
  readonly systemLogLevel?: 'DEBUG' | 'INFO' | 'WARN';
  /** Every line that CloudWatch would get, in order. */
  readonly onLog?: (line: LogLine) => void;
  /** Every telemetry event, subscribed to or not. */
  readonly onTelemetry?: (event: TelemetryEvent) => void;
  /** The segments that the Lambda service sends to X-Ray for a sampled invocation. */
  readonly onSegment?: (segment: XRaySegment) => void;
}

/** `FunctionOptions` with every default in place. */
export interface FunctionConfig {
  readonly taskRoot: string;
  readonly handler: string;
  readonly name: string;
  readonly version: string;
  readonly region: string;
  readonly accountId: string;
  readonly arn: string;
  readonly command: readonly string[];
  readonly runtimeName: string;
  readonly environment: Readonly<Record<string, string>>;
  readonly extensions: readonly ExtensionOptions[];
  readonly memorySizeMb: number;
  readonly enforceMemory: boolean;
  readonly timeoutMs: number;
  readonly initTimeoutMs: number;
  readonly initializationType: InitializationType;
  readonly concurrency: number;
  readonly freeze: boolean;
  readonly tracing: 'Active' | 'PassThrough';
  readonly xrayDaemonAddress: string;
  readonly logFormat: 'Text' | 'JSON';
  readonly applicationLogLevel: string | undefined;
  readonly systemLogLevel: 'DEBUG' | 'INFO' | 'WARN';
  readonly onLog: (line: LogLine) => void;
  readonly onTelemetry: (event: TelemetryEvent) => void;
  readonly onSegment: (segment: XRaySegment) => void;
}

/**
 * Puts the defaults in and refuses what Lambda would refuse.
 *
 * @throws {LocalLambdaError} `BAD_OPTION`, naming the option, what was found and what is accepted.
 */
export function functionConfig(
  options: FunctionOptions,
  defaultCommand: readonly string[],
): FunctionConfig {
  const name = options.name ?? 'local-function';
  const region = options.region ?? 'eu-west-1';
  const accountId = options.accountId ?? '123456789012';
  if (options.handler === '') bad('handler', 'nothing', 'a handler such as index.handler');
  if (!/^\d{12}$/.test(accountId)) bad('accountId', accountId, '12 digits');
  if (!/^[a-zA-Z0-9-_]{1,64}$/.test(name)) bad('name', name, '1 to 64 letters, digits, - and _');
  if (options.command?.length === 0) bad('command', 'an empty list', 'a program and its arguments');
  const extensions = options.extensions ?? [];
  if (extensions.length > 10) bad('extensions', `${extensions.length}`, 'at most 10');
  if (new Set(extensions.map((one) => one.name)).size < extensions.length) {
    bad('extensions', 'a name twice', 'a name of its own for each');
  }
  for (const one of extensions) {
    if (one.command.length === 0) {
      bad(`extensions (${one.name})`, 'an empty command', 'a program and its arguments');
    }
  }
  return {
    taskRoot: options.taskRoot,
    handler: options.handler,
    name,
    version: options.version ?? '$LATEST',
    region,
    accountId,
    arn: `arn:${partitionOf(region)}:lambda:${region}:${accountId}:function:${name}`,
    command: options.command ?? defaultCommand,
    runtimeName: options.runtimeName ?? `nodejs${process.versions.node.split('.')[0]}.x`,
    environment: options.environment ?? {},
    extensions,
    memorySizeMb: within('memorySizeMb', options.memorySizeMb ?? 128, 128, 10_240),
    enforceMemory: options.enforceMemory ?? false,
    timeoutMs: within('timeoutMs', options.timeoutMs ?? 3000, 1, 900_000),
    initTimeoutMs: within('initTimeoutMs', options.initTimeoutMs ?? 10_000, 1, 900_000),
    initializationType: options.initializationType ?? 'on-demand',
    concurrency: within('concurrency', options.concurrency ?? 1, 1, 1000),
    freeze: options.freeze ?? true,
    tracing: options.tracing ?? 'PassThrough',
    xrayDaemonAddress: options.xrayDaemonAddress ?? '127.0.0.1:2000',
    logFormat: options.logFormat ?? 'Text',
    applicationLogLevel: options.applicationLogLevel,
    systemLogLevel: options.systemLogLevel ?? 'INFO',
    onLog: options.onLog ?? ignore,
    onTelemetry: options.onTelemetry ?? ignore,
    onSegment: options.onSegment ?? ignore,
  };
}

function within(option: string, value: number, least: number, most: number): number {
  if (!Number.isInteger(value) || value < least || value > most) {
    bad(option, String(value), `a whole number from ${least} to ${most}`);
  }
  return value;
}

function bad(option: string, found: string, accepted: string): never {
  throw new LocalLambdaError(
    'BAD_OPTION',
    `Cannot start function: option ${option} is ${found}; give ${accepted}`,
  );
}

function ignore(): void {}
