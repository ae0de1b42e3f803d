import type { Segment } from './segment-document.ts';
import type { RecordedException, SegmentSet } from './segment-set.ts';
import type { SegmentTags } from './segment-tags.ts';
import {
  isTrueAt,
  isXRayObject,
  NumberText,
  objectAt,
  objectsAt,
  textAt,
  type XRayObject,
} from './xray-json.ts';

/** Exceptions may refer to each other in circles. */
const LONGEST_CHAIN = 16;

/** What is needed to judge a segment. */
export interface ErrorContext {
  readonly isClient: boolean;
  /** The service side of Lambda or Step Functions: a throttled request ends here and never reaches the function. */
  readonly isInvoker: boolean;
  readonly set: SegmentSet;
}

/** Writes what a segment says went wrong; true when its span is an error. */
export function writeErrors(segment: Segment, tags: SegmentTags, context: ErrorContext): boolean {
  const { fields } = segment;
  const fault = isTrueAt(fields, 'fault');
  const error = isTrueAt(fields, 'error');
  const throttle = isTrueAt(fields, 'throttle');
  if (fault) tags.flag('xray.fault', true);
  if (error) tags.flag('xray.error', true);
  if (throttle) {
    tags.flag('xray.throttle', true);
    tags.text('http.status_code', '429');
  }
  writeCause(segment, tags, context.set);
  if (fault) return true;
  if (context.isClient && (error || throttle)) return true;
  if (context.isInvoker && throttle) return true;
  const status = Number(textAt(objectAt(objectAt(fields, 'http'), 'response'), 'status'));
  return !error && !throttle && status >= 500 && status < 600;
}

function writeCause(segment: Segment, tags: SegmentTags, set: SegmentSet): void {
  const { cause } = segment.fields;
  if (typeof cause === 'string') return writeReference(segment, cause, tags, set);
  if (!isXRayObject(cause)) return;
  const exceptions = objectsAt(cause, 'exceptions');
  tags.text('xray.cause.working_directory', textAt(cause, 'working_directory'));
  const { paths, id, exceptions: listed, working_directory: _, ...rest } = cause;
  if (Array.isArray(paths) && paths.length > 0) tags.value('xray.cause.paths', paths);
  for (const [key, value] of Object.entries(rest)) tags.value(`xray.cause.${key}`, value);
  if (Array.isArray(listed) && listed.length > 0) tags.value('xray.exceptions', listed);
  const first = exceptions[0];
  if (typeof id === 'string' && first === undefined) return writeReference(segment, id, tags, set);
  if (typeof id === 'string') tags.text('xray.cause.id', id);
  if (first !== undefined) writeException(deepest({ exception: first, segment }, set), tags);
}

/** An exception recorded elsewhere. What came from below is shown there: one failure, one place. */
function writeReference(segment: Segment, id: string, tags: SegmentTags, set: SegmentSet): void {
  tags.text('xray.cause.id', id);
  const found = set.exceptionOf(id, segment);
  if (found === undefined) return;
  const seen = new Set<Segment>();
  for (
    let at: Segment | undefined = found.segment;
    at !== undefined && !seen.has(at);
    at = set.parentOf(at)
  ) {
    if (at === segment) return;
    seen.add(at);
  }
  writeException(deepest(found, set), tags);
}

/** Follows `cause` from exception to exception. */
function deepest(from: RecordedException, set: SegmentSet): XRayObject {
  const seen = new Set<XRayObject>([from.exception]);
  let at = from;
  while (seen.size < LONGEST_CHAIN) {
    const next = set.exceptionOf(textAt(at.exception, 'cause'), at.segment);
    if (next === undefined || seen.has(next.exception)) break;
    seen.add(next.exception);
    at = next;
  }
  return at.exception;
}

function writeException(exception: XRayObject, tags: SegmentTags): void {
  tags.text('error.type', textAt(exception, 'type'));
  tags.text('error.message', textAt(exception, 'message'));
  tags.text('error.stack', stackText(exception));
  if (isTrueAt(exception, 'remote')) tags.flag('xray.error.remote', true);
}

/** The stack as a JavaScript engine prints it. */
function stackText(exception: XRayObject): string {
  const frames = objectsAt(exception, 'stack');
  if (frames.length === 0) return '';
  const head = [textAt(exception, 'type'), textAt(exception, 'message')].filter(
    (text) => text !== '',
  );
  const lines = frames.map((frame) => {
    const place = `${textAt(frame, 'path') || '?'}:${textAt(frame, 'line') || '?'}`;
    const label = textAt(frame, 'label');
    return label === '' ? `    at ${place}` : `    at ${label} (${place})`;
  });
  const { truncated } = exception;
  if (truncated instanceof NumberText && truncated.value > 0)
    lines.push(`    … truncated ${truncated.text}`);
  return [head.join(': '), ...lines].filter((line) => line !== '').join('\n');
}
