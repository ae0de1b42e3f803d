import { type Segment, withDescendants } from './segment-document.ts';
import { parseSegmentId, type SegmentId } from './segment-ids.ts';
import { xrayJson } from './xray-json.ts';

/** Sets the ids made here apart from all that senders write. */
const OF_ITS_OWN = '\0';

/**
 * Which of the segments of a trace's documents become spans, and under which ids.
 *
 * A segment can come several times: unfinished and finished, by itself and within its segment. The last version counts, whatever
 * order they came in. An id that different segments share (a segment and a subsegment, or two subsegments of one document) stays
 * with the first of them; the others get ids made of their places.
 */
export class SegmentVersions {
  /** The documents in an order that depends on nothing but what they say. */
  readonly ordered: readonly Segment[];
  readonly #propers = new Map<string, Segment>();
  readonly #subsegments = new Map<string, Segment>();
  /** Keys of segments whose own key means another segment. */
  readonly #keys = new Map<Segment, string>();
  /** Keys of calls whose callee reported itself. */
  readonly #answered = new Set<string>();

  constructor(documents: readonly Segment[]) {
    this.ordered = inFixedOrder(documents);
    for (const document of this.ordered) {
      for (const segment of withDescendants(document)) this.#take(segment);
    }
    for (const [key, { kind, parentKey }] of this.#propers) {
      if (kind === 'segment' && parentKey !== '') this.#answered.add(parentKey);
      const namesake = this.#subsegments.get(key);
      if (namesake === undefined) continue;
      this.#subsegments.delete(key);
      this.#keys.set(namesake, `${key}${OF_ITS_OWN}`);
      this.#subsegments.set(`${key}${OF_ITS_OWN}`, namesake);
    }
  }

  /** Whether this is the version that becomes a span. */
  isCurrent(segment: Segment): boolean {
    if (segment.kind === 'subsegment')
      return this.#subsegments.get(this.#keyOf(segment)) === segment;
    // What X-Ray made up for a callee goes when the callee itself reports.
    if (segment.kind === 'inferred' && this.#answered.has(segment.parentKey)) return false;
    return this.#propers.get(segment.key) === segment;
  }

  /** The version of a segment that becomes a span. */
  currentOf(segment: Segment): Segment {
    if (segment.kind !== 'subsegment') return this.#propers.get(segment.key) ?? segment;
    const key = this.#keyOf(segment);
    return this.#subsegments.get(key) ?? this.#subsegments.get(`${key}${OF_ITS_OWN}`) ?? segment;
  }

  /** The segment that mentions of an id mean. */
  withKey(key: string): Segment | undefined {
    return this.#propers.get(key) ?? this.#subsegments.get(key);
  }

  /** The id of a segment that becomes a span. */
  idOf(segment: Segment): SegmentId {
    const key = this.#keys.size === 0 ? undefined : this.#keys.get(segment);
    return key === undefined ? segment.id : parseSegmentId(segment.traceText, key);
  }

  #keyOf(segment: Segment): string {
    return this.#keys.size === 0 ? segment.key : (this.#keys.get(segment) ?? segment.key);
  }

  #take(segment: Segment): void {
    const known = segment.kind === 'subsegment' ? this.#subsegments : this.#propers;
    let { key } = segment;
    let other = known.get(key);
    if (other !== undefined && other.document === segment.document) {
      key = placeOf(segment);
      this.#keys.set(segment, key);
      other = known.get(key);
    }
    if (other === undefined || isNewer(segment, other)) known.set(key, segment);
  }
}

/** Where a subsegment stands in its document. */
function placeOf(segment: Segment): string {
  let place = '';
  for (let at = segment; at.enclosing !== undefined; at = at.enclosing)
    place = `${OF_ITS_OWN}${at.position}${place}`;
  return `${segment.document.key}${place}`;
}

/** Whether `one` is a later version of the same segment than `other`. */
function isNewer(one: Segment, other: Segment): boolean {
  if (one.kind !== other.kind) return other.kind === 'inferred';
  // A finished document is the final one, wherever it stands.
  if (one.inProgress !== other.inProgress) return other.inProgress;
  // What stands in its segment was put there from what came alone.
  const isNested = one.enclosing !== undefined;
  if (isNested !== (other.enclosing !== undefined)) return isNested;
  return (one.end ?? 0n) > (other.end ?? 0n);
}

/** Most documents have ids of their own, so their texts are hardly ever compared. */
function inFixedOrder(documents: readonly Segment[]): readonly Segment[] {
  if (documents.length < 2) return documents;
  return documents.toSorted((one, other) => {
    if (one.key !== other.key) return one.key < other.key ? -1 : 1;
    const texts = [contentOf(one), contentOf(other)] as const;
    if (texts[0] === texts[1]) return 0;
    return texts[0] < texts[1] ? -1 : 1;
  });
}

function contentOf(segment: Segment): string {
  return `${xrayJson(segment.fields)}${segment.children.map(contentOf).join()}`;
}
