import type { Span } from '@spanloom/model';
import type { Pool } from './pool.ts';

/** What a span of X-Ray is, as far as merging treats it differently. */
export const XRAY_KIND = {
  /** Not of X-Ray. */
  none: 0,
  /** Work that a program recorded. */
  subsegment: 1,
  /** What a service recorded of a request to it. */
  segment: 2,
  /** Lambda's own record of an invocation: queue, attempts, the answer. */
  lambdaService: 3,
  /** One run of a function. */
  lambdaFunction: 4,
  /** `Invocation` within it: the time the handler had. */
  invocation: 5,
  /** A callee that reports nothing itself, made up by X-Ray from what its caller saw. */
  inferred: 6,
  /** What a Datadog library tells X-Ray; not work at all. */
  metadata: 7,
} as const;

/**
 * Who is whose parent inside of each X-Ray trace, and which Lambda function anything belongs to.
 */
export class XRayTree {
  readonly kinds: Uint8Array;
  readonly #own: Int32Array;

  /** @param own Each span's parent within its own trace, -1 for none. */
  constructor(pool: Pool, own: Int32Array) {
    this.#own = own;
    this.kinds = new Uint8Array(pool.spans.length);
    for (let i = 0; i < pool.spans.length; i++) {
      if (pool.isXRay[i] === 1) this.kinds[i] = kindOf(pool.spans[i]!);
    }
  }

  /** The span above in the same trace, -1 for none. */
  parentOf(position: number): number {
    return this.#own[position]!;
  }

  /** The run of a function that a span is part of, itself included; -1 for none. */
  functionOf(position: number): number {
    return this.#nearest(position, XRAY_KIND.lambdaFunction);
  }

  /** Lambda's own record that a span is part of, itself included; -1 for none. */
  serviceOf(position: number): number {
    return this.#nearest(position, XRAY_KIND.lambdaService);
  }

  /** The outermost span above. */
  topOf(position: number): number {
    let at = position;
    for (let steps = 0; this.#own[at] !== -1 && steps < this.#own.length; steps++)
      at = this.#own[at]!;
    return at;
  }

  /** A span and what is above it in its own trace, upwards. Ends after one round of a cycle. */
  *pathUp(position: number): Generator<number> {
    let at = position;
    for (let steps = 0; at !== -1 && steps < this.#own.length; steps++) {
      yield at;
      at = this.#own[at]!;
    }
  }

  #nearest(position: number, kind: number): number {
    let at = position;
    for (let steps = 0; at !== -1 && steps < this.#own.length; steps++) {
      if (this.kinds[at] === kind) return at;
      at = this.#own[at]!;
    }
    return -1;
  }
}

function kindOf({ meta, name }: Span): number {
  const document = meta['xray.document'];
  if (document === 'inferred') return XRAY_KIND.inferred;
  if (document === 'subsegment') {
    const stated = meta['xray.name'];
    if (stated === 'datadog-metadata') return XRAY_KIND.metadata;
    return name === 'Invocation' ? XRAY_KIND.invocation : XRAY_KIND.subsegment;
  }
  const origin = meta['xray.origin'];
  if (origin === 'AWS::Lambda::Function') return XRAY_KIND.lambdaFunction;
  if (origin === 'AWS::Lambda') return XRAY_KIND.lambdaService;
  return XRAY_KIND.segment;
}
