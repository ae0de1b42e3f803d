import { isObject, numberOf, objectsIn, textOf, type JsonObject } from '../json.ts';
import { isSegmentId, isTraceId, mintedAt } from '../trace-id.ts';

/** The documented limit of one segment, fragment or lone subsegment. */
const documentLimitBytes = 64 * 1024;
const nameLimit = 200;
const oldestMs = 28 * 24 * 3600_000;
const aheadMs = 5 * 60_000;

/** A document that the service takes, parsed. */
export interface AcceptedDocument {
  readonly ok: true;
  readonly id: string;
  readonly traceId: string;
  readonly text: string;
  readonly body: JsonObject;
}

/** A document that it does not take, as `UnprocessedTraceSegments` reports it. */
export interface RefusedDocument {
  readonly ok: false;
  readonly id: string | undefined;
  readonly errorCode: string;
  readonly message: string;
}

/** Checks a document as `PutTraceSegments` does. With `now`, trace ids that are too old or ahead of it are refused as well. */
export function checkDocument(
  text: string,
  now: number | undefined,
): AcceptedDocument | RefusedDocument {
  let body: unknown;
  try {
    body = JSON.parse(text);
  } catch {
    return refuse(undefined, 'ParseError', 'Invalid segment. ErrorCode: ParseError');
  }
  if (!isObject(body)) {
    return refuse(undefined, 'ParseError', 'Invalid segment. ErrorCode: ParseError');
  }
  const id = textOf(body['id']);
  if (Buffer.byteLength(text) > documentLimitBytes) {
    return refuse(id, 'InvalidSegment', 'Segment size exceeded. Maximum segment size is 64kb');
  }
  if (id === undefined || !isSegmentId(id)) {
    return refuse(id, 'InvalidId', 'Invalid segment. ErrorCode: InvalidId');
  }
  const traceId = textOf(body['trace_id']);
  if (traceId === undefined || !isTraceId(traceId)) {
    return refuse(id, 'InvalidTraceId', 'Invalid segment. ErrorCode: InvalidTraceId');
  }
  if (now !== undefined) {
    const minted = mintedAt(traceId);
    if (minted < now - oldestMs || minted > now + aheadMs) {
      return refuse(id, 'InvalidTraceId', 'Invalid segment. ErrorCode: InvalidTraceId');
    }
  }
  const problem = problemOf(body, true);
  if (problem !== undefined) return refuse(id, problem, `Invalid segment. ErrorCode: ${problem}`);
  return { ok: true, id, traceId, text, body };
}

function problemOf(part: JsonObject, top: boolean): string | undefined {
  const name = textOf(part['name']);
  if (name === undefined || name.length === 0 || name.length > nameLimit) return 'InvalidName';
  if (!top && !isSegmentId(textOf(part['id']) ?? '')) return 'InvalidSubsegmentId';
  if (top && part['type'] === 'subsegment' && textOf(part['parent_id']) === undefined) {
    return 'MissingParentId';
  }
  const start = numberOf(part['start_time']);
  if (start === undefined) return 'InvalidStartTime';
  const end = part['end_time'];
  if (end === undefined && part['in_progress'] !== true) return 'MissingEndTime';
  if (end !== undefined && numberOf(end) === undefined) return 'InvalidEndTime';
  for (const child of objectsIn(part['subsegments'])) {
    const problem = problemOf(child, false);
    if (problem !== undefined) return problem;
  }
  return undefined;
}

function refuse(id: string | undefined, errorCode: string, message: string): RefusedDocument {
  return { ok: false, id, errorCode, message };
}
