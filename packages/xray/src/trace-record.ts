import type { XRayTraceState } from '@spanloom/metadata';
import type { IntakeRecord } from '@spanloom/model';

/** A fetched trace, as it is handed to the store. */
export interface TraceToWrite {
  readonly xrayId: string;
  readonly account: string;
  readonly region: string;
  /** The account's environment; '' when it has none. */
  readonly env: string;
  readonly state: XRayTraceState;
  readonly documents: readonly string[];
}

/** The whole of a trace in one record: what was stored of it before counts no more. */
export function traceRecord(trace: TraceToWrite, receivedMs: number): IntakeRecord {
  const { xrayId, account, region, env, state, documents } = trace;
  const body = JSON.stringify({ trace_id: xrayId, account, region, env, state, documents });
  return {
    format: 'xray-trace-json',
    receivedMs,
    headers: {},
    body: new TextEncoder().encode(body),
  };
}
