import { statedEnv, statedService } from './annotations.ts';
import { isLambdaOrigin } from './aws-facts.ts';
import { urlParts } from './scrub-url.ts';
import { type Segment, withDescendants } from './segment-document.ts';
import type { SegmentSet } from './segment-set.ts';
import { objectAt, textAt } from './xray-json.ts';

/** Service and environment of a segment with everything in it. '' for what it does not state. */
export interface Deployment {
  readonly service: string;
  readonly env: string;
}

/** Finds out where segments belong; remembers what it found for a whole segment. */
export class Deployments {
  readonly #set: SegmentSet;
  readonly #known = new Map<Segment, Deployment>();

  constructor(set: SegmentSet) {
    this.#set = set;
  }

  of(segment: Segment): Deployment {
    const owner = this.#set.ownerOf(segment);
    if (owner.kind === 'subsegment') {
      // It came without its segment: whoever puts the trace together knows more than its own annotations say.
      return { service: nearest(segment, statedService), env: nearest(segment, statedEnv) };
    }
    let known = this.#known.get(owner);
    if (known === undefined) {
      const service = firstStated(owner, statedService) || this.#nameOf(owner);
      known = { service, env: firstStated(owner, statedEnv) };
      this.#known.set(owner, known);
    }
    return known;
  }

  #nameOf(owner: Segment): string {
    const { name, origin } = owner;
    if (origin === 'AWS::ApiGateway::Stage') return name.split('/', 1)[0]!;
    if (!name.startsWith('/')) return name;
    // API Gateway names the callee of an HTTP integration after its path: one service per path would be too many.
    const above = this.#set.parentOf(owner);
    const callers = above === undefined ? [] : [above, this.#set.ownerOf(above)];
    return [owner, ...callers].map(requestHost).find((host) => host !== '') ?? name;
  }
}

function requestHost({ fields }: Segment): string {
  return urlParts(textAt(objectAt(objectAt(fields, 'http'), 'request'), 'url')).host;
}

/** What the segment states itself. Nobody can annotate Lambda's own segments: there the first subsegment that speaks counts. */
function firstStated(segment: Segment, stated: (of: Segment) => string): string {
  if (!isLambdaOrigin(segment.origin)) return stated(segment);
  for (const each of withDescendants(segment)) {
    const text = stated(each);
    if (text !== '') return text;
  }
  return '';
}

function nearest(segment: Segment, stated: (of: Segment) => string): string {
  for (let at: Segment | undefined = segment; at !== undefined; at = at.enclosing) {
    const text = stated(at);
    if (text !== '') return text;
  }
  return '';
}
