import { DecodeError } from '@spanloom/base';
import { type DecodeOutcome, type IntakeRecord, newOutcome, type SpanBatch } from '@spanloom/model';
import { bodyReader, countSpans, readDocumentArray, refuseDocument } from './read-documents.ts';
import type { Segment } from './segment-document.ts';
import { parseXRayTraceId } from './segment-ids.ts';
import { readTraceState, type TraceState } from './trace-state.ts';
import { writeDocuments } from './write-documents.ts';
import { CLOSE_OBJECT, OPEN_ARRAY, OPEN_OBJECT, QUOTE, type XRayJsonReader } from './xray-json.ts';

/** A fetched trace as its record states it. */
interface FetchedTrace {
  readonly traceId: string;
  readonly account: string;
  readonly region: string;
  /** For segments that state no environment; '' for none. */
  readonly env: string;
  readonly state: TraceState;
  readonly documents: Segment[];
}

/**
 * Appends the spans of one whole fetched trace to `batch`.
 *
 * Wire shape: `{"trace_id", "account", "region", "env", "state", "documents": ["<segment document>", …]}`. The spans take the
 * place of all that the trace had before, which `replaces` says. Documents of other traces are refused.
 *
 * @throws {DecodeError} If the body is no JSON, or says not which trace it is.
 * @see docs/formats/xray-traces.md
 */
export function decodeXRayTrace(record: IntakeRecord, batch: SpanBatch): DecodeOutcome {
  const outcome = newOutcome();
  const { traceId: stated, documents, ...crawled } = readTrace(record.body, outcome);
  const traceId = parseXRayTraceId(stated);
  if (traceId === undefined) {
    const found = JSON.stringify(stated.slice(0, 80));
    throw new DecodeError(`trace_id is ${found}, expected 1-<8 hex>-<24 hex>`, 0);
  }
  const own = documents.filter((document) => {
    if (document.traceId.hi === traceId.hi && document.traceId.lo === traceId.lo) return true;
    refuseDocument(
      outcome,
      countSpans(document),
      `it is of trace ${document.traceText}, not of ${stated}`,
    );
    return false;
  });
  writeDocuments(own, { record, batch, outcome, crawled });
  outcome.replaces = traceId;
  return outcome;
}

function readTrace(body: Uint8Array, outcome: DecodeOutcome): FetchedTrace {
  const reader = bodyReader(body);
  if (reader.peek() !== OPEN_OBJECT)
    throw reader.problem('expected a fetched trace, a JSON object');
  const texts = { trace_id: '', account: '', region: '', env: '' };
  let state: TraceState = 'stable';
  let documents: Segment[] | undefined;
  reader.enter();
  for (let first = true; reader.more(first, CLOSE_OBJECT); first = false) {
    const key = reader.key();
    switch (key) {
      case 'trace_id':
      case 'account':
      case 'region':
      case 'env':
        texts[key] = readText(reader, key);
        break;
      case 'state':
        state = readTraceState(readText(reader, key));
        break;
      case 'documents':
        if (reader.peek() !== OPEN_ARRAY) throw reader.problem('documents is no JSON array');
        documents = readDocumentArray(reader, outcome);
        break;
      default:
        reader.value();
    }
  }
  reader.finish();
  if (documents === undefined) throw reader.problem('a fetched trace without documents');
  const { trace_id: traceId, ...crawled } = texts;
  return { traceId, ...crawled, state, documents };
}

function readText(reader: XRayJsonReader, key: string): string {
  if (reader.peek() !== QUOTE) throw reader.problem(`${key} is no JSON string`);
  return reader.string();
}
