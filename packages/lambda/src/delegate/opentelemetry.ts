// Spans made through the OpenTelemetry provider that the function registered. The API package need not be ours to find: it keeps
// what is registered in a global object, under names that are part of its compatibility promise.
import { hex64, traceIdHex, type SpanLink, type TraceContext } from '../context/trace-context.ts';
import type { SpanOptions, Tags } from '../span/span.ts';
import type { LiveSpan, Tracing } from '../tracing.ts';

/** A context of OpenTelemetry: an immutable map. */
export interface OtelContext {
  getValue(key: symbol): unknown;
  setValue(key: symbol, value: unknown): OtelContext;
  deleteValue(key: symbol): OtelContext;
}

interface OtelSpanContext {
  readonly traceId: string;
  readonly spanId: string;
  readonly traceFlags: number;
}

interface OtelSpan {
  spanContext(): OtelSpanContext;
  setAttribute(key: string, value: unknown): unknown;
  recordException(error: unknown): void;
  setStatus(status: { code: number; message?: string }): unknown;
  addLink?: (link: { context: OtelSpanContext; attributes?: object }) => unknown;
  end(endMs?: number): void;
}

interface OtelGlobals {
  version?: string;
  trace?: {
    getTracer(name: string): {
      startSpan(name: string, options: object, context?: OtelContext): OtelSpan;
    };
    readonly spanloom?: true;
    /** What the API registers is a stand-in for the provider that it was given. */
    getDelegate?: () => { readonly spanloom?: true };
  };
  context?: { active(): OtelContext; with<T>(context: OtelContext, body: () => T): T };
}

/** Under which the API keeps what is registered. */
export const otelKey: unique symbol = Symbol.for('opentelemetry.js.api.1') as never;
/** Under which a context keeps its span. */
export const otelSpanKey: symbol = Symbol.for('OpenTelemetry Context Key SPAN');
const serverKind = 1;
const errorStatus = 2;

/** Traces with the registered provider, if there is one and it is not our own. */
export function openTelemetryTracing(parent: TraceContext | undefined): Tracing | undefined {
  const globals = (globalThis as { [otelKey]?: OtelGlobals })[otelKey];
  const { trace, context } = globals ?? {};
  if (trace === undefined || context === undefined) return undefined;
  if ((trace.getDelegate?.() ?? trace).spanloom === true) return undefined;
  const tracer = trace.getTracer('@spanloom/lambda');
  const root =
    parent === undefined || parent.traceId === 0n || parent.spanId === 0n
      ? context.active().deleteValue(otelSpanKey)
      : context.active().setValue(otelSpanKey, remoteSpan(parent));
  const spans: DelegatedSpan[] = [];
  const contextOf = (span: LiveSpan | undefined): OtelContext =>
    span instanceof DelegatedSpan ? context.active().setValue(otelSpanKey, span.inner) : root;
  return {
    start(name, over, options) {
      const inner = tracer.startSpan(
        options.resource ?? name,
        {
          kind: serverKind,
          ...(options.startMs === undefined ? {} : { startTime: options.startMs }),
          links: (options.links ?? []).map(otelLink),
          attributes: attributesOf(name, options),
        },
        contextOf(over),
      );
      const span = new DelegatedSpan(inner);
      spans.push(span);
      return span;
    },
    run: (span, body) => context.with(contextOf(span), body),
    active() {
      const span = context.active().getValue(otelSpanKey) as OtelSpan | undefined;
      return span === undefined ? undefined : positionOf(span);
    },
    activeSpan() {
      const span = context.active().getValue(otelSpanKey) as OtelSpan | undefined;
      return span === undefined ? undefined : new DelegatedSpan(span);
    },
    abandon(tags) {
      for (const span of spans.toReversed()) {
        span.addTags(tags);
        span.finish();
      }
    },
    close() {},
  };
}

/** Datadog's names are kept, for whoever looks for them. */
function attributesOf(name: string, options: SpanOptions): Record<string, unknown> {
  const attributes: Record<string, unknown> = {
    'operation.name': name,
    'service.name': options.service,
    'resource.name': options.resource,
    'span.type': options.type,
  };
  for (const [key, value] of Object.entries(options.tags ?? {})) {
    if (value !== undefined) attributes[key] = value;
  }
  return attributes;
}

class DelegatedSpan implements LiveSpan {
  readonly inner: OtelSpan;

  constructor(inner: OtelSpan) {
    this.inner = inner;
  }

  setTag(key: string, value: unknown): void {
    if (value !== undefined) this.inner.setAttribute(key, value);
  }

  addTags(tags: Tags): void {
    for (const [key, value] of Object.entries(tags)) this.setTag(key, value);
  }

  setError(error: unknown): void {
    this.inner.recordException(error instanceof Error ? error : String(error));
    this.inner.setStatus({ code: errorStatus });
  }

  addLink(link: SpanLink): void {
    this.inner.addLink?.(otelLink(link));
  }

  finish(endMs?: number): void {
    this.inner.end(endMs);
  }

  position(): TraceContext {
    return positionOf(this.inner);
  }
}

function positionOf(span: OtelSpan): TraceContext {
  const { traceId, spanId, traceFlags } = span.spanContext();
  const high = traceId.slice(0, 16);
  return {
    traceId: BigInt(`0x${traceId.slice(16)}`),
    traceHigh: /[^0]/.test(high) ? high : '',
    spanId: BigInt(`0x${spanId}`),
    priority: traceFlags & 1,
  };
}

function otelLink(link: SpanLink): { context: OtelSpanContext; attributes: object } {
  return {
    context: { traceId: link.traceId, spanId: link.spanId, traceFlags: 1 },
    attributes: link.attributes ?? {},
  };
}

/** A span of another process: all that OpenTelemetry wants of a parent is its context. */
function remoteSpan(parent: TraceContext): object {
  const spanContext = {
    traceId: traceIdHex(parent),
    spanId: hex64(parent.spanId),
    traceFlags: (parent.priority ?? 1) > 0 ? 1 : 0,
    isRemote: true,
  };
  const self = (): object => span;
  const span = {
    spanContext: () => spanContext,
    setAttribute: self,
    setAttributes: self,
    addEvent: self,
    addLink: self,
    addLinks: self,
    setStatus: self,
    updateName: self,
    end: () => undefined,
    isRecording: () => false,
    recordException: () => undefined,
  };
  return span;
}
