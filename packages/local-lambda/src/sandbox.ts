import { randomBytes, randomUUID } from 'node:crypto';
import { setImmediate as nextTurn } from 'node:timers/promises';
import type { ChunkQueue } from './chunk-queue.ts';
import { Environment, type Failure } from './environment.ts';
import type { FunctionConfig } from './function-options.ts';
import type {
  InvocationReport,
  InvocationStatus,
  InvokeOptions,
  InvokeResult,
} from './invocation.ts';
import { endLine, platformLine, type LogLine } from './log-lines.ts';
import {
  parseJson,
  reportMetrics,
  responseOf,
  round,
  statusOf,
  timedOut,
  verdict,
  type Course,
  type Head,
} from './outcome.ts';
import type { TelemetryEvent } from './telemetry-event.ts';
import { invocationTrace, type InvocationTrace } from './trace-header.ts';
import { invocationSegments } from './xray-segments.ts';

/** One invocation on its way through a sandbox. */
export interface Job {
  readonly requestId: string;
  readonly event: Uint8Array;
  readonly options: InvokeOptions;
  readonly output: ChunkQueue;
  /** Called when the caller has its whole answer. */
  readonly onResponded: () => void;
}

/**
 * One sandbox through all of its phases: init, invoke, freeze, thaw, reset, shutdown. Takes one invocation at a time.
 *
 * ```
 *  new ──init──▶ frozen ◀──thaw, invoke, freeze──▶ frozen ──shutdown──▶ closed
 *   └─ init fails ─▶ reset ◀─ timeout, crash ────────┘
 *                      └─ the next invocation initialises again, on its own time
 * ```
 */
export class Sandbox {
  readonly #config: FunctionConfig;
  readonly #logStreamName: string;
  readonly #instanceId: string = randomUUID();
  #environment: Environment | undefined;
  #initialised = false;
  #restorable = false;
  /** Whether a SnapStart function still sleeps in its snapshot. */
  #snapshot = true;
  /** Of a successful init phase, until the first invocation has reported it. */
  #init: { readonly durationMs: number; readonly start: number; readonly end: number } | undefined;
  #lines: LogLine[] = [];

  constructor(config: FunctionConfig) {
    this.#config = config;
    const day = new Date().toISOString().slice(0, 10).replaceAll('-', '/');
    this.#logStreamName = `${day}/[${config.version}]${randomBytes(16).toString('hex')}`;
  }

  /** Runs the init phase ahead of any invocation, once. A failure shows in the logs; the first invocation tries again. */
  async initialise(): Promise<void> {
    if (this.#initialised) return;
    await this.#initPhase();
    this.#environment?.freeze();
  }

  /** Runs one invocation to its end. Whatever the function does is a result. */
  async invoke(job: Job): Promise<InvokeResult> {
    const config = this.#config;
    const receivedAt = epochNow();
    const trace = invocationTrace({
      incoming: job.options.traceHeader,
      mode: config.tracing,
      epochMs: receivedAt,
    });
    let coldStart = this.#environment === undefined;
    if (!this.#initialised) await this.#initPhase();
    const init = this.#init;
    this.#init = undefined;
    if (config.initializationType !== 'on-demand') coldStart = false;

    const clock = this.#deadline(config.timeoutMs);
    const course: Course = {
      startedAt: performance.now(),
      answer: undefined,
      runtimeDoneAt: 0,
      failure: undefined,
    };
    const startedEpoch = epochNow();
    const head: { current: Head | undefined } = { current: undefined };
    if (this.#environment === undefined) {
      course.failure = await this.#initialiseWithin('invoke', config.timeoutMs);
    } else this.#environment.thaw();
    const restoreMs = await this.#restore(clock.passed, course);
    const tracing = {
      type: 'X-Amzn-Trace-Id',
      value: trace.header,
      spanId: trace.functionSegmentId,
    };
    this.#emit('platform.start', { requestId: job.requestId, version: config.version, tracing });
    const environment = this.#environment;
    if (course.failure === undefined && environment !== undefined) {
      await this.#run({
        environment,
        job,
        trace,
        deadlineEpochMs: startedEpoch + config.timeoutMs,
        head,
        course,
        passed: clock.passed,
      });
    } else course.runtimeDoneAt = performance.now();
    const status = statusOf(course);
    this.#emitRuntimeDone(job.requestId, course, tracing);
    job.output.end();
    job.onResponded();
    if (course.failure === undefined && environment !== undefined) {
      const late = await Promise.race([
        environment.extensions.allWaiting(),
        environment.failed,
        clock.passed,
      ]);
      course.failure = late ?? undefined;
    }
    clock.clear();
    await settleOutput();
    const endedAt = performance.now();
    const peak = environment?.peakMemoryBytes() ?? 0;
    if (course.failure === undefined) environment?.freeze();
    const failure = course.failure;
    const finalStatus: InvocationStatus = failure?.status ?? status;
    const errorType = failure?.errorType ?? course.answer?.error?.errorType;
    const report: InvocationReport = {
      status: finalStatus,
      errorType: finalStatus === 'timeout' ? undefined : errorType,
      metrics: reportMetrics({
        config,
        durationMs: endedAt - course.startedAt,
        init,
        restoreMs,
        peak,
      }),
      responseLatencyMs:
        course.answer === undefined ? undefined : course.answer.startedAt - course.startedAt,
      coldStart,
    };
    this.#logEnd(job.requestId, failure);
    this.#emit('platform.report', {
      requestId: job.requestId,
      status: report.status,
      ...(report.errorType === undefined ? {} : { errorType: report.errorType }),
      metrics: report.metrics,
      tracing,
    });
    this.#emitSegments({ job, trace, course, init, receivedAt, startedEpoch, report });
    if (failure !== undefined) await this.#reset(failure);
    const lines = this.#lines;
    this.#lines = [];
    return {
      requestId: job.requestId,
      ...responseOf({
        config,
        requestId: job.requestId,
        course,
        head: head.current,
        produced: () => job.output.concat(),
      }),
      traceHeader: trace.header,
      report,
      logs: lines,
    };
  }

  /** Ends the sandbox: extensions get their `SHUTDOWN` event. */
  async shutdown(): Promise<void> {
    const environment = this.#environment;
    this.#environment = undefined;
    this.#initialised = true;
    await environment?.stop('spindown');
  }

  async #run(options: {
    readonly environment: Environment;
    readonly job: Job;
    readonly trace: InvocationTrace;
    readonly deadlineEpochMs: number;
    readonly head: { current: Head | undefined };
    readonly course: Course;
    readonly passed: Promise<Failure>;
  }): Promise<void> {
    const { environment, job, trace, deadlineEpochMs, head, course, passed } = options;
    const { qualifier, clientContext, cognitoIdentity, tenantId } = job.options;
    const arn = this.#config.arn;
    const invokedFunctionArn = qualifier === undefined ? arn : `${arn}:${qualifier}`;
    const watch = this.#watchMemory(environment);
    // A sandbox may have died in its sleep.
    const dead = await Promise.race([environment.failed, settleOutput()]);
    if (dead !== undefined) {
      clearInterval(watch);
      course.failure = dead;
      course.runtimeDoneAt = performance.now();
      return;
    }
    const invokeEvent = {
      eventType: 'INVOKE' as const,
      deadlineMs: deadlineEpochMs,
      requestId: job.requestId,
      invokedFunctionArn,
      tracing: { type: 'X-Amzn-Trace-Id', value: trace.header },
    };
    environment.extensions.broadcast(invokeEvent);
    const answered = environment.runtime.offer(
      {
        requestId: job.requestId,
        event: job.event,
        deadlineEpochMs,
        invokedFunctionArn,
        traceHeader: trace.header,
        clientContext: clientContext === undefined ? undefined : JSON.stringify(clientContext),
        cognitoIdentity:
          cognitoIdentity === undefined ? undefined : JSON.stringify(cognitoIdentity),
        tenantId,
      },
      {
        start: (found) => {
          head.current = found;
        },
        write: (chunk) => job.output.push(chunk),
      },
    );
    const first = await Promise.race([answered, environment.failed, passed]);
    if ('producedBytes' in first) {
      course.answer = first;
      if (first.error === undefined) {
        job.output.end();
        job.onResponded();
      }
      const late = await Promise.race([environment.runtime.idle, environment.failed, passed]);
      course.failure = late ?? undefined;
    } else course.failure = first;
    clearInterval(watch);
    await settleOutput();
    course.runtimeDoneAt = performance.now();
  }

  #watchMemory(environment: Environment): NodeJS.Timeout | undefined {
    if (!this.#config.enforceMemory) return undefined;
    const limit = this.#config.memorySizeMb * 1024 * 1024;
    return setInterval(() => {
      if (environment.peakMemoryBytes() >= limit) environment.killRuntime();
    }, 25);
  }

  /** The init phase proper, with its own time limit; a failure is thrown away with its processes. */
  async #initPhase(): Promise<void> {
    this.#initialised = true;
    const start = epochNow();
    const started = performance.now();
    const failure = await this.#initialiseWithin('init', this.#config.initTimeoutMs);
    if (failure === undefined) {
      this.#init = { durationMs: performance.now() - started, start, end: epochNow() };
    } else await this.#reset(failure);
  }

  async #initialiseWithin(
    phase: 'init' | 'invoke',
    timeoutMs: number,
  ): Promise<Failure | undefined> {
    const config = this.#config;
    const environment = new Environment(config, {
      log: (source, text, epochMs) => this.#log(source, text, epochMs),
      extensionReady: ({ name, events }) =>
        this.#emit('platform.extension', { name, state: 'Ready', events: [...events] }),
      subscribed: (name, types) =>
        this.#emit('platform.telemetrySubscription', { name, state: 'Subscribed', types }),
    });
    this.#environment = environment;
    const { initializationType } = config;
    const started = performance.now();
    const clock = this.#deadline(timeoutMs);
    this.#emit('platform.initStart', {
      initializationType,
      phase,
      ...this.#runtimeVersion(),
      functionName: config.name,
      functionVersion: config.version,
      instanceId: this.#instanceId,
      instanceMaxMemory: config.memorySizeMb * 1024 * 1024,
    });
    const outcome = await Promise.race([environment.start(this.#logStreamName), clock.passed]);
    let failure = typeof outcome === 'string' ? undefined : outcome;
    this.#restorable = outcome === 'restorable';
    await settleOutput();
    this.#emit('platform.initRuntimeDone', { initializationType, phase, ...verdict(failure) });
    if (failure === undefined) {
      failure =
        (await Promise.race([
          environment.extensions.allWaiting(),
          environment.failed,
          clock.passed,
        ])) ?? undefined;
    }
    clock.clear();
    // A first invocation may end the process before anyone could ask for its memory.
    environment.peakMemoryBytes();
    environment.extensions.close();
    this.#emit('platform.initReport', {
      initializationType,
      phase,
      ...verdict(failure),
      metrics: { durationMs: round(performance.now() - started) },
    });
    environment.telemetry.close();
    return failure;
  }

  /** Of a SnapStart function's first invocation: wakes the runtime from its snapshot. Returns how long that took. */
  async #restore(passed: Promise<Failure>, course: Course): Promise<number | undefined> {
    const environment = this.#environment;
    if (this.#config.initializationType !== 'snap-start' || course.failure !== undefined) {
      return undefined;
    }
    if (environment === undefined || !this.#snapshot) return undefined;
    this.#snapshot = false;
    const started = performance.now();
    this.#emit('platform.restoreStart', {
      ...this.#runtimeVersion(),
      functionName: this.#config.name,
      functionVersion: this.#config.version,
      instanceId: this.#instanceId,
      instanceMaxMemory: this.#config.memorySizeMb * 1024 * 1024,
    });
    if (this.#restorable) {
      const restored = environment.runtime.restore();
      const outcome = await Promise.race([restored, environment.failed, passed]);
      if (outcome !== undefined) {
        course.failure =
          'status' in outcome
            ? outcome
            : {
                status: 'error',
                errorType: outcome.errorType,
                message: 'A hook that runs after restore failed',
                reported: outcome,
              };
      }
    }
    const durationMs = performance.now() - started;
    this.#emit('platform.restoreRuntimeDone', verdict(course.failure));
    this.#emit('platform.restoreReport', {
      ...verdict(course.failure),
      metrics: { durationMs: round(durationMs) },
    });
    return durationMs;
  }

  async #reset(failure: Failure): Promise<void> {
    const environment = this.#environment;
    this.#environment = undefined;
    await environment?.stop(failure.status === 'timeout' ? 'timeout' : 'failure');
  }

  #emitRuntimeDone(requestId: string, course: Course, tracing: object): void {
    const { answer, failure, startedAt, runtimeDoneAt } = course;
    const status = statusOf(course);
    const errorType = failure?.errorType ?? answer?.error?.errorType;
    const offset = epochNow() - performance.now();
    const span = (name: string, from: number, to: number): object => ({
      name,
      start: new Date(from + offset).toISOString(),
      durationMs: round(to - from),
    });
    this.#emit('platform.runtimeDone', {
      requestId,
      status,
      ...(errorType === undefined || status === 'timeout' ? {} : { errorType }),
      metrics: {
        durationMs: round(runtimeDoneAt - startedAt),
        ...(answer === undefined ? {} : { producedBytes: answer.producedBytes }),
      },
      spans:
        answer === undefined
          ? []
          : [
              span('responseLatency', startedAt, answer.startedAt),
              span('responseDuration', answer.startedAt, answer.endedAt),
              span('runtimeOverhead', answer.endedAt, runtimeDoneAt),
            ],
      tracing,
    });
  }

  /** What text logging writes between the function's lines and `REPORT`. */
  #logEnd(requestId: string, failure: Failure | undefined): void {
    if (this.#config.logFormat !== 'Text') return;
    const time = new Date().toISOString();
    if (failure?.status === 'timeout') {
      this.#line('platform', `${time} ${requestId} ${timedOut(this.#config.timeoutMs)}`, time);
    } else if (failure !== undefined && failure.reported === undefined) {
      this.#line(
        'platform',
        `RequestId: ${requestId} Error: ${failure.message}\n${failure.errorType}`,
        time,
      );
    }
    this.#line('platform', endLine(requestId), time);
  }

  #emitSegments(options: {
    readonly job: Job;
    readonly trace: InvocationTrace;
    readonly course: Course;
    readonly init: { readonly start: number; readonly end: number } | undefined;
    readonly receivedAt: number;
    readonly startedEpoch: number;
    readonly report: InvocationReport;
  }): void {
    const { job, trace, course, init, receivedAt, startedEpoch, report } = options;
    const segments = invocationSegments({
      trace,
      requestId: job.requestId,
      functionName: this.#config.name,
      functionArn: this.#config.arn,
      initStart: init?.start,
      initEnd: init?.end,
      receivedAt,
      startedAt: startedEpoch,
      runtimeDoneAt: startedEpoch + (course.runtimeDoneAt - course.startedAt),
      endedAt: epochNow(),
      failed: report.status !== 'success',
      cause: parseJson(course.answer?.error?.xrayCause),
    });
    for (const segment of segments) this.#config.onSegment(segment);
  }

  #runtimeVersion(): { runtimeVersion: string; runtimeVersionArn: string } {
    const { runtimeName, region } = this.#config;
    return {
      runtimeVersion: `${runtimeName.replace(/(\d)/, ':$1').replace(/\.x$/, '')}.local`,
      runtimeVersionArn: `arn:aws:lambda:${region}::runtime:${'0'.repeat(64)}`,
    };
  }

  #deadline(timeoutMs: number): { readonly passed: Promise<Failure>; clear(): void } {
    const { promise, resolve } = Promise.withResolvers<Failure>();
    const timer = setTimeout(() => {
      resolve({
        status: 'timeout',
        errorType: 'Sandbox.Timedout',
        message: timedOut(timeoutMs),
        reported: undefined,
      });
    }, timeoutMs);
    return { passed: promise, clear: () => clearTimeout(timer) };
  }

  #emit(type: string, record: object): void {
    const event: TelemetryEvent = { time: new Date().toISOString(), type, record };
    const { logFormat, systemLogLevel } = this.#config;
    const line = platformLine(event, logFormat, systemLogLevel);
    if (line !== undefined) this.#line('platform', line, event.time);
    this.#publish(event);
  }

  #log(source: 'function' | 'extension', text: string, epochMs: number): void {
    const time = new Date(epochMs).toISOString();
    this.#line(source, text.replace(/\n$/, ''), time);
    const parsed = this.#config.logFormat === 'JSON' ? parseJson(text) : undefined;
    const record = typeof parsed === 'object' && parsed !== null ? parsed : text;
    this.#publish({ time, type: source, record });
  }

  #line(source: LogLine['source'], text: string, time: string): void {
    const line: LogLine = { time, source, text };
    this.#lines.push(line);
    this.#config.onLog(line);
  }

  #publish(event: TelemetryEvent): void {
    this.#config.onTelemetry(event);
    this.#environment?.telemetry.publish(event);
  }
}

/** Output written before a request was sent has reached our end of the pipe: one turn of the loop reads it. */
async function settleOutput(): Promise<undefined> {
  await nextTurn();
  await nextTurn();
  return undefined;
}

function epochNow(): number {
  return performance.timeOrigin + performance.now();
}
