import { BadRequestError } from './errors.ts';

/**
 * A trace's id: up to 128 bits, kept as two unsigned 64-bit halves.
 *
 * `hi` is 0 when the sender knew only 64 bits. Formats differ only at the edge: see the `format…` and `parse…` functions.
 */
export interface TraceId {
  readonly hi: bigint;
  readonly lo: bigint;
}

/** The low 63 bits of a trace id: what X-Ray, W3C and Datadog forms of one trace always share. */
export type JoinKey = bigint;

const U64 = 0xffff_ffff_ffff_ffffn;
const U63 = 0x7fff_ffff_ffff_ffffn;

/** The join key of a trace id. */
export function joinKey(id: TraceId): JoinKey {
  return id.lo & U63;
}

/** 16 lower-case hex digits. */
export function formatSpanId(id: bigint): string {
  return id.toString(16).padStart(16, '0');
}

/** 32 lower-case hex digits, or 16 when only the low half is known. */
export function formatTraceId(id: TraceId): string {
  return id.hi === 0n ? formatSpanId(id.lo) : formatSpanId(id.hi) + formatSpanId(id.lo);
}

/** The decimal text Datadog tracers print: the low 64 bits. */
export function formatDatadogTraceId(id: TraceId): string {
  return id.lo.toString(10);
}

/** `1-<8 hex>-<24 hex>`, or undefined when the high half is unknown. */
export function formatXRayTraceId(id: TraceId): string | undefined {
  if (id.hi === 0n) return undefined;
  const hex = formatTraceId(id);
  return `1-${hex.slice(0, 8)}-${hex.slice(8)}`;
}

const XRAY = /^1-([0-9a-f]{8})-([0-9a-f]{24})$/i;
const TRACEPARENT = /^[0-9a-f]{2}-([0-9a-f]{32})-[0-9a-f]{16}-[0-9a-f]{2}$/i;
const QUOTES = /^(["'`])(.*)\1$/;

/**
 * Reads a trace id in any form people paste: decimal, 16 or 32 hex digits, a `traceparent`, an X-Ray id or `Root=` header;
 * quoted or padded.
 *
 * Digits only are ambiguous: up to 39 of them are decimal unless they are exactly 16 with a leading zero or exactly 32, which
 * only hex text has. More than 20 are all 128 bits, as one library writes them into X-Ray.
 *
 * @throws {BadRequestError} If the text is none of these.
 */
export function parseTraceId(text: string): TraceId {
  const id = tryParseTraceId(text);
  if (id === undefined) {
    throw new BadRequestError(
      `Cannot read ${JSON.stringify(clip(text))} as a trace id: expected 16 or 32 hex digits, an unsigned decimal number, ` +
        'a traceparent or an X-Ray id such as 1-66f2a1c4-8f3b0c5e9a7d4b21e6c8f013',
      { code: 'BAD_TRACE_ID' },
    );
  }
  return id;
}

/** As `parseTraceId`, but undefined instead of an error. */
export function tryParseTraceId(text: string): TraceId | undefined {
  let value = text.trim();
  value = QUOTES.exec(value)?.[2]?.trim() ?? value;
  const root = /(?:^|;)\s*Root=([^;]+)/i.exec(value);
  if (root?.[1] !== undefined) value = root[1].trim();
  const xray = XRAY.exec(value);
  if (xray !== null) return fromHex(`${xray[1]}${xray[2]}`);
  const parent = TRACEPARENT.exec(value);
  if (parent?.[1] !== undefined) return fromHex(parent[1]);
  if (/^0x[0-9a-f]{1,32}$/i.test(value)) return fromHex(value.slice(2).padStart(32, '0'));
  if (/^\d{1,39}$/.test(value) && !/^(?:0\d{15}|\d{32})$/.test(value)) {
    const id = BigInt(value);
    return id >> 128n === 0n ? nonZero({ hi: id >> 64n, lo: id & U64 }) : undefined;
  }
  if (/^(?:[0-9a-f]{16}|[0-9a-f]{32})$/i.test(value)) return fromHex(value.padStart(32, '0'));
  return undefined;
}

/**
 * Reads a span id: exactly 16 hex digits, or a decimal number.
 * @throws {BadRequestError} If the text is neither.
 */
export function parseSpanId(text: string): bigint {
  const value = text.trim();
  // Sixteen digits are read as hex: this product prints span ids only that way.
  if (/^[0-9a-f]{16}$/i.test(value)) return BigInt(`0x${value}`);
  if (/^\d{1,20}$/.test(value)) {
    const id = BigInt(value);
    if (id <= U64) return id;
  }
  throw new BadRequestError(
    `Cannot read ${JSON.stringify(clip(text))} as a span id: expected 16 hex digits or an unsigned decimal number`,
    { code: 'BAD_SPAN_ID' },
  );
}

function fromHex(hex: string): TraceId | undefined {
  return nonZero({ hi: BigInt(`0x${hex.slice(0, 16)}`), lo: BigInt(`0x${hex.slice(16)}`) });
}

function nonZero(id: TraceId): TraceId | undefined {
  return id.hi === 0n && id.lo === 0n ? undefined : id;
}

function clip(text: string): string {
  return text.length > 80 ? `${text.slice(0, 80)}…` : text;
}
