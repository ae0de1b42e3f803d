import {
  type DecodeOutcome,
  type IntakeRecord,
  NO_PRIORITY,
  type SpanBatch,
} from '@spanloom/model';
import { decodeJsonAsMsgpack } from '../wire/json-to-msgpack.ts';
import { MsgpackReader } from '../wire/msgpack-reader.ts';
import { DatadogPayload } from './datadog-payload.ts';
import { decodeSpanMap } from './span-map.ts';

/** Start times below these are in seconds, milliseconds and microseconds: all of them say "this century" in one unit only. */
const UNITS = [
  { below: 1e11, nanos: 1_000_000_000n },
  { below: 1e14, nanos: 1_000_000n },
  { below: 1e17, nanos: 1_000n },
] as const;

/**
 * Appends the spans that a tracer without an agent sends as JSON (`POST /api/v2/spans`, `/v1/input`) to `batch`.
 *
 * Wire shape: `{"traces":[{"hostname", "env", …, "spans":[…]}]}` with ids as hex text. The unit of `start` differs by sender
 * and is told by its size; durations are always ns.
 *
 * @throws {DecodeError} If the body is no such JSON.
 * @see docs/formats/agentless-spans.md
 */
export function decodeAgentlessJson(record: IntakeRecord, batch: SpanBatch): DecodeOutcome {
  return decodeJsonAsMsgpack(record.body, (msgpack) => decodeTraces(record, msgpack, batch));
}

function decodeTraces(record: IntakeRecord, body: Uint8Array, batch: SpanBatch): DecodeOutcome {
  const payload = new DatadogPayload(record, batch, 'compute-unless-marked');
  const reader = new MsgpackReader(body);
  for (let fields = reader.readMapHeader(); fields > 0; fields--) {
    if (reader.readString() !== 'traces') {
      reader.skip();
      continue;
    }
    for (let traces = reader.readArrayHeader(); traces > 0; traces--) decodeTrace(reader, payload);
  }
  payload.sink.finish();
  return payload.outcome;
}

function decodeTrace(reader: MsgpackReader, payload: DatadogPayload): void {
  payload.reset();
  const { facts, chunk, sink, batch } = payload;
  let spansAt = -1;
  for (let fields = reader.readMapHeader(); fields > 0; fields--) {
    switch (reader.readString()) {
      case 'hostname':
        facts.hostname = reader.readString();
        break;
      case 'env':
        facts.env = reader.readString();
        break;
      case 'languageName':
        facts.language = reader.readString() || facts.language;
        break;
      case 'languageVersion':
        facts.languageVersion = reader.readString() || facts.languageVersion;
        break;
      case 'tracerVersion':
        facts.tracerVersion = reader.readString() || facts.tracerVersion;
        break;
      case 'runtimeID':
        facts.runtimeId = reader.readString();
        break;
      case 'spans':
        spansAt = reader.pos;
        reader.skip();
        break;
      default:
        reader.skip();
    }
  }
  const end = reader.pos;
  payload.beginSpans();
  chunk.begin();
  let coarseClock = false;
  if (spansAt >= 0) {
    reader.pos = spansAt;
    for (let spans = reader.readArrayHeader(); spans > 0; spans--) {
      sink.beginSpan();
      decodeSpanMap(reader, sink, { textIds: 'hex' });
      coarseClock = scaleStart(batch, sink.row) || coarseClock;
      payload.endSpan();
    }
  }
  reader.pos = end;
  chunk.end({ priority: NO_PRIORITY, envelope: payload.envelope({ coarseClock }) });
}

/** Brings the start to ns; true when it came in whole seconds, which loses the order of what happened within one. */
function scaleStart(batch: SpanBatch, row: number): boolean {
  const { start } = batch;
  const value = start.asNumber(row);
  const unit = UNITS.find(({ below }) => value < below);
  if (unit === undefined || value === 0) return false;
  start.setBigint(row, start.asBigint(row) * unit.nanos);
  return unit.nanos === 1_000_000_000n;
}
