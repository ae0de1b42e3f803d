import type { Segment } from './segment-document.ts';
import type { RecordedException, SegmentSet } from './segment-set.ts';
import type { SegmentTags } from './segment-tags.ts';
import {
  isTrueAt,
  isXRayObject,
  newObject,
  NumberText,
  objectAt,
  objectsAt,
  textAt,
  type XRayObject,
  type XRayValue,
  xrayJson,
} from './xray-json.ts';

/** Exceptions may refer to each other in circles. */
const LONGEST_CHAIN = 16;

/** Most bytes of exceptions in JSON. A stack of Java is some 10 kB. */
const LONGEST_EXCEPTIONS = 25_000;

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
  const hasException = 'cause' in fields && writeCause(segment, tags, context.set);
  if (fault) return true;
  if (context.isClient && (error || throttle)) return true;
  if (context.isInvoker && throttle) return true;
  if (error || throttle) return false;
  // Flags are often missing. Where one is there and false, the sender has judged.
  if (hasException && !('fault' in fields || 'error' in fields)) return true;
  const status = Number(textAt(objectAt(objectAt(fields, 'http'), 'response'), 'status'));
  return status >= 500 && status < 600;
}

/** True when there is an exception, here or elsewhere. */
function writeCause(segment: Segment, tags: SegmentTags, set: SegmentSet): boolean {
  const { cause } = segment.fields;
  if (typeof cause === 'string') return writeReference(segment, cause, tags, set);
  if (!isXRayObject(cause)) return false;
  const [first] = objectsAt(cause, 'exceptions');
  tags.text('xray.cause.working_directory', textAt(cause, 'working_directory'));
  const { paths, id, exceptions: listed, working_directory: _, ...rest } = cause;
  if (Array.isArray(paths) && paths.length > 0) tags.value('xray.cause.paths', paths);
  for (const [key, value] of Object.entries(rest)) tags.value(`xray.cause.${key}`, value);
  if (Array.isArray(listed) && listed.length > 0) writeExceptions(listed, tags);
  if (first === undefined) return typeof id === 'string' && writeReference(segment, id, tags, set);
  if (typeof id === 'string') tags.text('xray.cause.id', id);
  writeDeepest({ exception: first, segment }, segment, tags, set);
  return true;
}

/** All of them as JSON: without stacks, and then without the last ones, where there is too much. */
function writeExceptions(listed: readonly XRayValue[], tags: SegmentTags): void {
  let json = xrayJson(listed);
  if (Buffer.byteLength(json) > LONGEST_EXCEPTIONS) {
    tags.count('ExceptionsTruncate');
    let kept = listed.map(withoutStack);
    for (
      json = xrayJson(kept);
      kept.length > 0 && Buffer.byteLength(json) > LONGEST_EXCEPTIONS;
      json = xrayJson(kept)
    )
      kept = kept.slice(0, Math.floor(kept.length / 2));
    if (kept.length === 0) return;
  }
  tags.json('xray.exceptions', json);
}

function withoutStack(exception: XRayValue): XRayValue {
  if (!isXRayObject(exception)) return exception;
  const { stack: _, ...rest } = exception;
  return Object.assign(newObject(), rest);
}

/** An exception recorded elsewhere; false when it did not come along. */
function writeReference(segment: Segment, id: string, tags: SegmentTags, set: SegmentSet): boolean {
  tags.text('xray.cause.id', id);
  const found = set.exceptionOf(id);
  if (found === undefined) return false;
  writeDeepest(found, segment, tags, set);
  return true;
}

/** Shows where a chain of exceptions ends. What came from below is shown there: one failure, one place. */
function writeDeepest(
  from: RecordedException,
  segment: Segment,
  tags: SegmentTags,
  set: SegmentSet,
): void {
  const { exception, segment: recordedBy } = deepest(from, set);
  if (recordedBy !== segment) {
    for (const above of set.ancestorsOf(recordedBy)) if (above === segment) return;
  }
  tags.text('error.type', textAt(exception, 'type'));
  tags.text('error.message', textAt(exception, 'message'));
  tags.text('error.stack', stackText(exception));
  if (isTrueAt(exception, 'remote')) tags.flag('xray.error.remote', true);
}

/** Follows `cause` from exception to exception. */
function deepest(from: RecordedException, set: SegmentSet): RecordedException {
  const seen = new Set<XRayObject>([from.exception]);
  let at = from;
  while (seen.size < LONGEST_CHAIN) {
    const next = set.exceptionOf(textAt(at.exception, 'cause'));
    if (next === undefined || seen.has(next.exception)) break;
    seen.add(next.exception);
    at = next;
  }
  return at;
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
