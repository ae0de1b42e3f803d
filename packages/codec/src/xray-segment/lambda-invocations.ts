import { functionArn, functionTags } from './aws-facts.ts';
import type { Segment } from './segment-document.ts';
import { isStartPhase } from './segment-names.ts';
import type { SegmentSet } from './segment-set.ts';
import { objectAt, textAt } from './xray-json.ts';

/** What is known of a function and one of its invocations. */
export interface FunctionFacts {
  /** See `functionTags`. */
  readonly tags: Readonly<Record<string, string>>;
  /** '' when it is not known. */
  readonly requestId: string;
  /** Whether the invocation had an instance made ready; undefined where there are several or none. */
  readonly coldStart: boolean | undefined;
  /** Made ready long before anybody called. */
  readonly proactive: boolean;
}

/** Where a trace was fetched. */
export interface Place {
  readonly account: string;
  readonly region: string;
}

/** A function made ready this long before its segment starts was made ready for whoever might come. */
const DETACHED_NS = 10_000_000_000n;

/**
 * Puts the two segments of a Lambda invocation together: the service's knows the request and the ARN, the function's knows how
 * the instance was started. Each is told what the other says.
 */
export class LambdaInvocations {
  readonly #set: SegmentSet;
  readonly #crawled: Place | undefined;
  readonly #serviceOf = new Map<Segment, Segment>();
  readonly #functionsOf = new Map<Segment, Segment[]>();
  readonly #facts = new Map<Segment, FunctionFacts>();

  constructor(set: SegmentSet, crawled: Place | undefined) {
    this.#set = set;
    this.#crawled = crawled;
    const services = new Map<string, Segment[]>();
    const functions: Segment[] = [];
    for (const segment of set.segments) {
      // What X-Ray inferred of a function knows nothing about its invocations.
      if (segment.kind !== 'segment') continue;
      if (segment.origin === 'AWS::Lambda::Function') functions.push(segment);
      else if (segment.origin === 'AWS::Lambda') append(services, segment.name, segment);
    }
    for (const each of functions) this.#pair(each, services.get(each.name) ?? []);
  }

  /** The facts of a Lambda segment, which are those of its own phases as well. */
  factsOf(segment: Segment): FunctionFacts {
    let facts = this.#facts.get(segment);
    if (facts === undefined) {
      facts = this.#gather(segment);
      this.#facts.set(segment, facts);
    }
    return facts;
  }

  /** The other segments of the same invocations. */
  counterpartsOf(segment: Segment): readonly Segment[] {
    const service = this.#serviceOf.get(segment);
    return service === undefined ? (this.#functionsOf.get(segment) ?? []) : [service];
  }

  /** Finds the service's segment: the one above, else the only one of the name. */
  #pair(segment: Segment, namesakes: readonly Segment[]): void {
    let service: Segment | undefined;
    for (const above of this.#set.ancestorsOf(segment)) {
      if (namesakes.includes(above)) service = above;
      if (above.kind !== 'subsegment') break;
    }
    service ??= namesakes.length === 1 ? namesakes[0] : undefined;
    if (service === undefined) return;
    this.#serviceOf.set(segment, service);
    append(this.#functionsOf, service, segment);
  }

  #gather(segment: Segment): FunctionFacts {
    const counterparts = this.counterpartsOf(segment);
    const stated = [segment, ...counterparts].map(functionArn).find((arn) => arn !== '');
    const onlyFunction = this.#onlyFunctionOf(segment);
    const started = onlyFunction === undefined ? undefined : this.#startOf(onlyFunction);
    return {
      tags: functionTags(stated ?? this.#composedArn(segment), segment.name),
      requestId: requestId(segment) || this.#requestOf(segment),
      coldStart: onlyFunction === undefined ? undefined : started !== undefined,
      proactive:
        started !== undefined && onlyFunction !== undefined && isDetached(started, onlyFunction),
    };
  }

  /** The function's segment of the one invocation that this is about; undefined when there are several. */
  #onlyFunctionOf(segment: Segment): Segment | undefined {
    if (segment.origin === 'AWS::Lambda::Function') return segment;
    const functions = this.#functionsOf.get(segment) ?? [];
    return functions.length === 1 ? functions[0] : undefined;
  }

  /** The request that only the service's segment states. With several invocations it may be another one's. */
  #requestOf(segment: Segment): string {
    const service = this.#serviceOf.get(segment);
    if (service === undefined || this.#functionsOf.get(service)?.length !== 1) return '';
    return requestId(service);
  }

  #startOf(segment: Segment): Segment | undefined {
    return this.#set.subsegmentsOf(segment).find(isStartPhase);
  }

  /** Newer function segments state no ARN: where they were fetched makes one. */
  #composedArn({ name, fields }: Segment): string {
    const region = this.#crawled?.region ?? '';
    const account = textAt(objectAt(fields, 'aws'), 'account_id') || (this.#crawled?.account ?? '');
    if (region === '' || account === '' || name === '') return '';
    const partition = region.startsWith('cn-') ? 'aws-cn' : 'aws';
    return `arn:${partition}:lambda:${region}:${account}:function:${name}`;
  }
}

/** Whether a start phase ended long before the function's segment began. */
export function isDetached(started: Segment, { start }: Segment): boolean {
  return started.end !== undefined && start !== undefined && start - started.end > DETACHED_NS;
}

function requestId({ fields }: Segment): string {
  return textAt(objectAt(fields, 'aws'), 'request_id');
}

function append<Key>(lists: Map<Key, Segment[]>, key: Key, segment: Segment): void {
  const list = lists.get(key);
  if (list === undefined) lists.set(key, [segment]);
  else list.push(segment);
}
