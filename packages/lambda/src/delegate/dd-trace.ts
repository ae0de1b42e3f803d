// Spans made by the `dd-trace` of the function, through its public interface only.
import { injectContext, type Carrier } from '../context/headers.ts';
import type { SpanLink, TraceContext } from '../context/trace-context.ts';
import { extractContext } from '../context/headers.ts';
import { guard } from '../log.ts';
import type { SpanOptions, Tags } from '../span/span.ts';
import type { LiveSpan, Tracing } from '../tracing.ts';

interface DdSpan {
  setTag(key: string, value: unknown): unknown;
  addTags(tags: Tags): unknown;
  finish(endMs?: number): void;
  context?: () => { readonly _trace?: { readonly started?: DdSpan[] } };
  readonly _duration?: number;
  addSpanPointer?: (kind: string, direction: string, hash: string) => unknown;
  addLink?: (link: { context: unknown; attributes: unknown }) => unknown;
}

interface DdTracer {
  startSpan(name: string, options: object): DdSpan;
  scope(): { active(): DdSpan | null; activate<T>(span: DdSpan, body: () => T): T };
  inject(span: DdSpan, format: string, carrier: Carrier): void;
  extract(format: string, carrier: Carrier): unknown;
  /** `undefined` or a stand-in that records nothing until `init` is called. */
  readonly _tracer?: {
    readonly _config?: unknown;
    readonly constructor: { readonly name: string };
  };
}

/** The tracer that is loaded and initialised in this process. */
export function findDdTrace(): DdTracer | undefined {
  const tracer = (globalThis as { _ddtrace?: DdTracer })['_ddtrace'];
  const inner = tracer?.['_tracer'];
  return inner !== undefined && !/noop/i.test(inner.constructor.name) ? tracer : undefined;
}

/** Traces with `dd-trace`, if the function has started it. */
export function ddTracing(parent: TraceContext | undefined): Tracing | undefined {
  const tracer = findDdTrace();
  if (tracer === undefined) return undefined;
  const remote =
    parent === undefined || parent.traceId === 0n ? undefined : extracted(tracer, parent);
  const spans = new Set<DelegatedSpan>();
  return {
    start(name, over, options) {
      const span = new DelegatedSpan(
        tracer,
        name,
        over instanceof DelegatedSpan ? over.inner : remote,
        options,
      );
      spans.add(span);
      return span;
    },
    run: (span, body) =>
      span instanceof DelegatedSpan ? tracer.scope().activate(span.inner, body) : body(),
    active() {
      const span = tracer.scope().active();
      return span === null ? undefined : positionOf(tracer, span);
    },
    abandon(tags) {
      const [any] = spans;
      const open = any === undefined ? [] : openSpans(any.inner);
      open.at(-1)?.addTags({ ...tags, error: true });
      // The innermost first: a trace leaves when the last of its spans has ended.
      for (const span of open.toReversed()) span.finish();
      for (const span of spans) span.finish();
    },
    close() {},
  };
}

/** What its trace has begun and not ended. There is no public way to ask; without an answer only our own spans are ended. */
function openSpans(span: DdSpan): DdSpan[] {
  const started = guard('find open spans', () => span.context?.()['_trace']?.started) ?? [];
  return started.filter((one) => one['_duration'] === undefined);
}

class DelegatedSpan implements LiveSpan {
  readonly inner: DdSpan;
  readonly #tracer: DdTracer;

  constructor(tracer: DdTracer, name: string, childOf: unknown, options: SpanOptions) {
    const { startMs } = options;
    this.#tracer = tracer;
    this.inner = tracer.startSpan(name, {
      ...(childOf === undefined ? {} : { childOf }),
      ...(startMs === undefined ? {} : { startTime: startMs }),
      tags: {
        ...options.tags,
        'service.name': options.service,
        'resource.name': options.resource,
        'span.type': options.type,
      },
    });
    for (const link of options.links ?? []) this.addLink(link);
  }

  setTag(key: string, value: unknown): void {
    this.inner.setTag(key, value);
  }

  addTags(tags: Tags): void {
    this.inner.addTags(tags);
  }

  setError(error: unknown): void {
    this.inner.setTag('error', error instanceof Error ? error : (error ?? true));
  }

  addLink(link: SpanLink): void {
    guard('add a span link', () => {
      const { 'ptr.kind': kind, 'ptr.dir': direction, 'ptr.hash': hash } = link.attributes ?? {};
      if (kind !== undefined && direction !== undefined && hash !== undefined) {
        this.inner.addSpanPointer?.(kind, direction, hash);
        return;
      }
      const context = extracted(this.#tracer, {
        traceId: BigInt(`0x${link.traceId.slice(16)}`),
        traceHigh: link.traceId.slice(0, 16),
        spanId: BigInt(`0x${link.spanId}`),
        priority: undefined,
      });
      if (context !== null) this.inner.addLink?.({ context, attributes: link.attributes ?? {} });
    });
  }

  finish(endMs?: number): void {
    this.inner.finish(endMs);
  }

  position(): TraceContext {
    const nowhere = { traceId: 0n, traceHigh: '', spanId: 0n, priority: undefined };
    return positionOf(this.#tracer, this.inner) ?? nowhere;
  }
}

function positionOf(tracer: DdTracer, span: DdSpan): TraceContext | undefined {
  return guard('read the active span', () => {
    const carrier: Carrier = {};
    tracer.inject(span, 'text_map', carrier);
    return extractContext(carrier);
  });
}

/** A context of ours as one of the tracer's: by headers, which both understand. */
function extracted(tracer: DdTracer, context: TraceContext): unknown {
  const carrier: Carrier = {};
  injectContext(context, carrier);
  return tracer.extract('text_map', carrier);
}
