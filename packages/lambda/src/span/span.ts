import type { SpanLink, TraceContext } from '../context/trace-context.ts';
import { hex64, traceIdHex } from '../context/trace-context.ts';
import { nowMs } from './clock.ts';
import { randomId } from './random-id.ts';
import type { Trace } from './trace.ts';

/** What tags can be given as: numbers and booleans become metrics, objects are taken apart one level deep. */
export type Tags = Readonly<Record<string, unknown>>;

/** How a span begins. */
export interface SpanOptions {
  readonly service?: string | undefined;
  readonly resource?: string | undefined;
  readonly type?: string | undefined;
  /** Milliseconds since the epoch. Default: now. */
  readonly startMs?: number | undefined;
  readonly tags?: Tags | undefined;
  readonly links?: readonly SpanLink[] | undefined;
}

/** The place of a span in its trace, with the names other tracers use. */
export interface SpanContext {
  /** Decimal, the low 64 bits; with `true` all 128 in hex. */
  toTraceId(hex?: boolean): string;
  toSpanId(hex?: boolean): string;
  toTraceparent(): string;
}

/** One timed operation. Nothing it does throws. */
export class Span {
  readonly trace: Trace;
  readonly id: bigint;
  /** The how manieth of its trace it is. */
  readonly sequence: number;
  readonly parentId: bigint;
  readonly startMs: number;
  name: string;
  service: string;
  resource: string;
  type: string;
  error = 0;
  /** -1 until it is finished. */
  durationMs = -1;
  readonly meta: Record<string, string> = {};
  readonly metrics: Record<string, number> = {};
  links: SpanLink[] | undefined;

  constructor(trace: Trace, name: string, parentId: bigint, options: SpanOptions) {
    this.trace = trace;
    this.id = randomId();
    this.sequence = trace.started++;
    this.parentId = parentId;
    this.name = name;
    this.service = options.service ?? trace.service;
    this.resource = options.resource ?? name;
    this.type = options.type ?? '';
    const { startMs = NaN } = options;
    this.startMs = startMs > 0 ? startMs : nowMs();
    if (options.links !== undefined && options.links.length > 0) this.links = [...options.links];
    if (options.tags !== undefined) this.addTags(options.tags);
  }

  setTag(key: string, value: unknown): this {
    if (typeof value === 'string') {
      if (key === 'service.name') this.service = value;
      else if (key === 'resource.name') this.resource = value;
      else if (key === 'span.type') this.type = value;
      if (!/^(?:service\.name|resource\.name|span\.type)$/.test(key)) this.meta[key] = value;
    } else if (typeof value === 'number') this.metrics[key] = value;
    else if (typeof value === 'boolean') {
      if (key === 'manual.keep' && value) this.trace.decide(2, '-4');
      else if (key === 'manual.drop' && value) this.trace.decide(-1, '-4');
      else if (key === 'error') this.error = value ? 1 : 0;
      else this.metrics[key] = value ? 1 : 0;
    } else if (key === 'error') this.setError(value);
    else if (typeof value === 'bigint') this.meta[key] = String(value);
    else if (typeof value === 'object' && value !== null) {
      for (const [name, one] of Object.entries(value)) {
        if (typeof one !== 'object' || one === null) this.setTag(`${key}.${name}`, one);
        else this.meta[`${key}.${name}`] = describe(one);
      }
    }
    return this;
  }

  addTags(tags: Tags): this {
    for (const key in tags) this.setTag(key, tags[key]);
    return this;
  }

  /** Marks the span as failed, with what was thrown. */
  setError(error: unknown): this {
    this.error = 1;
    if (error instanceof Error) {
      this.meta['error.type'] = describe(error.name);
      this.meta['error.message'] = describe(error.message);
      this.meta['error.stack'] = String(error.stack ?? error);
    } else if (error !== undefined && error !== null) {
      this.meta['error.type'] = typeof error;
      this.meta['error.message'] = describe(error);
    }
    return this;
  }

  addLink(link: SpanLink): this {
    (this.links ??= []).push(link);
    return this;
  }

  /** Ends the span now or at `endMs`. A second call changes nothing. */
  finish(endMs?: number): void {
    if (this.durationMs >= 0) return;
    const end = endMs !== undefined && Number.isFinite(endMs) ? endMs : nowMs();
    this.durationMs = Math.max(end - this.startMs, 0.001);
    this.trace.finished(this);
  }

  /** As the parent of what runs elsewhere. */
  position(): TraceContext {
    return this.trace.positionOf(this.id);
  }

  context(): SpanContext {
    const { trace, id } = this;
    return {
      toTraceId: (hex) => (hex === true ? traceIdHex(trace) : String(trace.traceId)),
      toSpanId: (hex) => (hex === true ? hex64(id) : String(id)),
      toTraceparent: () => `00-${traceIdHex(trace)}-${hex64(id)}-0${trace.decided() > 0 ? 1 : 0}`,
    };
  }
}

/**
 * Whether it is a span of ours, also of another copy of this library: a function may load it as ES module and as CommonJS, and each
 * has a class of its own.
 */
export function isSpan(value: unknown): value is Span {
  return typeof value === 'object' && value !== null && 'sequence' in value && 'trace' in value;
}

function describe(value: unknown): string {
  try {
    return typeof value === 'string' ? value : (JSON.stringify(value) ?? String(value));
  } catch {
    return String(value);
  }
}
