import { createHash } from 'node:crypto';
import { isJsonObject, type TraceId } from '@spanloom/base';
import { parseDecimalTraceId } from './xray-ids.ts';
import type { TraceContext } from './trace-context.ts';

/**
 * The context a Lambda library derives of the state machine that invoked it. A state machine sends no headers: both sides hash
 * the same facts instead. Top bits are cleared, and zero becomes 1.
 *
 * @param facts What the library recorded, as `root_span_metadata`: `execution_id`, `state_name`, `state_entered_time`,
 *   `retry_count`, `redrive_count`, and `root_execution_id` or `trace_id` where a parent machine or function started it.
 */
export function stepFunctionsContext(
  facts: Readonly<Record<string, unknown>>,
): TraceContext | undefined {
  const execution = textOf(facts['execution_id']);
  const state = textOf(facts['state_name']);
  const entered = textOf(facts['state_entered_time']);
  if (execution === '' || state === '' || entered === '') return undefined;
  const retry = textOf(facts['retry_count']) || '0';
  const redrive = textOf(facts['redrive_count']) || '0';
  const attempt = retry === '0' && redrive === '0' ? '' : `#${retry}#${redrive}`;
  const parent = digest(`${execution}#${state}#${entered}${attempt}`);
  const traceId =
    givenTraceId(facts) ?? hashedTraceId(textOf(facts['root_execution_id']) || execution);
  return { traceId, parentId: positive63(parent, 0) };
}

/** The context in the JSON text of `root_span_metadata`. */
export function parseStepFunctionsContext(text: string): TraceContext | undefined {
  const facts = parsedOrNothing(text);
  return isJsonObject(facts) ? stepFunctionsContext(facts) : undefined;
}

function hashedTraceId(execution: string): TraceId {
  const hash = digest(execution);
  return { hi: positive63(hash, 0), lo: positive63(hash, 8) };
}

/** Of a machine that a function started: the function's own trace. Its upper half is mishandled by the library, so it is left out. */
function givenTraceId(facts: Readonly<Record<string, unknown>>): TraceId | undefined {
  const given = parseDecimalTraceId(textOf(facts['trace_id']));
  return given === undefined || given.lo === 0n ? undefined : { hi: 0n, lo: given.lo };
}

function digest(text: string): Buffer {
  return createHash('sha256').update(text, 'utf8').digest();
}

function positive63(hash: Buffer, offset: number): bigint {
  return BigInt.asUintN(63, hash.readBigUInt64BE(offset)) || 1n;
}

function textOf(value: unknown): string {
  return typeof value === 'string' ? value : typeof value === 'number' ? String(value) : '';
}

function parsedOrNothing(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    // Users write metadata of any shape; what cannot be read says nothing.
    return undefined;
  }
}
