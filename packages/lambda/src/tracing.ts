import type { SpanLink, TraceContext } from './context/trace-context.ts';
import { shared } from './shared.ts';
import { deliverSpans } from './send/deliver.ts';
import { isSpan, type Span, type SpanOptions, type Tags } from './span/span.ts';
import { Trace, type TraceDefaults } from './span/trace.ts';

/** A span of whichever tracer makes them. */
export interface LiveSpan {
  setTag(key: string, value: unknown): unknown;
  addTags(tags: Tags): unknown;
  setError(error: unknown): unknown;
  addLink(link: SpanLink): unknown;
  finish(endMs?: number): void;
  position(): TraceContext;
}

/** What makes the spans of one invocation: our own tracer, or one that the function brought. */
export interface Tracing {
  start(name: string, parent: LiveSpan | undefined, options: SpanOptions): LiveSpan;
  /** Runs `body` with `span` as the parent of what it starts. */
  run<T>(span: LiveSpan, body: () => T): T;
  /** Where the caller is in the trace. */
  active(): TraceContext | undefined;
  /** The active span as a parent for more, where `active` alone cannot be one. */
  activeSpan?(): LiveSpan | undefined;
  /** Marks what is open as cut off and sends all of it. */
  abandon(tags: Tags): void;
  /** Sends what is finished. */
  close(): void;
}

/** Our own tracer. */
export class OwnTracing implements Tracing {
  readonly trace: Trace;

  constructor(defaults: TraceDefaults, parent: TraceContext | undefined) {
    this.trace = new Trace(defaults, parent, deliverSpans);
  }

  start(name: string, parent: LiveSpan | undefined, options: SpanOptions): Span {
    return this.trace.start(name, isSpan(parent) ? parent.id : undefined, options);
  }

  run<T>(_span: LiveSpan, body: () => T): T {
    // Our own spans are active through the scope that the invocation runs in.
    return body();
  }

  active(): TraceContext | undefined {
    return shared.scopes.getStore()?.span?.position();
  }

  abandon(tags: Tags): void {
    const deepest = this.trace.deepestOpen();
    if (deepest !== undefined) {
      deepest.error = 1;
      deepest.addTags(tags);
    }
    this.trace.finishAll();
    this.trace.close();
  }

  close(): void {
    this.trace.close();
  }
}

/** The trace that our own tracer keeps for an invocation; `undefined` where another one makes the spans. */
export function ownTrace(tracing: Tracing | undefined): Trace | undefined {
  return tracing !== undefined && 'trace' in tracing ? (tracing as OwnTracing).trace : undefined;
}
