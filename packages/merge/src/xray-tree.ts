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
 * Who is whose parent inside of each X-Ray trace, and which Lambda function anything belongs to. Worked out once, from parents to
 * children: a trace may be as deep as it is long.
 */
export class XRayTree {
  readonly kinds: Uint8Array;
  readonly #own: Int32Array;
  readonly #functions: Int32Array;
  readonly #services: Int32Array;
  readonly #tops: Int32Array;

  /** @param own Each span's parent within its own trace, -1 for none. */
  constructor(pool: Pool, own: Int32Array) {
    const count = pool.spans.length;
    this.#own = own;
    this.kinds = new Uint8Array(count);
    this.#functions = new Int32Array(count).fill(-1);
    this.#services = new Int32Array(count).fill(-1);
    this.#tops = new Int32Array(count);
    for (let i = 0; i < count; i++) {
      this.#tops[i] = i;
      if (pool.isXRay[i] === 1) this.kinds[i] = kindOf(pool.spans[i]!);
    }
    const isDone = new Uint8Array(count);
    const path: number[] = [];
    for (let i = 0; i < count; i++) {
      let at = i;
      // A cycle ends where it meets itself.
      for (; at !== -1 && isDone[at] === 0 && this.kinds[at] !== XRAY_KIND.none; at = own[at]!) {
        isDone[at] = 1;
        path.push(at);
      }
      while (path.length > 0) this.#inherit(path.pop()!);
    }
  }

  /** The span above in the same trace, -1 for none. */
  parentOf(position: number): number {
    return this.#own[position]!;
  }

  /** The run of a function that a span is part of, itself included; -1 for none. */
  functionOf(position: number): number {
    return this.#functions[position]!;
  }

  /** Lambda's own record that a span is part of, itself included; -1 for none. */
  serviceOf(position: number): number {
    return this.#services[position]!;
  }

  /** The outermost span above. */
  topOf(position: number): number {
    return this.#tops[position]!;
  }

  #inherit(position: number): void {
    const parent = this.#own[position]!;
    const kind = this.kinds[position];
    if (parent !== -1) this.#tops[position] = this.#tops[parent]!;
    if (kind === XRAY_KIND.lambdaFunction) this.#functions[position] = position;
    else if (parent !== -1) this.#functions[position] = this.#functions[parent]!;
    if (kind === XRAY_KIND.lambdaService) this.#services[position] = position;
    else if (parent !== -1) this.#services[position] = this.#services[parent]!;
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
