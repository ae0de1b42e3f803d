import type { TraceContext } from '../context/trace-context.ts';
import { nowMs } from './clock.ts';
import { randomId } from './random-id.ts';
import { ruleRate } from './sampling-rules.ts';
import { Span, type SpanOptions } from './span.ts';

/** What all traces of a process have in common. */
export interface TraceDefaults {
  readonly service: string;
  readonly env: string | undefined;
  readonly version: string | undefined;
  readonly tags: readonly (readonly [string, string])[];
  readonly sampleRate: number | undefined;
}

/** Takes the spans of one trace that can be sent. The first one carries what belongs to the trace. */
export type ChunkSink = (trace: Trace, spans: readonly Span[]) => void;

/** Spans kept until their invocation ends; beyond this they leave in parts. */
const partialFlushSpans = 1000;
/** Open spans beyond this are made but not kept: a function that never finishes them must not fill its memory. */
const openLimit = 20_000;

/** The spans of one trace within one invocation. */
export class Trace {
  readonly traceId: bigint;
  readonly traceHigh: string;
  readonly service: string;
  readonly defaults: TraceDefaults;
  /** Where the trace came from; its span is the parent of the first ones here. */
  readonly parent: TraceContext | undefined;
  readonly origin: string;
  readonly tags: Record<string, string>;
  priority: number | undefined;
  /** How many spans it had so far. */
  started = 0;
  /** The rate that decided, under the name that says what kind of rate it is. */
  rate: readonly [string, number] | undefined;
  readonly #sink: ChunkSink;
  readonly #open = new Set<Span>();
  #done: Span[] = [];
  /** What the sampling rules are asked about. */
  #first: Span | undefined;
  #closed = false;

  constructor(defaults: TraceDefaults, parent: TraceContext | undefined, sink: ChunkSink) {
    const continued = parent !== undefined && parent.traceId !== 0n;
    this.defaults = defaults;
    this.service = defaults.service;
    this.parent = parent;
    this.traceId = continued ? parent.traceId : randomId();
    this.traceHigh = continued
      ? parent.traceHigh
      : Math.floor(nowMs() / 1000)
          .toString(16)
          .padStart(8, '0') + '00000000';
    this.origin = parent?.origin ?? 'lambda';
    this.tags = { ...parent?.tags };
    this.priority = parent?.priority;
    this.#sink = sink;
  }

  start(name: string, parentId: bigint | undefined, options: SpanOptions = {}): Span {
    const span = new Span(this, name, parentId ?? this.parent?.spanId ?? 0n, options);
    this.#first ??= span;
    if (this.#open.size < openLimit) this.#open.add(span);
    return span;
  }

  /** Settles the sampling decision, unless it is settled: everything downstream has to follow it. */
  decided(): number {
    if (this.priority !== undefined) return this.priority;
    const sampleRate =
      (this.#first === undefined ? undefined : ruleRate(this.#first)) ?? this.defaults.sampleRate;
    if (sampleRate === undefined) {
      this.decide(1, '-0');
      this.rate = ['_dd.agent_psr', 1];
    } else {
      // The same multiplication as in all tracers of this wire: they agree on which traces to keep.
      const mixed = BigInt.asUintN(64, this.traceId * 1111111111111111111n);
      const kept = Number(mixed) <= sampleRate * 2 ** 64;
      this.decide(kept ? 2 : -1, '-3');
      this.rate = ['_dd.rule_psr', sampleRate];
    }
    return this.priority ?? 1;
  }

  /** Sets the sampling priority, and by what right. */
  decide(priority: number, decisionMaker: string): void {
    this.priority = priority;
    if (priority > 0) this.tags['_dd.p.dm'] = decisionMaker;
    else delete this.tags['_dd.p.dm'];
  }

  positionOf(spanId: bigint): TraceContext {
    return {
      traceId: this.traceId,
      traceHigh: this.traceHigh,
      spanId,
      priority: this.decided(),
      origin: this.origin,
      tags: this.tags,
      tracestate: this.parent?.tracestate,
      baggage: this.parent?.baggage,
    };
  }

  /** Called by a span that ended. */
  finished(span: Span): void {
    if (!this.#open.delete(span)) return;
    this.#done.push(span);
    if (this.#closed || this.#done.length >= partialFlushSpans) this.flush();
  }

  /** The span that started last of those still open. */
  deepestOpen(): Span | undefined {
    let last: Span | undefined;
    for (const span of this.#open) last = span;
    return last;
  }

  finishAll(): void {
    for (const span of this.#open) span.finish();
  }

  /** Hands over what is finished. */
  flush(): void {
    if (this.#done.length === 0) return;
    // In the order of their starts: readers take the first one for the root of what they got.
    const spans = this.#done.toSorted((a, b) => a.sequence - b.sequence);
    this.#done = [];
    this.#sink(this, spans);
  }

  /** The invocation is over: hands over, and what ends later goes as it ends. */
  close(): void {
    this.#closed = true;
    this.flush();
  }
}
