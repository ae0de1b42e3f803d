import type { TraceListing } from './trace-schedule.ts';

/** Where Transaction Search keeps spans. */
export const SPAN_LOG_GROUP = 'aws/spans';

const TRACE_ID = /"trace_?id"\s*:\s*"(?:1-)?([0-9a-f]{8})-?([0-9a-f]{24})"/i;

/** A record of a log group, as CloudWatch Logs returns it. */
export interface LogRecord {
  readonly message?: string | undefined;
  readonly timestamp?: number | undefined;
  readonly ingestionTime?: number | undefined;
}

/**
 * The traces that log records of spans belong to. A trace's revision is here the time at which its newest record came in, which
 * rises when more of it arrives as X-Ray's own revision does, though not on the same scale.
 */
export function tracesOfRecords(records: readonly LogRecord[]): readonly TraceListing[] {
  const traces = new Map<string, TraceListing>();
  for (const { message, timestamp, ingestionTime } of records) {
    // Read as text: a page holds up to 10,000 spans, of which nothing but the trace's id is wanted.
    const found = message === undefined ? null : TRACE_ID.exec(message);
    if (found === null) continue;
    const xrayId = `1-${found[1]!.toLowerCase()}-${found[2]!.toLowerCase()}`;
    const revision = ingestionTime ?? timestamp ?? 0;
    const known = traces.get(xrayId);
    if (known === undefined || known.revision < revision) {
      traces.set(xrayId, { xrayId, revision, endMs: undefined });
    }
  }
  return [...traces.values()];
}

/** Whether a trace is among the part that is read: always the same answer for the same trace. */
export function isSampled(xrayId: string, rate: number): boolean {
  if (rate >= 1) return true;
  const random = Number.parseInt(xrayId.slice(-8), 16);
  return random / 2 ** 32 < rate;
}
