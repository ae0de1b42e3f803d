import { formatXRayTraceId, type TraceId } from '@spanloom/base';
import { shiftedDecimal } from '../xray-segment/epoch-seconds.ts';
import { parseXRayTraceId } from '../xray-segment/segment-ids.ts';
import { textAt, type XRayObject, type XRayValue } from '../xray-segment/xray-json.ts';
import { xrayFacts } from './xray-facts.ts';

/** A record of `aws/spans`, ready to be written as OTLP. */
export interface SpanRecord {
  /** The record as it came. */
  readonly fields: XRayObject;
  readonly traceId: TraceId;
  readonly spanId: bigint;
  /** 0 for a root. */
  readonly parentId: bigint;
  readonly start: bigint;
  /** `undefined` while the span is unfinished. */
  readonly end: bigint | undefined;
  /** Attributes known beside those of the span; they come first. */
  readonly facts: Readonly<Record<string, XRayValue>>;
  /** False where another span of the same service counts the request. */
  readonly isEntry: boolean | undefined;
}

const SPAN_ID = /^[0-9a-f]{16}$/i;

/**
 * Reads a record; says why when it cannot be used.
 *
 * @param account Whose log it is from, '' when that is not known.
 */
export function readSpanRecord(fields: XRayObject, account: string): SpanRecord | string {
  const traceId = parseXRayTraceId(textAt(fields, 'traceId'));
  if (traceId === undefined)
    return `traceId is ${quoted(fields, 'traceId')}, expected 32 hex digits`;
  const spanId = spanIdAt(fields, 'spanId');
  if (spanId === 0n) return `spanId is ${quoted(fields, 'spanId')}, expected 16 hex digits`;
  const start = wholeAt(fields, 'startTimeUnixNano') ?? 0n;
  const duration = wholeAt(fields, 'durationNano');
  const end =
    wholeAt(fields, 'endTimeUnixNano') ?? (duration === undefined ? undefined : start + duration);
  const { facts, isEntry } = xrayFacts(fields, {
    account,
    traceText: formatXRayTraceId(traceId) ?? '',
    isFinished: end !== undefined,
  });
  const parentId = spanIdAt(fields, 'parentSpanId');
  return { fields, traceId, spanId, parentId, start, end, facts, isEntry };
}

/** A span id, 0 for anything else. */
export function spanIdAt(fields: XRayObject, key: string): bigint {
  const text = textAt(fields, key);
  return SPAN_ID.test(text) ? BigInt(`0x${text}`) : 0n;
}

/** A count of ns as a number or as text, with or without exponent; `undefined` for what fits no 64 bits. */
export function wholeAt(fields: XRayObject, key: string): bigint | undefined {
  return shiftedDecimal(textAt(fields, key), 0);
}

function quoted(fields: XRayObject, key: string): string {
  return JSON.stringify(textAt(fields, key).slice(0, 80));
}
