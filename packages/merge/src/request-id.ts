import { createHash } from 'node:crypto';
import type { Span } from '@spanloom/model';

/** Attributes that hold Lambda's id of an invocation whoever wrote them: OpenTelemetry's, newer name first. */
export const FAAS_REQUEST_ATTRIBUTES: readonly string[] = ['faas.invocation_id', 'faas.execution'];

/** Holds it on spans of these names. Elsewhere programs call ids of their own so. */
export const REQUEST_ATTRIBUTE = 'request_id';
export const REQUEST_SPAN_NAMES: readonly string[] = ['aws.lambda', 'aws.lambda.function'];

/** Lambda's id of the invocation that a span is the span of, in lower case; '' when it states none. */
export function requestIdOf({ name, meta }: Span): string {
  if (name === 'aws.lambda' || name === 'aws.lambda.function') {
    const own = meta[REQUEST_ATTRIBUTE];
    if (own !== undefined && own !== '') return own.toLowerCase();
  }
  for (const attribute of FAAS_REQUEST_ATTRIBUTES) {
    const id = meta[attribute];
    if (id !== undefined && id !== '') return id.toLowerCase();
  }
  return '';
}

const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i;

/**
 * 64 bits of a request id, to look it up by. Two ids may share them: compare the whole ids before believing in a match.
 */
export function requestKey(requestId: string): bigint {
  if (!UUID.test(requestId)) {
    return createHash('sha256').update(requestId.toLowerCase(), 'utf8').digest().readBigUInt64BE(0);
  }
  const hex = requestId.replaceAll('-', '');
  return BigInt(`0x${hex.slice(0, 16)}`) ^ BigInt(`0x${hex.slice(16)}`);
}
