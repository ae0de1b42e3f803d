/** 64 bits as two words. */
export interface Words {
  readonly high: number;
  readonly low: number;
}

/** Exactly 16 hex digits of either case. */
export function parseHexId(text: string): Words | undefined {
  if (!/^[0-9a-f]{16}$/i.test(text)) return undefined;
  return { high: Number.parseInt(text.slice(0, 8), 16), low: Number.parseInt(text.slice(8), 16) };
}

/** An unsigned decimal number of up to 64 bits. */
export function parseDecimalId(text: string): Words | undefined {
  if (!/^\d{1,20}$/.test(text)) return undefined;
  const value = BigInt(text);
  if (value > 0xffff_ffff_ffff_ffffn) return undefined;
  return { high: Number(value >> 32n), low: Number(value & 0xffff_ffffn) };
}

/**
 * The upper half of a trace id as `_dd.p.tid` states it: 16 lower-case hex digits.
 *
 * Quirk: the OTLP path of the Lambda extension writes it in decimal
 * (datadog-lambda-extension, `bottlecap/src/otlp/transform.rs`).
 */
export function parseTraceHigh(text: string): Words | undefined {
  return /^[0-9a-f]{16}$/.test(text) ? parseHexId(text) : parseDecimalId(text);
}
