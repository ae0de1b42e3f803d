import { joinKey, parseSpanId, type TraceId, tryParseTraceId } from '@spanloom/base';

/**
 * The trace id that Datadog libraries make of an X-Ray one: its low 63 bits. Java tracers go the other way and hide their own
 * id in an X-Ray one, which then is to be taken whole.
 */
export function datadogIdOf(xray: TraceId): bigint {
  return isJavaForm(xray) ? xray.lo : joinKey(xray);
}

/** Whether a tracer made this X-Ray id of a 64-bit id of its own: the 24 digits begin with eight zeros. */
export function isJavaForm({ hi }: TraceId): boolean {
  return hi !== 0n && (hi & 0xffff_ffffn) === 0n;
}

/**
 * Whether an id of a tracer can have come of this X-Ray id, or the other way round. Stricter than equal join keys: masking only
 * ever clears the top bit, so an id that has it and an X-Ray id that has not are strangers.
 */
export function canBeSameTrace(apm: TraceId, xray: TraceId): boolean {
  return apm.lo === xray.lo || apm.lo === datadogIdOf(xray);
}

/** When an X-Ray id says it was made, in seconds since the epoch. */
export function mintedSeconds({ hi }: TraceId): number {
  return Number(hi >> 32n);
}

const MOST = (1n << 128n) - 1n;

/** An id in decimal digits, up to 128 bits. Undefined for zero, for more bits, and for anything but digits. */
export function parseDecimalTraceId(text: string): TraceId | undefined {
  if (!/^\d{1,39}$/.test(text)) return undefined;
  const value = BigInt(text);
  if (value === 0n || value > MOST) return undefined;
  return { hi: value >> 64n, lo: BigInt.asUintN(64, value) };
}

/** What `X-Amzn-Trace-Id` says. */
export interface XRayHeader {
  readonly traceId: TraceId;
  /** Undefined in a function whose own tracing only passes the header on. */
  readonly parentId: bigint | undefined;
  /** Undefined when it is not said, or still to be decided. */
  readonly sampled: boolean | undefined;
}

/**
 * Reads a trace header: members in any order, unknown ones ignored.
 *
 * @returns undefined without a root that can be read.
 */
export function parseXRayHeader(text: string): XRayHeader | undefined {
  const members = new Map<string, string>();
  for (const member of text.split(';')) {
    const at = member.indexOf('=');
    if (at > 0) members.set(member.slice(0, at).trim().toLowerCase(), member.slice(at + 1).trim());
  }
  const root = members.get('root') ?? '';
  const traceId = root.startsWith('1-') ? tryParseTraceId(root) : undefined;
  if (traceId === undefined) return undefined;
  const parent = members.get('parent') ?? '';
  const parentId = /^[0-9a-f]{16}$/i.test(parent) ? parseSpanId(parent) : 0n;
  const sampled = members.get('sampled');
  return {
    traceId,
    parentId: parentId === 0n ? undefined : parentId,
    sampled: sampled === '1' ? true : sampled === '0' ? false : undefined,
  };
}
