import { DecodeError } from '@spanloom/base';
import {
  type DecodeOutcome,
  type IntakeRecord,
  newOutcome,
  SOURCES,
  SPAN_FLAGS,
  type SpanBatch,
} from '@spanloom/model';
import { decodeOtlpTraces } from '../otlp/decode-otlp-traces.ts';
import { bodyReader } from '../xray-segment/read-documents.ts';
import {
  CLOSE_ARRAY,
  isXRayObject,
  objectsAt,
  OPEN_ARRAY,
  textAt,
  XRayJsonReader,
  type XRayObject,
  type XRayValue,
} from '../xray-segment/xray-json.ts';
import { writeOtlp } from './otlp-spans-writer.ts';
import { readSpanRecord, type SpanRecord } from './span-record.ts';

/**
 * Appends the spans of log events of the log group `aws/spans`, where CloudWatch's Transaction Search keeps all spans.
 *
 * Wire shape: records one after another (usually a line each), an array of them, or what a subscription pushes:
 * `{"messageType": "DATA_MESSAGE", "owner", "logEvents": [{"message": "<record>"}, …]}`. A record is OpenTelemetry's span with its
 * resource, attributes as plain JSON objects. They are rewritten as OTLP, so that one decoder knows what attributes mean; what
 * X-Ray made of segments is given the names that segments have. A record that cannot be used is refused by itself.
 *
 * @throws {DecodeError} If the body is no JSON.
 * @see docs/formats/xray-traces.md
 */
export function decodeCloudWatchSpans(record: IntakeRecord, batch: SpanBatch): DecodeOutcome {
  const refusals = newOutcome();
  const records = readRecords(record.body, refusals);
  const from = batch.length;
  const outcome = decodeOtlpTraces({ ...record, body: writeOtlp(records) }, batch);
  // Nothing that was written is refused, so rows and records correspond.
  for (let row = from; row < batch.length; row++) settleRow(batch, row, records[row - from]!);
  outcome.rejectedSpans += refusals.rejectedSpans;
  outcome.rejectedMessage ||= refusals.rejectedMessage;
  return outcome;
}

/** They came out of X-Ray's store: fetching the same trace gives the same ids. */
function settleRow(batch: SpanBatch, row: number, { isEntry, end }: SpanRecord): void {
  batch.source[row] = SOURCES.xray;
  if (end === undefined) batch.flags[row]! |= SPAN_FLAGS.partial;
  if (isEntry === false) batch.flags[row]! &= ~SPAN_FLAGS.entry;
}

function readRecords(body: Uint8Array, refusals: DecodeOutcome): SpanRecord[] {
  const records: SpanRecord[] = [];
  const reader = bodyReader(body);
  let broken: DecodeError | undefined;
  while (!reader.isAtEnd()) {
    try {
      for (const value of readValues(reader)) take(value, records, refusals);
    } catch (error) {
      if (!(error instanceof DecodeError)) throw error;
      broken ??= error;
      refuse(refusals, error.message);
      // A record to a line: the next one may be whole.
      reader.skipLine();
    }
  }
  if (broken !== undefined && records.length === 0) throw broken;
  return records;
}

/** The value that is next, or the elements of the array. */
function* readValues(reader: XRayJsonReader): Generator<XRayValue> {
  if (reader.peek() !== OPEN_ARRAY) {
    yield reader.value();
    return;
  }
  reader.enter();
  for (let first = true; reader.more(first, CLOSE_ARRAY); first = false) yield reader.value();
}

/** Takes what a subscription pushes apart; anything else is a record. */
function take(value: XRayValue, records: SpanRecord[], refusals: DecodeOutcome): void {
  if (!isXRayObject(value)) return refuse(refusals, 'it is no JSON object');
  // Sent once to see whether anybody is there.
  if (value['messageType'] === 'CONTROL_MESSAGE') return;
  if (value['messageType'] !== 'DATA_MESSAGE') return takeRecord(value, '', records, refusals);
  for (const event of objectsAt(value, 'logEvents')) {
    const found = readMessage(textAt(event, 'message'), refusals);
    if (found !== undefined) takeRecord(found, textAt(value, 'owner'), records, refusals);
  }
}

function readMessage(text: string, refusals: DecodeOutcome): XRayObject | undefined {
  const reader = new XRayJsonReader(text);
  try {
    const value = reader.value();
    reader.finish();
    if (isXRayObject(value)) return value;
    refuse(refusals, 'it is no JSON object');
  } catch (error) {
    if (!(error instanceof DecodeError)) throw error;
    refuse(refusals, `${error.problem} at its byte ${error.offset}`);
  }
  return undefined;
}

function takeRecord(
  value: XRayObject,
  account: string,
  records: SpanRecord[],
  refusals: DecodeOutcome,
): void {
  const found = readSpanRecord(value, account);
  if (typeof found === 'string') refuse(refusals, found);
  else records.push(found);
}

function refuse(refusals: DecodeOutcome, problem: string): void {
  refusals.rejectedSpans++;
  if (refusals.rejectedMessage === '')
    refusals.rejectedMessage = `a record of aws/spans was refused: ${problem}`;
}
