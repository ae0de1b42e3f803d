import { derivedId } from '../trace-id.ts';

/** A trace header's part that continues a trace: whose trace, and below which span. */
export interface TraceContext {
  /** `1-<8 hex>-<24 hex>` */
  readonly root: string;
  /** 16 hex digits. */
  readonly parent?: string;
}

/** What every scene takes. */
export interface SceneOptions {
  /** When it begins, in epoch milliseconds. */
  readonly at: number;
  /** Continues this trace; begins one of its own if left out. */
  readonly trace?: TraceContext;
  /** Ids are made from it: the same seed, the same ids. */
  readonly seed?: string;
  readonly account?: string;
  readonly region?: string;
}

/** What every scene makes. */
export interface Scene {
  readonly traceId: string;
  /** As the services send them: several documents of one trace. */
  readonly documents: readonly SceneDocument[];
}

/** A segment document with the fields that all have. */
export interface SceneDocument {
  readonly id: string;
  readonly trace_id: string;
  readonly name: string;
  readonly start_time: number;
  readonly [field: string]: unknown;
}

/** Where a scene plays, with what makes its ids and times. */
export class Stage {
  readonly traceId: string;
  readonly parent: { readonly parent_id?: string };
  readonly account: string;
  readonly region: string;
  readonly #at: number;
  readonly #seed: string;

  constructor(options: SceneOptions) {
    this.#at = options.at;
    this.#seed = options.seed ?? 'scene';
    this.traceId = options.trace?.root ?? this.newTraceId('trace', options.at);
    this.parent = options.trace?.parent === undefined ? {} : { parent_id: options.trace.parent };
    this.account = options.account ?? '111122223333';
    this.region = options.region ?? 'eu-west-1';
  }

  /** The id of the part of that name. The trace is in it, so that no two traces share ids. */
  id(name: string): string {
    return derivedId(`${this.traceId} ${this.#seed} ${name}`);
  }

  /** A trace id minted at a time, for those who begin traces of their own. */
  newTraceId(name: string, atMs: number): string {
    const seconds = Math.floor(atMs / 1000)
      .toString(16)
      .padStart(8, '0');
    const text = `${this.#seed} ${name} ${atMs}`;
    return `1-${seconds}-${derivedId(text)}${derivedId(`${text} more`).slice(0, 8)}`;
  }

  /** A UUID-shaped request id. */
  requestId(name: string): string {
    const hex = derivedId(`${this.#seed} ${name} a`) + derivedId(`${this.#seed} ${name} b`);
    return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-4${hex.slice(13, 16)}-9${hex.slice(17, 20)}-${hex.slice(20)}`;
  }

  /** Epoch seconds of a moment, given in milliseconds from the beginning; to the microsecond. */
  time(offsetMs: number): number {
    return Math.round((this.#at + offsetMs) * 1000) / 1e6;
  }

  /** `start_time` and `end_time`. */
  span(fromMs: number, toMs: number): { start_time: number; end_time: number } {
    return { start_time: this.time(fromMs), end_time: this.time(toMs) };
  }

  /** The ARN of something in this account and region. */
  arn(service: string, resource: string): string {
    return `arn:aws:${service}:${this.region}:${this.account}:${resource}`;
  }
}
