import { type Decoded, decode } from '../sample-spans.test.support.ts';
import { subsegment } from './segment-samples.test.support.ts';

/** The trace of the documents that `segment` makes. */
export const TRACE_ID = '1-66f2a1c4-cc33dd44ee55ff6600112233';

/** A record's body: a fetched trace. Documents are objects, or texts as they are. */
export function traceBody(
  documents: readonly unknown[],
  facts: Record<string, unknown> = {},
): Buffer {
  const texts = documents.map((each) => (typeof each === 'string' ? each : JSON.stringify(each)));
  const trace = {
    trace_id: TRACE_ID,
    account: '111122223333',
    region: 'eu-west-1',
    env: '',
    state: 'stable',
    documents: texts,
    ...facts,
  };
  return Buffer.from(JSON.stringify(trace));
}

/** Decodes a fetched trace. */
export function decodeTrace(
  documents: readonly unknown[],
  facts: Record<string, unknown> = {},
): Decoded {
  return decode('xray-trace-json', traceBody(documents, facts));
}

/** A subsegment that came by itself. */
export function lone(fields: Record<string, unknown> = {}): Record<string, unknown> {
  return subsegment({
    type: 'subsegment',
    trace_id: TRACE_ID,
    parent_id: 'dd11223344556677',
    ...fields,
  });
}
