// A state machine has no tracer: every program that sees one of its executions computes the same ids from its names.
import { sha256 } from '../sha256.ts';
import { isObject, textOf, type Loose } from '../loose.ts';
import { parseDecimalId, type TraceContext } from './trace-context.ts';

/** What a state machine says about the execution and the state that an event came from. */
export interface StepFunctions {
  readonly context: TraceContext;
  /** Tags for the function's span. */
  readonly tags: Readonly<Record<string, string>>;
}

/** The context object in an event: at its root, under `Payload`, under `_datadog`, or in both. */
export function readStepFunctions(event: unknown): StepFunctions | undefined {
  if (!isObject(event)) return undefined;
  const payload = event['Payload'];
  const outer =
    isObject(payload) && (isObject(payload['_datadog']) || isValid(payload)) ? payload : event;
  const inner = outer['_datadog'];
  const found = isObject(inner) ? inner : outer;
  return isValid(found) ? fromContextObject(found) : undefined;
}

function isValid(value: Loose | undefined): boolean {
  return (
    textOf(value?.['Execution']?.['Id']) !== undefined &&
    textOf(value?.['State']?.['EnteredTime']) !== undefined &&
    textOf(value?.['State']?.['Name']) !== undefined
  );
}

function fromContextObject(object: Loose): StepFunctions | undefined {
  const execution = textOf(object['Execution']?.['Id']) ?? '';
  const entered = textOf(object['State']?.['EnteredTime']) ?? '';
  const state = textOf(object['State']?.['Name']) ?? '';
  const retries = count(object['State']?.['RetryCount']);
  const redrives = count(object['Execution']?.['RedriveCount']);
  const again = retries === '0' && redrives === '0' ? '' : `#${retries}#${redrives}`;
  const tags: Record<string, string> = {
    execution_id: execution,
    redrive_count: redrives,
    retry_count: retries,
    state_entered_time: entered,
    state_name: state,
  };
  const version = textOf(object['serverless-version']);
  const root = textOf(object['RootExecutionId']);
  let ids: Pick<TraceContext, 'traceId' | 'traceHigh'>;
  if (version === 'v1' && root !== undefined) {
    ids = hashed(root);
    tags['root_execution_id'] = root;
    tags['serverless_version'] = version;
  } else {
    const carrier = version === 'v1' ? object : object['Execution']?.['Input']?.['_datadog'];
    const given = lambdaRoot(carrier);
    if (given !== undefined) {
      ids = given;
      tags['trace_id'] = String(given.traceId);
      tags['dd_p_tid'] = given.traceHigh;
      tags['serverless_version'] = version ?? 'legacy-lambda-root';
    } else if (version === 'v1') return undefined;
    else ids = hashed(execution);
  }
  const parent = sha256().update(`${execution}#${state}#${entered}${again}`).digest();
  return { context: { ...ids, spanId: positive(parent, 0), priority: 1 }, tags };
}

/** The trace of a function that started the machine. The Java tracer writes the tags as an object. */
function lambdaRoot(
  carrier: Loose | undefined,
): Pick<TraceContext, 'traceId' | 'traceHigh'> | undefined {
  const traceId = parseDecimalId(carrier?.['x-datadog-trace-id']);
  const tags: unknown = carrier?.['x-datadog-tags'];
  if (!traceId || (typeof tags !== 'string' && !isObject(tags))) return undefined;
  const high = isObject(tags)
    ? textOf(tags['_dd.p.tid'])
    : /(?:^|,)_dd\.p\.tid=([\da-f]{1,16})(?:,|$)/i.exec(tags)?.[1];
  return { traceId, traceHigh: high?.toLowerCase().padStart(16, '0') ?? '' };
}

function hashed(text: string): Pick<TraceContext, 'traceId' | 'traceHigh'> {
  const digest = sha256().update(text).digest();
  return {
    traceId: positive(digest, 8),
    traceHigh: positive(digest, 0).toString(16).padStart(16, '0'),
  };
}

/** 63 bits of a digest; zero is no id. */
function positive(digest: Buffer, offset: number): bigint {
  return digest.readBigUInt64BE(offset) & 0x7fff_ffff_ffff_ffffn || 1n;
}

function count(value: unknown): string {
  return typeof value === 'number' || typeof value === 'string' ? String(value) : '0';
}
