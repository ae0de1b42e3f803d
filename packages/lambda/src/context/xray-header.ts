// The trace header of X-Ray: `Root=1-<8 hex>-<24 hex>;Parent=<16 hex>;Sampled=<0|1>`.
import type { TraceContext } from './trace-context.ts';

/** The header's fields, in whatever order they came. */
export interface XRayHeader {
  /** `1-<8 hex>-<24 hex>`. */
  readonly root: string;
  readonly parent: string | undefined;
  /** `undefined` while undecided. */
  readonly sampled: boolean | undefined;
}

/** Reads a header; unknown fields (`Self`, `Lineage`) are left out. `undefined` if there is no valid root. */
export function parseXRayHeader(text: unknown): XRayHeader | undefined {
  if (typeof text !== 'string') return undefined;
  const fields: Record<string, string> = {};
  for (const part of text.split(';')) {
    const equals = part.indexOf('=');
    if (equals > 0) fields[part.slice(0, equals).trim()] = part.slice(equals + 1).trim();
  }
  const { Root: root, Parent: parent, Sampled: sampled } = fields;
  if (root === undefined || !/^1-[\da-f]{8}-[\da-f]{24}$/i.test(root)) return undefined;
  return {
    root,
    parent: /^[\da-f]{16}$/i.test(parent ?? '') ? parent : undefined,
    sampled: sampled === '1' ? true : sampled === '0' ? false : undefined,
  };
}

/** The invocation's own header: where several run at once, the runtime keeps one for each. */
export function readXRayHeader(): XRayHeader | undefined {
  const store = (
    globalThis as {
      awslambda?: { InvokeStore?: { getXRayTraceId?: () => unknown; getInstance?: unknown } };
    }
  ).awslambda?.InvokeStore;
  return parseXRayHeader(store?.getXRayTraceId?.() ?? process.env['_X_AMZN_TRACE_ID']);
}

/** The context an X-Ray header stands for: 63 bits of the root, all 64 of the parent. */
export function contextOfXRay(header: XRayHeader): TraceContext {
  return {
    traceId: BigInt(`0x${header.root.slice(-16)}`) & 0x7fff_ffff_ffff_ffffn,
    traceHigh: '',
    spanId: header.parent === undefined ? 0n : BigInt(`0x${header.parent}`),
    priority: header.sampled === undefined ? undefined : header.sampled ? 2 : -1,
  };
}

/** A context of ours inside an X-Ray header, as the Java tracer writes it: the root begins with eight zeros. */
export function contextInXRay(text: unknown): TraceContext | undefined {
  const header = parseXRayHeader(text);
  if (header?.parent === undefined || header.root.slice(11, 19) !== '00000000') return undefined;
  const traceId = BigInt(`0x${header.root.slice(-16)}`);
  const spanId = BigInt(`0x${header.parent}`);
  if (traceId === 0n || spanId === 0n) return undefined;
  return {
    traceId,
    traceHigh: '',
    spanId,
    priority: header.sampled === undefined ? undefined : header.sampled ? 1 : 0,
  };
}
