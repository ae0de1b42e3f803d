import type { Failure } from './environment.ts';
import type { FunctionConfig } from './function-options.ts';
import type { InvocationStatus, InvokeResult } from './invocation.ts';
import type { ReportMetrics } from './log-lines.ts';
import type { RuntimeAnswer } from './runtime-api.ts';

/** What became of the parts of an invocation; times are of `performance.now()`. */
export interface Course {
  readonly startedAt: number;
  answer: RuntimeAnswer | undefined;
  runtimeDoneAt: number;
  failure: Failure | undefined;
}

/** What a response says before its first byte. */
export interface Head {
  readonly contentType: string;
  readonly streamed: boolean;
}

/**
 * Only an enforced limit caps the number: elsewhere a value equal to the size would tell readers of the log that memory ran out.
 * Where the system cannot be asked, the size is the one number that is surely not too small.
 */
function shownMemoryMb(usedMb: number, config: FunctionConfig): number {
  if (process.platform !== 'linux') return config.memorySizeMb;
  return config.enforceMemory ? Math.min(usedMb, config.memorySizeMb) : usedMb;
}

/** The numbers of `REPORT`. */
export function reportMetrics(measured: {
  readonly config: FunctionConfig;
  readonly durationMs: number;
  readonly init: { readonly durationMs: number } | undefined;
  readonly restoreMs: number | undefined;
  readonly peak: number;
}): ReportMetrics {
  const { config, durationMs, init, restoreMs, peak } = measured;
  const { memorySizeMb, initializationType } = config;
  // Since August 2025 an on-demand function's init phase is billed with its first invocation.
  const initMs = initializationType === 'on-demand' ? init?.durationMs : undefined;
  const usedMb = Math.max(1, Math.ceil(peak / 1024 / 1024));
  return {
    durationMs: round(durationMs),
    billedDurationMs: Math.ceil(durationMs + (initMs ?? 0)),
    memorySizeMB: memorySizeMb,
    maxMemoryUsedMB: shownMemoryMb(usedMb, config),
    ...(initMs === undefined ? {} : { initDurationMs: round(initMs) }),
    ...(restoreMs === undefined
      ? {}
      : { restoreDurationMs: round(restoreMs), billedRestoreDurationMs: Math.ceil(restoreMs) }),
  };
}

/** What the caller gets: the response, what the runtime reported, or what the platform has to say about it. */
export function responseOf(options: {
  readonly config: FunctionConfig;
  readonly requestId: string;
  readonly course: Course;
  readonly head: Head | undefined;
  /** All that the function has produced. */
  readonly produced: () => Buffer;
}): Pick<InvokeResult, 'functionError' | 'payload' | 'body' | 'contentType' | 'streamed'> {
  const { config, requestId, course, head, produced } = options;
  const { answer, failure } = course;
  if (answer !== undefined && answer.error === undefined && head !== undefined) {
    const body = produced();
    return { functionError: undefined, payload: payloadOf(body), body, ...head };
  }
  const body =
    answer?.error?.body ?? failure?.reported?.body ?? platformError(config, requestId, failure);
  return {
    functionError: 'Unhandled',
    payload: payloadOf(body),
    body,
    contentType: 'application/json',
    streamed: head?.streamed ?? false,
  };
}

function platformError(
  config: FunctionConfig,
  requestId: string,
  failure: Failure | undefined,
): Buffer {
  const timeout = failure?.status === 'timeout';
  const message = timeout ? timedOut(config.timeoutMs) : (failure?.message ?? 'Unknown');
  return Buffer.from(
    JSON.stringify({
      errorType: timeout ? 'Sandbox.Timedout' : (failure?.errorType ?? 'Runtime.Unknown'),
      errorMessage: `RequestId: ${requestId} Error: ${message}`,
    }),
  );
}

/** How the runtime's part of an invocation ended. */
export function statusOf(course: Course): InvocationStatus {
  if (course.failure !== undefined) return course.failure.status;
  return course.answer?.error === undefined ? 'success' : 'error';
}

/** The fields in which phase events say how it went. */
export function verdict(failure: Failure | undefined): {
  status: InvocationStatus;
  errorType?: string;
} {
  if (failure === undefined) return { status: 'success' };
  if (failure.status === 'timeout') return { status: 'timeout' };
  return { status: failure.status, errorType: failure.errorType };
}

/** In the words that log parsers look for. */
export function timedOut(timeoutMs: number): string {
  return `Task timed out after ${(timeoutMs / 1000).toFixed(2)} seconds`;
}

/** Lambda reports microseconds. */
export function round(ms: number): number {
  return Math.round(ms * 1000) / 1000;
}

/** `undefined` for what is not JSON. */
export function parseJson(text: string | undefined): unknown {
  if (text === undefined) return undefined;
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return undefined;
  }
}

function payloadOf(body: Uint8Array): unknown {
  const text = Buffer.from(body).toString();
  return text === '' ? undefined : (parseJson(text) ?? text);
}
