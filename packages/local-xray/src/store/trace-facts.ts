import { fieldOf, isObject, numberOf, objectsIn, textOf, type JsonObject } from '../json.ts';
import { documentsOf, type CompiledSegment } from './compile-trace.ts';

/** A service as listings name it. */
export interface ServiceId {
  readonly Name: string;
  readonly Names: readonly string[];
  readonly AccountId?: string;
  readonly Type?: string;
}

/** A segment as the summary and the filter see it: its document, its service, and all that is below it. */
export interface SegmentFacts {
  readonly document: JsonObject;
  readonly service: ServiceId;
  readonly subsegments: readonly JsonObject[];
  readonly isRoot: boolean;
}

/** A trace as the summary and the filter see it. */
export interface TraceFacts {
  readonly segments: readonly SegmentFacts[];
  readonly root: SegmentFacts | undefined;
  readonly startMs: number;
  readonly endMs: number;
  readonly isPartial: boolean;
}

/** Reads off a compiled trace what listings and filters are about. Documents that are no JSON are left out. */
export function traceFacts(compiled: readonly CompiledSegment[], account: string): TraceFacts {
  const documents = documentsOf(compiled);
  const ids = new Set(documents.flatMap((one) => [one, ...below(one)].map((part) => part['id'])));
  const segments = documents.map((document) => ({
    document,
    service: serviceOf(document, account),
    subsegments: below(document),
    isRoot: document['parent_id'] === undefined || !ids.has(document['parent_id']),
  }));
  let start = Infinity;
  let end = -Infinity;
  let isPartial = false;
  for (const { document, subsegments } of segments) {
    start = Math.min(start, numberOf(document['start_time']) ?? Infinity);
    for (const part of [document, ...subsegments]) {
      end = Math.max(end, numberOf(part['end_time']) ?? numberOf(part['start_time']) ?? -Infinity);
      isPartial ||= part['in_progress'] === true;
    }
  }
  const real = segments.filter((one) => one.document['type'] !== 'subsegment');
  return {
    segments,
    root:
      real.find((one) => one.document['parent_id'] === undefined) ?? real.find((one) => one.isRoot),
    startMs: start * 1000,
    endMs: end * 1000,
    isPartial,
  };
}

/** The annotations of a segment and of everything below it. */
export function annotationsOf(
  segment: SegmentFacts,
): [key: string, value: string | number | boolean][] {
  return [segment.document, ...segment.subsegments].flatMap((part) =>
    Object.entries(fieldOf(part, 'annotations')).filter(
      (entry): entry is [string, string | number | boolean] =>
        ['string', 'number', 'boolean'].includes(typeof entry[1]),
    ),
  );
}

/** The ARN of the resource that a segment is about, if it says. */
export function resourceArnOf(document: JsonObject): string | undefined {
  return textOf(document['resource_arn']) ?? textOf(fieldOf(document, 'aws')['function_arn']);
}

function below(part: JsonObject): JsonObject[] {
  return objectsIn(part['subsegments']).flatMap((one) => [one, ...below(one)]);
}

function serviceOf(document: JsonObject, account: string): ServiceId {
  const name = textOf(document['name']) ?? '';
  const inferred = document['inferred'] === true;
  const type = textOf(document['origin']) ?? (inferred ? 'remote' : undefined);
  const aws = document['aws'];
  const owner = (isObject(aws) && textOf(aws['account_id'])) || account;
  return {
    Name: name,
    Names: [name],
    // The account behind a call that only the caller reported is not known.
    ...(inferred ? {} : { AccountId: owner }),
    ...(type === undefined ? {} : { Type: type }),
  };
}
