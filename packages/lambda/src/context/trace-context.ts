/** A position in a trace that came from somewhere else, or goes there. */
export interface TraceContext {
  /** The low 64 bits. */
  readonly traceId: bigint;
  /** The high 64 bits as 16 hex digits; empty if there are none. */
  readonly traceHigh: string;
  /** 0 if the trace is known but no span of it. */
  readonly spanId: bigint;
  /** -1 user reject, 0 auto reject, 1 auto keep, 2 user keep; `undefined` while undecided. */
  readonly priority: number | undefined;
  readonly origin?: string | undefined;
  /** Tags that travel with the trace: `_dd.p.…` without `_dd.p.tid`. */
  readonly tags?: Readonly<Record<string, string>> | undefined;
  /** Members of `tracestate` that are not ours. */
  readonly tracestate?: string | undefined;
  readonly baggage?: Readonly<Record<string, string>> | undefined;
  /** Other contexts that the same carrier held. */
  readonly links?: readonly SpanLink[] | undefined;
  /** The last span of ours, where another vendor's span is the parent: 16 hex digits. */
  readonly lastParent?: string | undefined;
}

/** From a span to one that is not its parent. */
export interface SpanLink {
  /** 32 hex digits. */
  readonly traceId: string;
  /** 16 hex digits. */
  readonly spanId: string;
  readonly attributes?: Readonly<Record<string, string>>;
}

/** 16 hex digits. */
export function hex64(id: bigint): string {
  return id.toString(16).padStart(16, '0');
}

/** 32 hex digits. */
export function traceIdHex(context: Pick<TraceContext, 'traceId' | 'traceHigh'>): string {
  return context.traceHigh.padStart(16, '0') + hex64(context.traceId);
}

/** A decimal number of 64 bits; `undefined` for anything else. */
export function parseDecimalId(text: unknown): bigint | undefined {
  const trimmed = typeof text === 'string' ? text.trim() : '';
  if (!/^\d{1,20}$/.test(trimmed)) return undefined;
  const id = BigInt(trimmed);
  return id < 1n << 64n ? id : undefined;
}

/** A link to a context of another trace. */
export function linkTo(
  context: TraceContext,
  attributes?: Readonly<Record<string, string>>,
): SpanLink {
  return {
    traceId: traceIdHex(context),
    spanId: hex64(context.spanId),
    ...(attributes === undefined ? {} : { attributes }),
  };
}
