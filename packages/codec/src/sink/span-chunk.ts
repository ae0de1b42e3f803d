import { type BatchMark, NO_PRIORITY, SPAN_FLAGS } from '@spanloom/model';
import { toBigint } from '../wire/int64.ts';
import type { AttributeList } from './attribute-list.ts';
import type { SpanSink } from './span-sink.ts';

/** How the payload says which spans are entry spans. */
export type TopLevel =
  /** The sender marked them. */
  | 'marked'
  /** Nobody did: work it out. */
  | 'compute'
  /** Marks count where a chunk has any. */
  | 'compute-unless-marked';

/** Settings of a payload that concern its chunks. */
export interface ChunkOptions {
  readonly topLevel: TopLevel;
  /** The sender counts these spans in stats of its own. */
  readonly clientStats: boolean;
}

/** What a chunk states beside its spans. */
export interface ChunkFacts {
  /** `NO_PRIORITY` when it states none. */
  readonly priority: number;
  /** Number in the batch's envelope table. */
  readonly envelope: number;
}

/**
 * The spans of one chunk: a trace, or the part of one that was flushed together. Checks that they belong together, gives all
 * of them what only one of them states, and takes them back when the chunk is unusable.
 */
export class SpanChunk {
  readonly #sink: SpanSink;
  readonly #options: ChunkOptions;
  #mark: BatchMark = { length: 0 };
  #problem = '';
  #hasHigh = false;
  #highHigh = 0;
  #highLow = 0;
  #lowHigh = 0;
  #lowLow = 0;
  readonly #tid: number;
  readonly #has: (key: number) => boolean;

  constructor(sink: SpanSink, options: ChunkOptions) {
    this.#sink = sink;
    this.#options = options;
    this.#tid = sink.keys.of('_dd.p.tid');
    // Java states the service of a chunk's root among the chunk's attributes: every span has a service of its own.
    const service = sink.keys.of('service');
    this.#has = (key) => key === service || sink.has(key);
  }

  begin(): void {
    this.#mark = this.#sink.batch.mark();
    this.#problem = '';
    this.#hasHigh = false;
  }

  /** Whether the span being built is the first of the chunk. */
  get isFirst(): boolean {
    return this.#sink.row === this.#mark.length;
  }

  /** The chunk cannot be used. It is dropped at its end, under the first reason given. */
  fail(reason: string): void {
    if (this.#problem === '') this.#problem = reason;
  }

  /** Closes the open span: `inherited` are the attributes that it has unless it states them itself. */
  endSpan(inherited: readonly AttributeList[]): void {
    const sink = this.#sink;
    for (const list of inherited) {
      if (!list.isEmpty) list.applyTo(sink, this.#has);
    }
    sink.settleTraceHigh();
    if (sink.hasTraceHigh) this.#takeTraceHigh(sink.traceHighHigh, sink.traceHighLow);
    sink.endSpan();
  }

  /** The chunk states its whole trace id. */
  setTraceId(highHigh: number, highLow: number, lowHigh: number, lowLow: number): void {
    this.#hasHigh = true;
    this.#highHigh = highHigh;
    this.#highLow = highLow;
    this.#lowHigh = lowHigh;
    this.#lowLow = lowLow;
  }

  /** Gives the open span the chunk's trace id. */
  applyTraceId(): void {
    this.#sink.batch.traceLow.set(this.#sink.row, this.#lowHigh, this.#lowLow);
  }

  /** Most tracers write the upper half on the first span only; it is the same for all of them. */
  #takeTraceHigh(high: number, low: number): void {
    if (!this.#hasHigh) {
      this.#hasHigh = true;
      this.#highHigh = high;
      this.#highLow = low;
    } else if (this.#highHigh !== high || this.#highLow !== low) {
      this.#sink.count('TraceIDHighMismatch');
      this.#sink.keep(this.#tid, toBigint(high, low).toString(16).padStart(16, '0'));
    }
  }

  /** Ends the chunk; false when it was dropped. */
  end(facts: ChunkFacts): boolean {
    const { batch, outcome } = this.#sink;
    const from = this.#mark.length;
    const to = batch.length;
    if (from === to && this.#problem === '') this.#problem = 'EmptyTrace';
    if (this.#problem === '') this.#problem = this.#check(from, to);
    if (this.#problem !== '') {
      outcome.droppedTraces[this.#problem] = (outcome.droppedTraces[this.#problem] ?? 0) + 1;
      outcome.droppedSpans += to - from;
      batch.rollback(this.#mark);
      return false;
    }
    this.#indexSpans(from, to);
    this.#settlePriority(from, to, facts.priority);
    this.#settleTopLevel(from, to);
    for (let row = from; row < to; row++) {
      if (this.#hasHigh) batch.traceHigh.set(row, this.#highHigh, this.#highLow);
      if (this.#options.clientStats) batch.flags[row]! |= SPAN_FLAGS.clientStats;
    }
    this.#sink.stampRows(from, to, facts.envelope);
    outcome.traces++;
    outcome.spans += to - from;
    return true;
  }

  #check(from: number, to: number): string {
    const { traceLow, spanId } = this.#sink.batch;
    const high = traceLow.high(from);
    const low = traceLow.low(from);
    for (let row = from; row < to; row++) {
      if (traceLow.isZero(row)) return 'TraceIDZero';
      if (spanId.isZero(row)) return 'SpanIDZero';
      if (traceLow.low(row) !== low || traceLow.high(row) !== high) return 'ForeignSpan';
    }
    return '';
  }

  #indexSpans(from: number, to: number): void {
    const { ids } = this.#sink.texts;
    ids.reset(to - from);
    for (let row = from; row < to; row++) {
      if (!ids.add(row)) this.#sink.count('DuplicateSpanID');
    }
  }

  /** The last span without a parent; else the first whose parent is elsewhere; else the last. */
  #root(from: number, to: number): number {
    const { parentId } = this.#sink.batch;
    const { ids } = this.#sink.texts;
    for (let row = to - 1; row >= from; row--) {
      if (parentId.isZero(row)) return row;
    }
    for (let row = from; row < to; row++) {
      if (ids.find(parentId.high(row), parentId.low(row)) < 0) return row;
    }
    return to - 1;
  }

  #settlePriority(from: number, to: number, stated: number): void {
    const { batch, outcome } = this.#sink;
    let priority = stated;
    if (priority === NO_PRIORITY) {
      priority = batch.priority[this.#root(from, to)]!;
      for (let row = from; row < to && priority === NO_PRIORITY; row++)
        priority = batch.priority[row]!;
    }
    batch.priority.fill(priority, from, to);
    const name = priority === NO_PRIORITY ? 'none' : String(priority);
    outcome.priorities[name] = (outcome.priorities[name] ?? 0) + 1;
  }

  #settleTopLevel(from: number, to: number): void {
    const { batch } = this.#sink;
    const { flags, parentId, service } = batch;
    if (this.#options.topLevel === 'marked') return;
    if (this.#options.topLevel === 'compute-unless-marked') {
      for (let row = from; row < to; row++) {
        if ((flags[row]! & SPAN_FLAGS.entry) !== 0) return;
      }
    }
    const { ids } = this.#sink.texts;
    for (let row = from; row < to; row++) {
      const parent = parentId.isZero(row) ? -1 : ids.find(parentId.high(row), parentId.low(row));
      if (parent < 0 || service.data[parent] !== service.data[row]) flags[row]! |= SPAN_FLAGS.entry;
    }
  }
}
