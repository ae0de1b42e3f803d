import { randomHex, type InvocationTrace, type RandomHex } from './trace-header.ts';

/** A segment document as the Lambda service sends it. Times are epoch seconds. */
export interface XRaySegment {
  readonly id: string;
  readonly trace_id: string;
  readonly parent_id?: string;
  readonly name: string;
  readonly origin: 'AWS::Lambda' | 'AWS::Lambda::Function';
  readonly start_time: number;
  readonly end_time: number;
  readonly error?: boolean;
  readonly fault?: boolean;
  readonly resource_arn: string;
  readonly http?: { readonly response: { readonly status: number } };
  readonly aws: Readonly<Record<string, unknown>>;
  readonly cause?: unknown;
  readonly subsegments?: readonly XRaySubsegment[];
}

/** A part of a function segment: `Initialization`, `Invocation`, `Overhead`. */
export interface XRaySubsegment {
  readonly id: string;
  readonly name: string;
  readonly start_time: number;
  readonly end_time: number;
  readonly fault?: boolean;
}

/** What a finished invocation looked like. Times are epoch milliseconds, with fractions. */
export interface FinishedInvocation {
  readonly trace: InvocationTrace;
  readonly requestId: string;
  readonly functionName: string;
  readonly functionArn: string;
  readonly initStart: number | undefined;
  readonly initEnd: number | undefined;
  readonly receivedAt: number;
  readonly startedAt: number;
  readonly runtimeDoneAt: number;
  readonly endedAt: number;
  readonly failed: boolean;
  /** What the runtime said in `Lambda-Runtime-Function-XRay-Error-Cause`. */
  readonly cause: unknown;
}

/**
 * The two segments of a sampled invocation: the service (`AWS::Lambda`), whose parent is the caller, and below it the function
 * (`AWS::Lambda::Function`), whose id the function was given as `Parent`. None for an unsampled one.
 */
export function invocationSegments(
  done: FinishedInvocation,
  random: RandomHex = randomHex,
): XRaySegment[] {
  const { trace } = done;
  if (!trace.sampled) return [];
  const fault = done.failed ? { fault: true } : {};
  const common = {
    trace_id: trace.root,
    name: done.functionName,
    resource_arn: done.functionArn,
    ...fault,
  };
  const subsegments: XRaySubsegment[] = [];
  if (done.initStart !== undefined && done.initEnd !== undefined) {
    subsegments.push(part('Initialization', done.initStart, done.initEnd));
  }
  subsegments.push({ ...part('Invocation', done.startedAt, done.runtimeDoneAt), ...fault });
  subsegments.push(part('Overhead', done.runtimeDoneAt, done.endedAt));
  return [
    {
      ...common,
      id: trace.serviceSegmentId,
      ...(trace.callerId === undefined ? {} : { parent_id: trace.callerId }),
      origin: 'AWS::Lambda',
      start_time: done.receivedAt / 1000,
      end_time: done.endedAt / 1000,
      // The call of the function succeeded even if the function did not.
      http: { response: { status: 200 } },
      aws: { request_id: done.requestId },
    },
    {
      ...common,
      id: trace.functionSegmentId,
      parent_id: trace.serviceSegmentId,
      origin: 'AWS::Lambda::Function',
      start_time: done.startedAt / 1000,
      end_time: done.endedAt / 1000,
      aws: { function_arn: done.functionArn, request_id: done.requestId },
      ...(done.cause === undefined ? {} : { cause: done.cause }),
      subsegments,
    },
  ];

  function part(name: string, startMs: number, endMs: number): XRaySubsegment {
    return { id: random(8), name, start_time: startMs / 1000, end_time: endMs / 1000 };
  }
}
