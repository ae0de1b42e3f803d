import { DecodeError, type EpochNanos, formatXRayTraceId, type TraceId } from '@spanloom/base';
import { JsonReader } from '../wire/json-reader.ts';
import { epochNanos } from './epoch-seconds.ts';
import { parseSegmentId, parseXRayTraceId, type SegmentId } from './segment-ids.ts';
import {
  isTrueAt,
  newObject,
  objectAt,
  readXRayValue,
  textAt,
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
export function readSegmentFields(outer: JsonReader, depth = 1): SegmentFields {
  if (depth > DEEPEST) {
    throw new DecodeError(`subsegments nested deeper than ${DEEPEST} levels`, outer.pos);
  }
  if (outer.peek() !== 'object') {
    throw new DecodeError('expected a segment document, a JSON object', outer.pos);
  }
  // A cursor of its own: the limit on nested JSON is meant for the values of one segment.
  const reader = new JsonReader(outer.bytes);
  reader.pos = outer.pos;
  const fields = newObject();
  const children: SegmentFields[] = [];
  reader.enter();
  for (let first = true; reader.nextKey(first); first = false) {
    const key = reader.string();
    if (key === 'subsegments' && reader.peek() === 'array') {
      reader.enter();
      for (let firstChild = true; reader.nextElement(firstChild); firstChild = false) {
        if (reader.peek() === 'object') children.push(readSegmentFields(reader, depth + 1));
        else reader.skip();
      }
    } else {
      fields[key] = readXRayValue(reader);
    }
  }
  outer.pos = reader.pos;
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
  /** Parent's id: of the enclosing segment, or as a document of its own states it. */
  readonly parentId: bigint | undefined;
  /** The enclosing segment. */
  readonly enclosing: Segment | undefined;
  readonly children: readonly Segment[];
  readonly start: EpochNanos | undefined;
  readonly end: EpochNanos | undefined;
  /** There may come a later version with an end. */
  readonly inProgress: boolean;
  readonly origin: string;
}

/** The document as segments in their places; undefined when its trace id cannot be used. */
export function placeSegments({ fields, children }: SegmentFields): Segment | undefined {
  const traceId = parseXRayTraceId(textAt(fields, 'trace_id'));
  if (traceId === undefined) return undefined;
  const traceText = formatXRayTraceId(traceId) ?? textAt(fields, 'trace_id');
  const place = (
    from: SegmentFields,
    enclosing: Segment | undefined,
    position: number,
  ): Segment => {
    const stated = textAt(from.fields, 'id');
    const idText =
      stated === '' && enclosing !== undefined ? `${enclosing.idText}#${position}` : stated;
    const id = parseSegmentId(traceText, idText);
    const end = epochNanos(from.fields['end_time']);
    const placed: Segment[] = [];
    const segment: Segment = {
      fields: from.fields,
      kind: kindOf(from.fields, enclosing),
      traceId,
      traceText,
      name: textAt(from.fields, 'name'),
      id,
      idText,
      parentId: enclosing?.id.value ?? statedParent(from.fields, traceText, id),
      enclosing,
      children: placed,
      start: epochNanos(from.fields['start_time']),
      end,
      inProgress: end === undefined || isTrueAt(from.fields, 'in_progress'),
      origin: originOf(from.fields),
    };
    from.children.forEach((child, index) => placed.push(place(child, segment, index)));
    return segment;
  };
  return place({ fields, children }, undefined, 0);
}

/** A segment and everything inside it, outer ones first. */
export function* withDescendants(segment: Segment): Generator<Segment> {
  const open = [segment];
  for (let next = open.pop(); next !== undefined; next = open.pop()) {
    yield next;
    open.push(...next.children.toReversed());
  }
}

function kindOf(fields: XRayObject, enclosing: Segment | undefined): DocumentKind {
  if (enclosing !== undefined || textAt(fields, 'type') === 'subsegment') return 'subsegment';
  return isTrueAt(fields, 'inferred') ? 'inferred' : 'segment';
}

function statedParent(fields: XRayObject, traceText: string, id: SegmentId): bigint | undefined {
  const text = textAt(fields, 'parent_id');
  // All zeros is how some senders write "none".
  if (/^0*$/.test(text)) return undefined;
  const parent = parseSegmentId(traceText, text).value;
  return parent === id.value ? undefined : parent;
}

/** Newer Lambda segments state the origin among the `aws` fields too. */
function originOf(fields: XRayObject): string {
  return textAt(fields, 'origin') || textAt(objectAt(fields, 'aws'), 'xray.origin');
}
