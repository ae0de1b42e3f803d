import type { Segment } from './segment-document.ts';
import type { SegmentId } from './segment-ids.ts';
import { SegmentVersions } from './segment-versions.ts';
import { withDescendants } from './segment-document.ts';
import { objectAt, objectsAt, textAt, type XRayObject } from './xray-json.ts';

/** An exception and the segment that recorded it. */
export interface RecordedException {
  readonly exception: XRayObject;
  readonly segment: Segment;
}

const NONE: readonly Segment[] = [];

/**
 * The segments of one trace that came together, to look up what one says about another. One document by itself is the usual case
 * when an SDK sends it; a fetched trace has all of its documents. Every answer is about the last versions of segments.
 */
export class SegmentSet {
  readonly #versions: SegmentVersions;
  readonly #segments: Segment[] = [];
  readonly #exceptions = new Map<string, RecordedException>();
  /** Inferred segments by the call that made X-Ray infer them. */
  readonly #inferred = new Map<string, Segment>();
  readonly #owners = new Map<Segment, Segment>();
  #children: Map<Segment, Segment[]> | undefined;
  #guessedOwner: Segment | undefined;

  constructor(documents: readonly Segment[]) {
    const versions = new SegmentVersions(documents);
    this.#versions = versions;
    for (const document of versions.ordered) {
      for (const segment of withDescendants(document)) {
        if (!versions.isCurrent(segment)) continue;
        this.#segments.push(segment);
        if (segment.kind === 'inferred') this.#inferred.set(segment.parentKey, segment);
        if ('cause' in segment.fields) this.#noteExceptions(segment);
      }
    }
    this.#guessedOwner = guessOwner(this.#segments);
  }

  /** Every segment that becomes a span, in an order that depends on nothing but what they say. */
  get segments(): readonly Segment[] {
    return this.#segments;
  }

  /** Whether this is the version of a segment that becomes a span. */
  isCurrent(segment: Segment): boolean {
    return this.#versions.isCurrent(segment);
  }

  idOf(segment: Segment): SegmentId {
    return this.#versions.idOf(segment);
  }

  /** The id of the span above, whether or not it came along. */
  parentIdOf({ enclosing, parentId }: Segment): bigint {
    if (enclosing === undefined) return parentId ?? 0n;
    return this.idOf(this.#versions.currentOf(enclosing)).value;
  }

  /** The segment above, in this document or another. */
  parentOf(segment: Segment): Segment | undefined {
    if (segment.enclosing !== undefined) return this.#versions.currentOf(segment.enclosing);
    if (segment.parentKey === '') return undefined;
    const above = this.#versions.withKey(segment.parentKey);
    return above === segment ? undefined : above;
  }

  /** The segments above, nearest first, as far as they came along. */
  *ancestorsOf(segment: Segment): Generator<Segment> {
    const seen = new Set([segment]);
    for (let at = this.parentOf(segment); at !== undefined; at = this.parentOf(at)) {
      if (seen.has(at)) return;
      seen.add(at);
      yield at;
    }
  }

  /** Subsegments right below, wherever they came. */
  subsegmentsOf(segment: Segment): readonly Segment[] {
    this.#children ??= this.#indexChildren();
    return this.#children.get(segment) ?? NONE;
  }

  /** Subsegments below at any depth, outer ones first. */
  *subsegmentsWithin(segment: Segment): Generator<Segment> {
    const seen = new Set([segment]);
    const open = this.subsegmentsOf(segment).toReversed();
    for (let next = open.pop(); next !== undefined; next = open.pop()) {
      if (seen.has(next)) continue;
      seen.add(next);
      yield next;
      open.push(...this.subsegmentsOf(next).toReversed());
    }
  }

  /** What X-Ray made up for a callee that reports nothing itself. */
  inferredCalleeOf(segment: Segment): Segment | undefined {
    return this.#inferred.size === 0 ? undefined : this.#inferred.get(segment.key);
  }

  /**
   * The segment proper that a subsegment belongs to: the nearest above that is not a subsegment. When nothing of that kind came
   * along, it is the only one it can be, else the outermost subsegment itself.
   */
  ownerOf(segment: Segment): Segment {
    if (segment.kind !== 'subsegment') return segment;
    const known = this.#owners.get(segment);
    if (known !== undefined) return known;
    // Nearly all are asked for after what is around them.
    const above = this.parentOf(segment);
    const near =
      above === undefined || above.kind !== 'subsegment' ? above : this.#owners.get(above);
    const owner = near?.kind === 'segment' ? near : this.#findOwner(segment);
    this.#owners.set(segment, owner);
    return owner;
  }

  #findOwner(segment: Segment): Segment {
    let outermost = segment;
    for (const above of this.ancestorsOf(segment)) {
      const owner = this.#owners.get(above) ?? above;
      if (owner.kind !== 'subsegment') return owner;
      outermost = above;
    }
    if (this.#guessedOwner !== undefined) return this.#guessedOwner;
    // In a circle nothing is outermost.
    return this.parentOf(outermost) === undefined ? outermost : segment;
  }

  /** The exception of this id; else the first one of the segment of this id. Senders refer to either. */
  exceptionOf(id: string): RecordedException | undefined {
    if (id === '') return undefined;
    const key = id.toLowerCase();
    const found = this.#exceptions.get(key);
    if (found !== undefined) return found;
    const segment = this.#versions.withKey(key);
    if (segment === undefined) return undefined;
    const exception = objectsAt(objectAt(segment.fields, 'cause'), 'exceptions')[0];
    return exception === undefined ? undefined : { exception, segment };
  }

  /** The earliest of the segments that hang below nothing that came along. */
  get top(): Segment | undefined {
    let top: Segment | undefined;
    for (const segment of this.#segments) {
      if (this.parentOf(segment) !== undefined) continue;
      if (top === undefined || isEarlier(segment, top)) top = segment;
    }
    return top;
  }

  #noteExceptions(segment: Segment): void {
    for (const exception of objectsAt(objectAt(segment.fields, 'cause'), 'exceptions')) {
      const id = textAt(exception, 'id').toLowerCase();
      if (id !== '' && !this.#exceptions.has(id)) this.#exceptions.set(id, { exception, segment });
    }
  }

  #indexChildren(): Map<Segment, Segment[]> {
    const children = new Map<Segment, Segment[]>();
    for (const segment of this.#segments) {
      const above = segment.kind === 'subsegment' ? this.parentOf(segment) : undefined;
      if (above === undefined) continue;
      const siblings = children.get(above);
      if (siblings === undefined) children.set(above, [segment]);
      else siblings.push(segment);
    }
    return children;
  }
}

/**
 * Whose a subsegment is whose parent did not come: the only function's, since functions upload subsegments one by one below an
 * id that only Lambda's own part of the trace explains; else the only segment's.
 */
function guessOwner(segments: readonly Segment[]): Segment | undefined {
  const propers = segments.filter(({ kind }) => kind === 'segment');
  const functions = propers.filter(({ origin }) => origin === 'AWS::Lambda::Function');
  if (functions.length > 0) return functions.length === 1 ? functions[0] : undefined;
  return propers.length === 1 ? propers[0] : undefined;
}

function isEarlier(one: Segment, other: Segment): boolean {
  if (one.start === other.start) return one.key < other.key;
  return one.start !== undefined && (other.start === undefined || one.start < other.start);
}
