import { createHash } from 'node:crypto';

const traceIdForm = /^1-([0-9a-f]{8})-[0-9a-f]{24}$/i;

/** Whether a text has the form `1-<8 hex>-<24 hex>`. */
export function isTraceId(text: string): boolean {
  return traceIdForm.test(text);
}

/** When a trace id was minted, in epoch milliseconds. */
export function mintedAt(traceId: string): number {
  return Number.parseInt(traceId.slice(2, 10), 16) * 1000;
}

/** Whether a text can be the id of a segment. */
export function isSegmentId(text: string): boolean {
  return /^[0-9a-f]{16}$/i.test(text);
}

/** The 32 hex digits that OpenTelemetry knows a trace by. */
export function w3cTraceId(traceId: string): string {
  return traceId.slice(2).replace('-', '');
}

/** A number from 0 up to 1 that depends on the text alone: sampling decides the same way every time. */
export function fractionOf(text: string): number {
  return createHash('sha256').update(text).digest().readUInt32BE(0) / 0x1_0000_0000;
}

/** 16 hex digits that depend on the text alone. */
export function derivedId(text: string): string {
  return createHash('sha256').update(text).digest('hex').slice(0, 16);
}
