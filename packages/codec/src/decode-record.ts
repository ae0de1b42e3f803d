import { DecodeError } from '@spanloom/base';
import {
  type DecodeOutcome,
  type IntakeRecord,
  newOutcome,
  type RecordDecoder,
  type SpanBatch,
} from '@spanloom/model';
import { decodeAgentPayload } from './agent-payload/decode-agent-payload.ts';
import { decodeAgentlessJson } from './agent/decode-agentless.ts';
import {
  decodeAgentV01Json,
  decodeAgentV04,
  decodeAgentV04Json,
} from './agent/decode-agent-v04.ts';
import { decodeAgentV05 } from './agent/decode-agent-v05.ts';
import { decodeAgentV07 } from './agent/decode-agent-v07.ts';
import { decodeAgentV10 } from './agent/decode-agent-v10.ts';
import { decodeCloudWatchSpans } from './cloudwatch/decode-cloudwatch-spans.ts';
import { decodeOtlpTraces, decodeOtlpTracesJson } from './otlp/decode-otlp-traces.ts';
import { decodeXRaySegments } from './xray-segment/decode-xray-segments.ts';
import { decodeXRayTrace } from './xray-segment/decode-xray-trace.ts';

/**
 * Decodes the spans of any record to the end of `batch`. A pure function of the record.
 *
 * An empty body holds nothing and is no mistake. Whatever is thrown, the batch is then as it was.
 *
 * @throws {DecodeError} If the body does not follow its format.
 */
export const decodeRecord: RecordDecoder = (record, batch) => {
  if (record.body.length === 0) return newOutcome();
  const mark = batch.mark();
  try {
    return decoderOf(record)(record, batch);
  } catch (error) {
    batch.rollback(mark);
    throw error;
  }
};

function decoderOf(
  record: IntakeRecord,
): (record: IntakeRecord, batch: SpanBatch) => DecodeOutcome {
  switch (record.format) {
    case 'agent-v0.1-json':
      return decodeAgentV01Json;
    case 'agent-v0.3-msgpack':
    case 'agent-v0.4-msgpack':
      return decodeAgentV04;
    case 'agent-v0.3-json':
    case 'agent-v0.4-json':
      return decodeAgentV04Json;
    case 'agent-v0.5-msgpack':
      return decodeAgentV05;
    case 'agent-v0.7-msgpack':
      return decodeAgentV07;
    case 'agent-v1.0-msgpack':
      return decodeAgentV10;
    case 'agent-payload-protobuf':
      return decodeAgentPayload;
    case 'agentless-json':
      return decodeAgentlessJson;
    case 'otlp-traces-protobuf':
      return decodeOtlpTraces;
    case 'otlp-traces-json':
      return decodeOtlpTracesJson;
    case 'xray-segment-json':
      return decodeXRaySegments;
    case 'xray-trace-json':
      return decodeXRayTrace;
    case 'cloudwatch-spans-json':
      return decodeCloudWatchSpans;
    case 'client-stats-msgpack':
    case 'agent-stats-msgpack':
      throw new DecodeError(
        `${record.format} holds statistics, not spans: use decodeClientStats`,
        0,
      );
  }
}
