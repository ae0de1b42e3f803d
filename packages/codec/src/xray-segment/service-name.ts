import { statedEnv, statedService } from './annotations.ts';
import { isLambdaOrigin } from './aws-facts.ts';
import type { LambdaInvocations } from './lambda-invocations.ts';
import { urlParts } from './scrub-url.ts';
import type { Segment } from './segment-document.ts';
import type { SegmentSet } from './segment-set.ts';
import { objectAt, textAt } from './xray-json.ts';

/** Service and environment of a segment with everything in it. '' for what it does not state. */
export interface Deployment {
  readonly service: string;
  readonly env: string;
}

type Statement = (of: Segment) => string;

/** Finds out where segments belong; remembers what it found for a whole segment. */
export class Deployments {
  readonly #set: SegmentSet;
  readonly #invocations: LambdaInvocations;
  readonly #known = new Map<Segment, Deployment>();

  constructor(set: SegmentSet, invocations: LambdaInvocations) {
    this.#set = set;
    this.#invocations = invocations;
  }

  of(segment: Segment): Deployment {
    const owner = this.#set.ownerOf(segment);
    if (owner.kind === 'subsegment') {
      // It came without its segment: whoever puts the trace together knows more than its own annotations say.
      return {
        service: this.#nearest(segment, statedService),
        env: this.#nearest(segment, statedEnv),
      };
    }
    let known = this.#known.get(owner);
    if (known === undefined) {
      const service = this.#firstStated(owner, statedService) || this.#nameOf(owner);
      known = { service, env: this.#firstStated(owner, statedEnv) };
      this.#known.set(owner, known);
    }
    return known;
  }

  /** The host that something named for a path was called on; its name where it has a proper one. */
  hostOrName(segment: Segment): string {
    // API Gateway names the callee of an HTTP integration after its path: one service per path would be too many.
    if (!segment.name.startsWith('/')) return segment.name;
    for (const each of [segment, ...this.#set.ancestorsOf(segment)]) {
      const host = requestHost(each);
      if (host !== '') return host;
    }
    return segment.name;
  }

  #nameOf(owner: Segment): string {
    if (owner.origin === 'AWS::ApiGateway::Stage') return owner.name.split('/', 1)[0]!;
    return this.hostOrName(owner);
  }

  /**
   * What the segment states itself. Nobody can annotate Lambda's own segments: there the first subsegment that speaks counts, of
   * this segment or of the other one of the same invocation.
   */
  #firstStated(segment: Segment, stated: Statement): string {
    const own = stated(segment);
    if (own !== '' || !isLambdaOrigin(segment.origin)) return own;
    for (const half of [segment, ...this.#invocations.counterpartsOf(segment)]) {
      const text = stated(half);
      if (text !== '') return text;
      for (const inner of this.#set.subsegmentsWithin(half)) {
        const innerText = stated(inner);
        if (innerText !== '') return innerText;
      }
    }
    return '';
  }

  #nearest(segment: Segment, stated: Statement): string {
    const own = stated(segment);
    if (own !== '') return own;
    for (const above of this.#set.ancestorsOf(segment)) {
      const text = stated(above);
      if (text !== '') return text;
    }
    return '';
  }
}

function requestHost({ fields }: Segment): string {
  return urlParts(textAt(objectAt(objectAt(fields, 'http'), 'request'), 'url')).host;
}
