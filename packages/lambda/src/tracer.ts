// The spans of the function's own code. The methods are those of `dd-trace`, and where that runs its spans are what they make.
import { readSettings } from './config.ts';
import { extractContext, injectContext, type Carrier } from './context/headers.ts';
import type { TraceContext } from './context/trace-context.ts';
import { findDdTrace } from './delegate/dd-trace.ts';
import { functionService } from './event/service-names.ts';
import { deliverSpans } from './send/deliver.ts';
import { currentInvocation, shared } from './shared.ts';
import { isSpan, type Span, type SpanOptions, type Tags } from './span/span.ts';
import { Trace } from './span/trace.ts';
import { ownTrace } from './tracing.ts';

/** How a span of the function's own code begins. */
export interface TraceOptions {
  readonly service?: string;
  readonly resource?: string;
  readonly type?: string;
  readonly tags?: Tags;
  /** A span, or a context that `extract` found. Default: the active span. */
  readonly childOf?: Span | TraceContext | null;
  /** Milliseconds since the epoch. */
  readonly startTime?: number;
}

/** Which span is active, and how to make another one so. */
export interface TracerScope {
  active(): Span | null;
  activate<T>(span: Span | null, body: () => T): T;
  bind<F extends (...args: never[]) => unknown>(body: F, span?: Span | null): F;
}

/** Makes spans. They leave with the invocation they belong to. */
export interface Tracer {
  /** Runs `body` in a span that ends when `body`, or the promise it returns, does. */
  trace<T>(name: string, body: (span: Span) => T): T;
  trace<T>(name: string, options: TraceOptions, body: (span: Span) => T): T;
  /** A function that runs in a span each time it is called. */
  wrap<F extends (...args: never[]) => unknown>(name: string, body: F): F;
  wrap<F extends (...args: never[]) => unknown>(name: string, options: TraceOptions, body: F): F;
  startSpan(name: string, options?: TraceOptions): Span;
  scope(): TracerScope;
  inject(span: Span | TraceContext, format: 'text_map' | 'http_headers', carrier: Carrier): void;
  extract(format: 'text_map' | 'http_headers', carrier: unknown): TraceContext | null;
}

const scope: TracerScope = {
  active: () => shared.scopes.getStore()?.span ?? null,
  activate: (span, body) =>
    shared.scopes.run({ invocation: currentInvocation(), span: span ?? undefined }, body),
  bind: (body, span = scope.active()) =>
    ((...args: never[]) => scope.activate(span, () => body(...args))) as never,
};

const own: Tracer = {
  // oxlint-disable-next-line typescript/no-unnecessary-type-parameters -- as both overloads have it
  trace<T>(name: string, second: unknown, third?: unknown): T {
    const body = (third ?? second) as (span: Span) => T;
    const span = own.startSpan(name, third === undefined ? {} : (second as TraceOptions));
    return scope.activate(span, () => finishWith(span, () => body(span)));
  },
  wrap(name: string, second: unknown, third?: unknown): never {
    const body = (third ?? second) as (...args: never[]) => unknown;
    const options = third === undefined ? {} : (second as TraceOptions);
    return function (this: unknown, ...args: never[]): unknown {
      return own.trace(name, options, () => body.apply(this, args));
    } as never;
  },
  startSpan(name, options = {}) {
    const { childOf = scope.active() } = options;
    const start: SpanOptions = {
      service: options.service,
      resource: options.resource,
      type: options.type,
      startMs: options.startTime,
      tags: options.tags,
    };
    if (isSpan(childOf)) return childOf.trace.start(name, childOf.id, start);
    const trace = ownTrace(currentInvocation()?.tracing);
    if (childOf === null && trace !== undefined) return trace.start(name, undefined, start);
    return detachedTrace(childOf ?? undefined).start(name, undefined, start);
  },
  scope: () => scope,
  inject(span, _format, carrier) {
    injectContext(isSpan(span) ? span.position() : span, carrier);
  },
  extract: (_format, carrier) => extractContext(carrier) ?? null,
};

/** Outside an invocation nothing says when a trace is complete: each span goes as it ends. */
function detachedTrace(parent: TraceContext | undefined): Trace {
  const settings = readSettings();
  const service = functionService(settings, process.env['AWS_LAMBDA_FUNCTION_NAME'] ?? '');
  const trace = new Trace(
    { ...settings, service },
    parent,
    settings.traceEnabled ? deliverSpans : () => {},
  );
  trace.close();
  return trace;
}

function finishWith<T>(span: Span, body: () => T): T {
  const fail = (error: unknown): never => {
    span.setError(error).finish();
    throw error;
  };
  let result: T;
  try {
    result = body();
  } catch (error) {
    return fail(error);
  }
  if (typeof (result as { then?: unknown } | null | undefined)?.then === 'function') {
    return (result as Promise<unknown>).then((value) => {
      span.finish();
      return value;
    }, fail) as T;
  }
  span.finish();
  return result;
}

/** Makes spans for what the function does: with `dd-trace` where the function runs it, else with our own tracer. */
export const tracer: Tracer = new Proxy(own, {
  get(target, key): unknown {
    const from = (findDdTrace() ?? target) as unknown as Record<string | symbol, unknown>;
    const value = from[key];
    return typeof value === 'function' ? value.bind(from) : value;
  },
});
