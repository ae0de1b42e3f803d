import { invalidRequest } from '../errors.ts';
import type { JsonObject } from '../json.ts';
import { checkDocument } from '../store/check-document.ts';
import { textList } from '../wire/input.ts';
import type { OperationContext } from './operation.ts';

const segmentLimit = 50;

/** `PutTraceSegments`: takes up to fifty documents, each on its own merits. */
export function putTraceSegments(input: JsonObject, { region }: OperationContext): JsonObject {
  const documents = textList(input, 'TraceSegmentDocuments');
  if (documents.length > segmentLimit) {
    throw invalidRequest(`Exceeding maximum segment count: ${segmentLimit}`);
  }
  const now = region.now;
  const unprocessed = documents.flatMap((text) => {
    const checked = checkDocument(text, now);
    const refusal = checked.ok ? region.accept(checked, now) : checked;
    return refusal === undefined
      ? []
      : [{ Id: refusal.id, ErrorCode: refusal.errorCode, Message: refusal.message }];
  });
  return { UnprocessedTraceSegments: unprocessed };
}
