import { createHash } from 'node:crypto';
import type { TraceId } from '@spanloom/base';

const TRACE = /^(?:1-)?([0-9a-f]{8})-?([0-9a-f]{24})$/i;
const SPAN = /^[0-9a-f]{16}$/i;

/**
 * All 128 bits of `1-<8 hex>-<24 hex>`, or of the same digits without dashes as OpenTelemetry writes them. `undefined` for
 * anything else, and for zero.
 */
export function parseXRayTraceId(text: string): TraceId | undefined {
  const parts = TRACE.exec(text);
  if (parts === null) return undefined;
  const hex = `${parts[1]}${parts[2]}`;
  const id = { hi: BigInt(`0x${hex.slice(0, 16)}`), lo: BigInt(`0x${hex.slice(16)}`) };
  // A trace is found by its lower half, so that must not be zero.
  return id.lo === 0n ? undefined : id;
}

/** One text for every way to write a segment's id: hex digits in lower case, anything else as it is. */
export function idKey(text: string): string {
  return SPAN.test(text) ? text.toLowerCase() : text;
}

/** A span id, and whether we made it up. */
export interface SegmentId {
  readonly value: bigint;
  readonly synthetic: boolean;
}

/**
 * The span id of a segment's id. What is not 16 hex digits, or zero, is opaque text: it is hashed together with its trace, so
 * that every mention of it within the trace comes to the same number.
 */
export function parseSegmentId(traceText: string, text: string): SegmentId {
  if (SPAN.test(text)) {
    const value = BigInt(`0x${text}`);
    if (value !== 0n) return { value, synthetic: false };
  }
  const hash = createHash('sha256').update(`${traceText}:${text}`).digest();
  // Zero means "no span"; one hash in 2^64 would be.
  return { value: hash.readBigUInt64BE(0) || 1n, synthetic: true };
}
