/** Spans of any format a sender uses, to the end of a batch. */
export { decodeRecord } from './decode-record.ts';
/** Spans back to the wire, format by format. */
export { encodeAgentV04, encodeAgentV05, encodeAgentV07 } from './encode/encode-agent.ts';
export { encodeAgentV10 } from './encode/encode-agent-v10.ts';
export { type AgentPayloadOptions, encodeAgentPayload } from './encode/encode-agent-payload.ts';
export { encodeOtlpTraces, encodeOtlpTracesJson } from './encode/encode-otlp-traces.ts';
/** The request headers that belong to agent traces v0.3 to v0.5. */
export { agentHeaders } from './encode/envelope.ts';
/** Whether a "client computed" header says yes. */
export { isHeaderSet } from './agent/payload-facts.ts';
/** Statistics that tracers compute themselves. */
export {
  type AgentStatsPayload,
  type ClientStatsBucket,
  type ClientStatsGroup,
  type ClientStatsPayload,
  decodeAgentStats,
  decodeClientStats,
} from './stats/decode-client-stats.ts';
/** The distributions in them. */
export {
  type DDSketch,
  decodeDDSketch,
  sketchAccuracy,
  type SketchBin,
  type SketchMapping,
  sketchPoints,
  sketchQuantile,
  sketchValue,
} from './stats/dd-sketch.ts';
/** Readers and writers of the wire formats underneath, for other protocols in the same encodings. */
export { MsgpackReader } from './wire/msgpack-reader.ts';
export { MsgpackWriter } from './wire/msgpack-writer.ts';
export { ProtobufReader, WIRE } from './wire/protobuf-reader.ts';
export { ProtobufWriter } from './wire/protobuf-writer.ts';
