import { type DecodeOutcome, type IntakeRecord, newOutcome, type SpanBatch } from '@spanloom/model';
import { bodyReader, placeDocument, readDocumentArray } from './read-documents.ts';
import { readSegmentFields, type Segment } from './segment-document.ts';
import { writeDocuments } from './write-documents.ts';
import { OPEN_ARRAY } from './xray-json.ts';

/**
 * Appends the spans of X-Ray segment documents to `batch`.
 *
 * Wire shape: one JSON document, as an SDK sends it to the daemon; or an array of documents, each an object or the text of one,
 * as the X-Ray API returns them for a trace. Documents that come together know of each other: exceptions, services and inferred
 * callees are looked up among all of them. A document of an array that cannot be used is refused by itself.
 *
 * @throws {DecodeError} If the body is no JSON, or holds something other than documents.
 * @see docs/formats/xray-segments.md
 */
export function decodeXRaySegments(record: IntakeRecord, batch: SpanBatch): DecodeOutcome {
  const outcome = newOutcome();
  const reader = bodyReader(record.body);
  let documents: Segment[] = [];
  if (reader.peek() === OPEN_ARRAY) documents = readDocumentArray(reader, outcome);
  else placeDocument(readSegmentFields(reader), documents, outcome);
  reader.finish();
  writeDocuments(documents, { record, batch, outcome });
  return outcome;
}
