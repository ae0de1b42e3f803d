import { type Segment, withDescendants } from './segment-document.ts';
import { objectAt, objectsAt, textAt, type XRayObject } from './xray-json.ts';

/** An exception and the segment that recorded it. */
export interface RecordedException {
  readonly exception: XRayObject;
  readonly segment: Segment;
}

/**
 * The segments that came together, to look up what one says about another. One document by itself is the usual case; a fetched
 * trace has all of its documents.
 */
export class SegmentSet {
  readonly documents: readonly Segment[];
  readonly #segments = new Map<string, Segment>();
  readonly #exceptions = new Map<string, RecordedException>();
  /** Inferred segments by the subsegment that called. */
  readonly #inferred = new Map<string, Segment>();

  constructor(documents: readonly Segment[]) {
    this.documents = documents;
    for (const document of documents) {
      if (document.kind === 'inferred' && document.parentId !== undefined) {
        this.#inferred.set(numberKey(document, document.parentId), document);
      }
      for (const segment of withDescendants(document)) {
        const key = numberKey(segment, segment.id.value);
        // A finished document is the final one, wherever it stands.
        if (!segment.inProgress || !this.#segments.has(key)) this.#segments.set(key, segment);
        for (const exception of objectsAt(objectAt(segment.fields, 'cause'), 'exceptions')) {
          const id = textAt(exception, 'id');
          if (id !== '') this.#exceptions.set(textKey(segment, id), { exception, segment });
        }
      }
    }
  }

  /** The segment above, in this document or another. */
  parentOf(segment: Segment): Segment | undefined {
    if (segment.enclosing !== undefined || segment.parentId === undefined) return segment.enclosing;
    return this.#segments.get(numberKey(segment, segment.parentId));
  }

  /** What X-Ray made up for a callee that reports nothing itself. */
  inferredCalleeOf(segment: Segment): Segment | undefined {
    return this.#inferred.get(numberKey(segment, segment.id.value));
  }

  /**
   * The segment proper that a subsegment belongs to: the nearest above that is not a subsegment; itself when nothing of that
   * kind came along.
   */
  ownerOf(segment: Segment): Segment {
    const seen = new Set<Segment>();
    let at = segment;
    while (at.kind === 'subsegment' && !seen.has(at)) {
      seen.add(at);
      const above = this.parentOf(at);
      if (above === undefined) return at;
      at = above;
    }
    return at;
  }

  /** The exception of this id; else the first one of the segment of this id. Senders refer to either. */
  exceptionOf(id: string, near: Segment): RecordedException | undefined {
    const found = this.#exceptions.get(textKey(near, id));
    if (found !== undefined) return found;
    if (!/^[0-9a-f]{16}$/i.test(id)) return undefined;
    const segment = this.#segments.get(numberKey(near, BigInt(`0x${id}`)));
    if (segment === undefined) return undefined;
    const exception = objectsAt(objectAt(segment.fields, 'cause'), 'exceptions')[0];
    return exception === undefined ? undefined : { exception, segment };
  }
}

function numberKey({ traceText }: Segment, id: bigint): string {
  return `${traceText}:${id}`;
}

function textKey({ traceText }: Segment, id: string): string {
  return `${traceText}:${id.toLowerCase()}`;
}
