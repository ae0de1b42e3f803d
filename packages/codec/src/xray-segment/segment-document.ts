import { type EpochNanos, formatXRayTraceId, type TraceId } from '@spanloom/base';
import { epochNanos } from './epoch-seconds.ts';
import { idKey, parseSegmentId, parseXRayTraceId, type SegmentId } from './segment-ids.ts';
import {
  CLOSE_ARRAY,
  CLOSE_OBJECT,
  isTrueAt,
  newObject,
  objectAt,
  OPEN_ARRAY,
  OPEN_OBJECT,
  textAt,
  type XRayJsonReader,
  type XRayObject,
} from './xray-json.ts';

/** Subsegments inside subsegments. Real ones stay below 20; a document of 64 kB could hold thousands. */
const DEEPEST = 500;

/** A segment or subsegment: its fields, and the subsegments inside it. */
export interface SegmentFields {
  readonly fields: XRayObject;
  readonly children: readonly SegmentFields[];
}

/**
 * Reads the document that is next. A document is read into a tree, not straight into columns: what a span becomes depends on
 * fields that may follow its subsegments (service, origin) and on exceptions recorded elsewhere. It has at most 64 kB.
 *
 * @throws {DecodeError} If it is no JSON object.
 */
export function readSegmentFields(reader: XRayJsonReader, depth = 1): SegmentFields {
  if (depth > DEEPEST) throw reader.problem(`subsegments nested deeper than ${DEEPEST} levels`);
  if (reader.peek() !== OPEN_OBJECT)
    throw reader.problem('expected a segment document, a JSON object');
  const fields = newObject();
  const children: SegmentFields[] = [];
  reader.enter();
  for (let first = true; reader.more(first, CLOSE_OBJECT); first = false) {
    const key = reader.key();
    if (key === 'subsegments' && reader.peek() === OPEN_ARRAY) {
      reader.enter();
      for (let firstChild = true; reader.more(firstChild, CLOSE_ARRAY); firstChild = false) {
        if (reader.peek() === OPEN_OBJECT) children.push(readSegmentFields(reader, depth + 1));
        else reader.value();
      }
    } else {
      fields[key] = reader.value();
    }
  }
  return { fields, children };
}

/** What kind of document a segment came as. */
type DocumentKind = 'segment' | 'subsegment' | 'inferred';

/** A segment or subsegment in its place. */
export interface Segment {
  readonly fields: XRayObject;
  readonly kind: DocumentKind;
  readonly traceId: TraceId;
  /** `1-<8 hex>-<24 hex>`, lower case. */
  readonly traceText: string;
  readonly name: string;
  readonly id: SegmentId;
  /** The id as it came. */
  readonly idText: string;
  /** What every mention of the id comes to: see `idKey`. */
  readonly key: string;
  /** Parent's id: of the enclosing segment, or as a document of its own states it. */
  readonly parentId: bigint | undefined;
  /** `idKey` of it, '' when there is none. */
  readonly parentKey: string;
  /** The enclosing segment. */
  readonly enclosing: Segment | undefined;
  /** The document it came in: the outermost of the enclosing ones. */
  readonly document: Segment;
  /** How many stand before it in the enclosing segment. */
  readonly position: number;
  readonly children: readonly Segment[];
  readonly start: EpochNanos | undefined;
  readonly end: EpochNanos | undefined;
  /** There may come a later version with an end. */
  readonly inProgress: boolean;
  readonly origin: string;
}

/** The document as segments in their places; undefined when its trace id cannot be used. */
export function placeSegments(document: SegmentFields): Segment | undefined {
  const traceId = parseXRayTraceId(textAt(document.fields, 'trace_id'));
  if (traceId === undefined) return undefined;
  const traceText = formatXRayTraceId(traceId) ?? textAt(document.fields, 'trace_id');
  return place(document, { traceId, traceText }, undefined, 0);
}

interface Trace {
  readonly traceId: TraceId;
  readonly traceText: string;
}

function place(
  { fields, children: inner }: SegmentFields,
  trace: Trace,
  enclosing: Segment | undefined,
  position: number,
): Segment {
  const { traceId, traceText } = trace;
  const stated = textAt(fields, 'id');
  const idText =
    stated === '' && enclosing !== undefined ? `${enclosing.idText}#${position}` : stated;
  const id = parseSegmentId(traceText, idText);
  const end = epochNanos(fields['end_time']);
  const parentText = enclosing === undefined ? statedParent(fields, idText) : enclosing.idText;
  const children: Segment[] = inner.length === 0 ? NO_SEGMENTS : [];
  const segment: Omit<Segment, 'document'> & { document: Segment | undefined } = {
    fields,
    kind: kindOf(fields, enclosing),
    traceId,
    traceText,
    name: textAt(fields, 'name'),
    id,
    idText,
    key: idKey(idText),
    parentId:
      enclosing?.id.value ??
      (parentText === '' ? undefined : parseSegmentId(traceText, parentText).value),
    parentKey: parentText === '' ? '' : idKey(parentText),
    enclosing,
    document: enclosing?.document,
    position,
    children,
    start: epochNanos(fields['start_time']),
    end,
    inProgress: end === undefined || isTrueAt(fields, 'in_progress'),
    origin: originOf(fields),
  };
  const placed = segment as Segment;
  segment.document ??= placed;
  for (let index = 0; index < inner.length; index++)
    children.push(place(inner[index]!, trace, placed, index));
  return placed;
}

/** Of all that have none. */
const NO_SEGMENTS: Segment[] = [];

/** A segment and everything inside it, outer ones first. */
export function* withDescendants(segment: Segment): Generator<Segment> {
  const open = [segment];
  for (let next = open.pop(); next !== undefined; next = open.pop()) {
    yield next;
    for (let i = next.children.length - 1; i >= 0; i--) open.push(next.children[i]!);
  }
}

function kindOf(fields: XRayObject, enclosing: Segment | undefined): DocumentKind {
  if (enclosing !== undefined || textAt(fields, 'type') === 'subsegment') return 'subsegment';
  return isTrueAt(fields, 'inferred') ? 'inferred' : 'segment';
}

function statedParent(fields: XRayObject, idText: string): string {
  const text = textAt(fields, 'parent_id');
  // All zeros is how some senders write "none".
  return /^0*$/.test(text) || idKey(text) === idKey(idText) ? '' : text;
}

/** Newer Lambda segments state the origin among the `aws` fields too. */
function originOf(fields: XRayObject): string {
  return textAt(fields, 'origin') || textAt(objectAt(fields, 'aws'), 'xray.origin');
}
