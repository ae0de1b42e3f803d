import { randomBytes } from 'node:crypto';
import { LocalLambdaError } from './errors.ts';

/** The parts of an `X-Amzn-Trace-Id` header. */
export interface TraceHeader {
  /** `1-<8 hex digits of epoch seconds>-<24 hex digits>` */
  readonly root: string;
  /** 16 hex digits; `undefined` when the caller had no segment of its own. */
  readonly parent: string | undefined;
  /** `undefined` leaves the decision to whoever comes next. */
  readonly sampled: boolean | undefined;
  /** Guards against endless loops of invocations; passed on untouched. */
  readonly lineage: string | undefined;
}

/** Makes lower-case hex ids of `bytes` bytes. Given by tests that need the same ids every time. */
export type RandomHex = (bytes: number) => string;

/** Ids from the system's random source. */
export function randomHex(bytes: number): string {
  return randomBytes(bytes).toString('hex');
}

/** A new trace that starts at `epochMs`. */
export function newTraceRoot(epochMs: number, random: RandomHex = randomHex): string {
  const seconds = Math.floor(epochMs / 1000)
    .toString(16)
    .padStart(8, '0');
  return `1-${seconds}-${random(12)}`;
}

/**
 * Reads a header in any order of its parts; unknown parts (`Self`, a caller's own data) are skipped.
 *
 * @throws {LocalLambdaError} `BAD_TRACE_HEADER` if the root or parent is not of its form.
 */
export function parseTraceHeader(text: string): TraceHeader {
  const parts = new Map<string, string>();
  for (const part of text.split(';')) {
    const equals = part.indexOf('=');
    if (equals > 0) parts.set(part.slice(0, equals).trim(), part.slice(equals + 1).trim());
  }
  const root = parts.get('Root');
  if (root === undefined || !/^1-[0-9a-f]{8}-[0-9a-f]{24}$/i.test(root)) {
    throw new LocalLambdaError(
      'BAD_TRACE_HEADER',
      `Cannot read trace header '${text}': expected Root=1-<8 hex>-<24 hex>`,
    );
  }
  const parent = parts.get('Parent');
  if (parent !== undefined && !/^[0-9a-f]{16}$/i.test(parent)) {
    throw new LocalLambdaError(
      'BAD_TRACE_HEADER',
      `Cannot read trace header '${text}': expected 16 hex digits as Parent`,
    );
  }
  const sampled = parts.get('Sampled');
  return {
    root,
    parent,
    sampled: sampled === '1' ? true : sampled === '0' ? false : undefined,
    lineage: parts.get('Lineage'),
  };
}

/** Prints a header in the order in which Lambda writes it. */
export function formatTraceHeader(header: TraceHeader): string {
  const parts = [`Root=${header.root}`];
  if (header.parent !== undefined) parts.push(`Parent=${header.parent}`);
  if (header.sampled !== undefined) parts.push(`Sampled=${header.sampled ? '1' : '0'}`);
  if (header.lineage !== undefined) parts.push(`Lineage=${header.lineage}`);
  return parts.join(';');
}

/** The trace of one invocation: what the runtime is told, and the ids of the segments that Lambda itself emits. */
export interface InvocationTrace {
  readonly root: string;
  readonly sampled: boolean;
  /** The caller's segment. */
  readonly callerId: string | undefined;
  /** Segment `AWS::Lambda`: the service. */
  readonly serviceSegmentId: string;
  /** Segment `AWS::Lambda::Function`: the parent of all that the function records. */
  readonly functionSegmentId: string;
  /** The `Lambda-Runtime-Trace-Id` header. */
  readonly header: string;
}

/**
 * The trace of an invocation that came with `incoming`.
 *
 * Active tracing decides for itself when the caller left the decision open (the first request of a second is always
 * sampled, so locally it is always yes); pass-through only follows a caller that sampled.
 */
export function invocationTrace(options: {
  readonly incoming: string | undefined;
  readonly mode: 'Active' | 'PassThrough';
  readonly epochMs: number;
  readonly random?: RandomHex;
}): InvocationTrace {
  const { incoming, mode, epochMs, random = randomHex } = options;
  const caller = incoming === undefined ? undefined : parseTraceHeader(incoming);
  const root = caller?.root ?? newTraceRoot(epochMs, random);
  const sampled = caller?.sampled ?? mode === 'Active';
  const functionSegmentId = random(8);
  return {
    root,
    sampled,
    callerId: caller?.parent,
    serviceSegmentId: random(8),
    functionSegmentId,
    header: formatTraceHeader({
      root,
      parent: functionSegmentId,
      sampled,
      lineage: caller?.lineage,
    }),
  };
}
