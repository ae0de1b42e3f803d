import type { EpochMillis, EpochNanos } from '@spanloom/base';
import { type IntakeRecord, newOutcome, type SpanBatch, type TraceKey } from '@spanloom/model';
import { appendSpans, aSpan } from '../span-batch.testing.ts';
import type { RecordReaders } from './record-readers.ts';

/** A payload of X-Ray spans: a whole trace as it was fetched, or single segments as the daemon's protocol brings them. */
export interface XRayPayload {
  readonly trace: number;
  readonly fetched: boolean;
  /** Each span's number, which is its id. */
  readonly spans: readonly number[];
  /** Told apart in attributes, so that a test knows which payload a row came from. */
  readonly marker: string;
  readonly env?: string;
}

/** All of them start here, a millisecond apart: a whole second, in the present. */
export const FIRST_START_MS: number = Math.floor(Date.now() / 1000) * 1000;

export function traceIdOf(trace: number): { hi: bigint; lo: bigint } {
  return { hi: 0x66f2_a1c4_0000_0000n, lo: (1n << 63n) | BigInt(trace) };
}

export function xrayRecord(payload: XRayPayload): IntakeRecord {
  return {
    format: payload.fetched ? 'xray-trace-json' : 'xray-segment-json',
    receivedMs: Date.now(),
    headers: {},
    body: Buffer.from(JSON.stringify(payload)),
  };
}

/** Readers of such payloads. Each trace states its request, numbered as itself, and that it continues the trace before. */
export const xrayReaders: RecordReaders = {
  decode: (record, batch) => {
    const {
      trace,
      fetched,
      spans,
      marker,
      env = 'prod',
    } = JSON.parse(Buffer.from(record.body).toString()) as XRayPayload;
    for (const number of spans) {
      appendSpans(batch, [
        aSpan({
          traceId: traceIdOf(trace),
          spanId: BigInt(number),
          source: 'xray',
          service: `xray-${trace}`,
          env,
          start: (BigInt(FIRST_START_MS + number) * 1_000_000n) as EpochNanos,
          received: record.receivedMs as EpochMillis,
          meta: { marker },
        }),
      ]);
    }
    const replaces = fetched ? traceIdOf(trace) : undefined;
    return { ...newOutcome(), traces: 1, spans: spans.length, replaces };
  },
  statsRows: () => [],
  traceKeys: (batch, fromRow) => keysOf(batch, fromRow),
};

function keysOf(batch: SpanBatch, fromRow: number): readonly TraceKey[] {
  const keys: TraceKey[] = [];
  for (let row = fromRow; row < batch.length; row++) {
    const { traceId, env, start } = batch.span(row);
    const trace = traceId.lo & ((1n << 63n) - 1n);
    keys.push({ kind: 'request', key: trace, traceId, env, start });
    keys.push({ kind: 'trace', key: trace - 1n, traceId, env, start });
  }
  return keys;
}
