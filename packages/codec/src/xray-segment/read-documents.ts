import { DecodeError } from '@spanloom/base';
import type { DecodeOutcome } from '@spanloom/model';
import {
  placeSegments,
  readSegmentFields,
  type Segment,
  type SegmentFields,
} from './segment-document.ts';
import { CLOSE_ARRAY, QUOTE, textAt, XRayJsonReader } from './xray-json.ts';

/** A reader of a record's body. */
export function bodyReader(body: Uint8Array): XRayJsonReader {
  const text = Buffer.from(body.buffer, body.byteOffset, body.byteLength).toString('utf8');
  // A byte order mark is not JSON, yet some senders write one.
  return new XRayJsonReader(text.startsWith('\uFEFF') ? ` ${text.slice(1)}` : text);
}

/** Reads the array of documents that is next, each an object or the text of one. Those that cannot be used are refused one by one. */
export function readDocumentArray(reader: XRayJsonReader, outcome: DecodeOutcome): Segment[] {
  const documents: Segment[] = [];
  reader.enter();
  for (let first = true; reader.more(first, CLOSE_ARRAY); first = false) {
    const fields =
      reader.peek() === QUOTE
        ? readDocumentText(reader.string(), outcome)
        : readSegmentFields(reader);
    if (fields !== undefined) placeDocument(fields, documents, outcome);
  }
  return documents;
}

/** Adds a document to `documents`, or counts why it cannot be used. */
export function placeDocument(
  fields: SegmentFields,
  documents: Segment[],
  outcome: DecodeOutcome,
): void {
  const placed = placeSegments(fields);
  if (placed !== undefined) {
    documents.push(placed);
    return;
  }
  const found = textAt(fields.fields, 'trace_id').slice(0, 80);
  refuseDocument(
    outcome,
    countSpans(fields),
    `trace_id is ${JSON.stringify(found)}, expected 1-<8 hex>-<24 hex>`,
  );
}

/** Counts the spans of a document as refused. The first reason of a payload is the one told. */
export function refuseDocument(outcome: DecodeOutcome, spans: number, problem: string): void {
  outcome.rejectedSpans += spans;
  if (outcome.rejectedMessage === '')
    outcome.rejectedMessage = `a segment document was refused: ${problem}`;
}

/** A document or a part of one. */
interface Tree {
  readonly children: readonly Tree[];
}

/** How many spans a document would be. */
export function countSpans(document: Tree): number {
  return document.children.reduce((sum, child) => sum + countSpans(child), 1);
}

/** A document inside a text of its own: one that is broken need not break the others. */
function readDocumentText(text: string, outcome: DecodeOutcome): SegmentFields | undefined {
  const reader = new XRayJsonReader(text);
  try {
    const document = readSegmentFields(reader);
    reader.finish();
    return document;
  } catch (error) {
    if (!(error instanceof DecodeError)) throw error;
    refuseDocument(outcome, 1, `${error.problem} at its byte ${error.offset}`);
    return undefined;
  }
}
