import { DecodeError } from '@spanloom/base';
import { type DecodeOutcome, type IntakeRecord, newOutcome, type SpanBatch } from '@spanloom/model';
import { SpanChunk } from '../sink/span-chunk.ts';
import { SpanSink } from '../sink/span-sink.ts';
import { JsonReader } from '../wire/json-reader.ts';
import {
  placeSegments,
  readSegmentFields,
  type Segment,
  type SegmentFields,
} from './segment-document.ts';
import { SegmentSet } from './segment-set.ts';
import { SegmentSpans } from './segment-spans.ts';
import { objectAt, textAt } from './xray-json.ts';

/** Languages by the names that X-Ray SDKs and OpenTelemetry give theirs. */
const LANGUAGES: readonly (readonly [RegExp, string])[] = [
  [/node|js/i, 'nodejs'],
  [/python/i, 'python'],
  [/java/i, 'java'],
  [/\.net|dotnet/i, 'dotnet'],
  [/ruby/i, 'ruby'],
  [/\bgo\b/i, 'go'],
];

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
  const documents: Segment[] = [];
  for (const fields of readDocuments(record.body, outcome)) {
    const placed = placeSegments(fields);
    if (placed === undefined) dropDocument(fields, outcome);
    else documents.push(placed);
  }
  const sink = new SpanSink(batch, outcome, {
    source: 'xray',
    receivedMs: record.receivedMs,
    wholeNumbers: 'int',
  });
  const chunk = new SpanChunk(sink, { topLevel: 'marked', clientStats: false });
  const spans = new SegmentSpans(sink, chunk, new SegmentSet(documents));
  for (const document of documents) spans.write(document, envelopeOf(document, sink));
  outcome.traces = new Set(documents.map(({ traceText }) => traceText)).size;
  sink.finish();
  return outcome;
}

function readDocuments(body: Uint8Array, outcome: DecodeOutcome): SegmentFields[] {
  const reader = new JsonReader(body);
  if (reader.peek() !== 'array') {
    const document = readSegmentFields(reader);
    reader.finish();
    return [document];
  }
  const documents: SegmentFields[] = [];
  reader.enter();
  for (let first = true; reader.nextElement(first); first = false) {
    if (reader.peek() !== 'string') {
      documents.push(readSegmentFields(reader));
      continue;
    }
    reader.readString();
    const document = readDocumentText(reader.string(), outcome);
    if (document !== undefined) documents.push(document);
  }
  reader.finish();
  return documents;
}

/** A document inside a text of its own: one that is broken need not break the others. */
function readDocumentText(text: string, outcome: DecodeOutcome): SegmentFields | undefined {
  const reader = new JsonReader(Buffer.from(text, 'utf8'));
  try {
    const document = readSegmentFields(reader);
    reader.finish();
    return document;
  } catch (error) {
    if (!(error instanceof DecodeError)) throw error;
    refuse(outcome, 1, `${error.problem} at its byte ${error.offset}`);
    return undefined;
  }
}

function dropDocument(document: SegmentFields, outcome: DecodeOutcome): void {
  const found = textAt(document.fields, 'trace_id').slice(0, 80);
  refuse(
    outcome,
    countSpans(document),
    `trace_id is ${JSON.stringify(found)}, expected 1-<8 hex>-<24 hex>`,
  );
}

function refuse(outcome: DecodeOutcome, spans: number, problem: string): void {
  outcome.rejectedSpans += spans;
  if (outcome.rejectedMessage === '')
    outcome.rejectedMessage = `a segment document was refused: ${problem}`;
}

function countSpans(document: SegmentFields): number {
  return document.children.reduce((sum, child) => sum + countSpans(child), 1);
}

/** Who sent the document; notes the language, and gives JSON for all of its spans. */
function envelopeOf(document: Segment, sink: SpanSink): number {
  const xray = objectAt(objectAt(document.fields, 'aws'), 'xray');
  const sdk = textAt(xray, 'sdk');
  const language = LANGUAGES.find(([name]) => name.test(sdk))?.[1] ?? '';
  const version = textAt(xray, 'sdk_version');
  sink.setLanguage(language);
  if (version !== '') sink.outcome.tracerVersion = version;
  const members = Object.entries({ language, tracer_version: version }).filter(
    ([, text]) => text !== '',
  );
  if (members.length === 0) return 0;
  return sink.batch.envelope.table.internText(JSON.stringify(Object.fromEntries(members)));
}
