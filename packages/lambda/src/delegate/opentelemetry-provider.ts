// Answers calls of `@opentelemetry/api` with our tracer, where nobody else does: spans of instrumentations made for OpenTelemetry
// then are in the same trace.
import { injectContext, extractContext, type Carrier } from '../context/headers.ts';
import { hex64, traceIdHex, type TraceContext } from '../context/trace-context.ts';
import { currentInvocation, firstPatch, shared } from '../shared.ts';
import { Span } from '../span/span.ts';
import { tracer } from '../tracer.ts';
import { otelKey, otelSpanKey, type OtelContext } from './opentelemetry.ts';

const errorStatus = 2;
const kinds = ['internal', 'server', 'client', 'producer', 'consumer'];

/** An immutable map, as the API has it. */
class Context implements OtelContext {
  readonly #values: ReadonlyMap<symbol, unknown>;

  constructor(values: ReadonlyMap<symbol, unknown> = new Map()) {
    this.#values = values;
  }

  getValue(key: symbol): unknown {
    return this.#values.get(key);
  }

  setValue(key: symbol, value: unknown): Context {
    return new Context(new Map(this.#values).set(key, value));
  }

  deleteValue(key: symbol): Context {
    const values = new Map(this.#values);
    values.delete(key);
    return new Context(values);
  }
}

const bridges = new WeakMap<Span, BridgedSpan>();

/** One of our spans with the methods of OpenTelemetry. */
class BridgedSpan {
  readonly inner: Span;

  constructor(inner: Span) {
    this.inner = inner;
    bridges.set(inner, this);
  }

  spanContext(): object {
    const { trace, id } = this.inner;
    return {
      traceId: traceIdHex(trace),
      spanId: hex64(id),
      traceFlags: trace.decided() > 0 ? 1 : 0,
    };
  }

  setAttribute(key: string, value: unknown): this {
    this.inner.setTag(key, Array.isArray(value) ? JSON.stringify(value) : value);
    return this;
  }

  setAttributes(attributes: Readonly<Record<string, unknown>>): this {
    for (const key in attributes) this.setAttribute(key, attributes[key]);
    return this;
  }

  addEvent(): this {
    return this;
  }

  addLink(link: { context: { traceId: string; spanId: string } }): this {
    this.inner.addLink({ traceId: link.context.traceId, spanId: link.context.spanId });
    return this;
  }

  addLinks(links: readonly { context: { traceId: string; spanId: string } }[]): this {
    for (const link of links) this.addLink(link);
    return this;
  }

  setStatus(status: { code: number; message?: string }): this {
    this.inner.error = status.code === errorStatus ? 1 : 0;
    if (status.message !== undefined) this.inner.setTag('error.message', status.message);
    return this;
  }

  updateName(name: string): this {
    this.inner.resource = name;
    return this;
  }

  end(time?: unknown): void {
    this.inner.finish(millis(time));
  }

  isRecording(): boolean {
    return this.inner.durationMs < 0;
  }

  recordException(error: unknown): void {
    const failed = this.inner.error;
    this.inner.setError(error);
    // An exception that was handled is no failure; the status says what it was.
    this.inner.error = failed;
  }
}

/** The API gives times as dates, as milliseconds, as time since the process began, or as seconds and nanoseconds. */
function millis(time: unknown): number | undefined {
  if (Array.isArray(time)) return Number(time[0]) * 1000 + Number(time[1]) / 1e6;
  if (time instanceof Date) return time.getTime();
  if (typeof time !== 'number') return undefined;
  return time < performance.timeOrigin ? time + performance.timeOrigin : time;
}

interface StartOptions {
  readonly kind?: number;
  readonly attributes?: Readonly<Record<string, unknown>>;
  readonly startTime?: unknown;
  readonly root?: boolean;
  readonly links?: readonly { context: { traceId: string; spanId: string } }[];
}

function startSpan(
  name: string,
  options: StartOptions = {},
  context: OtelContext = active(),
): BridgedSpan {
  const above = options.root === true ? undefined : context.getValue(otelSpanKey);
  const kind = kinds[options.kind ?? 0] ?? 'internal';
  const startTime = millis(options.startTime);
  const remote = above instanceof BridgedSpan ? above.inner : remoteContext(above);
  const inner = tracer.startSpan(kind === 'internal' ? 'internal' : `${kind}.request`, {
    resource: name,
    ...(remote === undefined ? {} : { childOf: remote }),
    ...(startTime === undefined ? {} : { startTime }),
    tags: { 'span.kind': kind },
  });
  return new BridgedSpan(inner)
    .setAttributes(options.attributes ?? {})
    .addLinks(options.links ?? []);
}

function remoteContext(span: unknown): TraceContext | undefined {
  const context = (
    span as { spanContext?: () => { traceId: string; spanId: string; traceFlags: number } }
  )?.spanContext?.();
  if (context === undefined || !/[^0]/.test(context.traceId)) return undefined;
  const flags = String(context.traceFlags & 1);
  return extractContext({ traceparent: `00-${context.traceId}-${context.spanId}-0${flags}` });
}

function active(): OtelContext {
  const scope = shared.scopes.getStore();
  const base = (scope?.context as OtelContext | undefined) ?? new Context();
  const span = scope?.span;
  if (span === undefined) return base;
  return base.setValue(otelSpanKey, bridges.get(span) ?? new BridgedSpan(span));
}

function runWith<T>(
  context: OtelContext,
  body: (...args: unknown[]) => T,
  self?: unknown,
  ...args: unknown[]
): T {
  const bridged = context.getValue(otelSpanKey);
  const span = bridged instanceof BridgedSpan ? bridged.inner : undefined;
  return shared.scopes.run({ invocation: currentInvocation(), span, context }, () =>
    body.apply(self, args),
  );
}

const otelTracer = {
  startSpan,
  startActiveSpan(name: string, ...rest: unknown[]): unknown {
    const body = rest.pop() as (span: BridgedSpan) => unknown;
    const [options, context] = rest as [StartOptions?, OtelContext?];
    const span = startSpan(name, options, context);
    return runWith((context ?? active()).setValue(otelSpanKey, span), () => body(span));
  },
};

const contextManager = {
  active,
  with: runWith,
  bind(context: OtelContext, target: unknown): unknown {
    if (typeof target !== 'function') return target;
    return (...args: unknown[]) => runWith(context, target as () => unknown, undefined, ...args);
  },
  enable: (): unknown => contextManager,
  disable: (): unknown => contextManager,
};

interface Getter {
  get(carrier: unknown, key: string): unknown;
  keys(carrier: unknown): string[];
}

const propagation = {
  inject(
    context: OtelContext,
    carrier: unknown,
    setter: { set(carrier: unknown, key: string, value: string): void },
  ): void {
    const span = context.getValue(otelSpanKey);
    if (!(span instanceof BridgedSpan)) return;
    const headers: Carrier = {};
    injectContext(span.inner.position(), headers);
    for (const name in headers) setter.set(carrier, name, headers[name]!);
  },
  extract(context: OtelContext, carrier: unknown, getter: Getter): OtelContext {
    const headers = Object.fromEntries(
      getter.keys(carrier).map((key) => [key, getter.get(carrier, key)]),
    );
    const found = extractContext(headers);
    if (found === undefined) return context;
    const spanContext = {
      traceId: traceIdHex(found),
      spanId: hex64(found.spanId),
      traceFlags: (found.priority ?? 1) > 0 ? 1 : 0,
      isRemote: true,
    };
    return context.setValue(otelSpanKey, {
      spanContext: () => spanContext,
      isRecording: () => false,
    });
  },
  fields: (): string[] => [
    'traceparent',
    'tracestate',
    'x-datadog-trace-id',
    'x-datadog-parent-id',
  ],
};

interface Api {
  readonly trace?: { setGlobalTracerProvider?: (provider: object) => boolean };
  readonly context?: { setGlobalContextManager?: (manager: object) => boolean };
  readonly propagation?: { setGlobalPropagator?: (propagator: object) => boolean };
}

// Recognised by the half of us that would otherwise take this for a provider of the function's own.
const provider = { getTracer: () => otelTracer, spanloom: true };

/** Newer than any copy of the API that asks: it takes what a newer one registered, not what an older one did. */
const globalsVersion = '1.99.0';

interface Globals {
  readonly version?: string;
  trace?: unknown;
  context?: unknown;
  propagation?: unknown;
}

const copies: object[] = [];

/** Remembers a copy of the API that was loaded. Registering has to wait: the function's own provider comes after its API. */
export function rememberOpenTelemetry(api: object): void {
  copies.push(api);
}

/** Called when the first invocation begins: who registers a provider has done so by now. */
export function answerOpenTelemetry(): void {
  if (!firstPatch('opentelemetry')) return;
  for (const api of copies) registerOpenTelemetry(api);
  const holder = globalThis as { [otelKey]?: Globals };
  if (holder[otelKey]?.trace !== undefined) return;
  // No copy that we saw: one may be part of a bundle, or an ES module. All copies look here.
  const globals: Globals = (holder[otelKey] ??= { version: globalsVersion });
  globals.context ??= contextManager;
  globals.propagation ??= propagation;
  globals.trace = provider;
}

/**
 * Registers our tracer with the copy of `@opentelemetry/api` that is given, unless a provider is registered already. It happens by
 * itself when the first invocation begins. Only tracers that an ES module or a bundle asked for earlier need this call.
 */
export function registerOpenTelemetry(api: object): boolean {
  const registered = (globalThis as { [otelKey]?: Globals })[otelKey]?.trace;
  const { trace, context, propagation: propagator } = api as Api;
  if (registered !== undefined || trace?.setGlobalTracerProvider === undefined) return false;
  context?.setGlobalContextManager?.(contextManager);
  propagator?.setGlobalPropagator?.(propagation);
  return trace.setGlobalTracerProvider(provider);
}
