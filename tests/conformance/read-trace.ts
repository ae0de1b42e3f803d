import type { TraceResponse } from '@spanloom/contract';
import { pollUntil } from '../poll-until.ts';

/** Generous: the promise of one second after the acknowledgement has a test of its own. */
const timeoutMs = 15_000;

/**
 * Reads a trace, waiting until it has at least `spans` spans.
 *
 * @throws {Error} If it has fewer after 15 s, with what was answered last.
 */
export async function readTrace(
  url: string,
  traceId: string,
  spans: number,
): Promise<TraceResponse> {
  return pollUntil(`${spans} spans of trace ${traceId}`, timeoutMs, async () => {
    const response = await fetch(`${url}/api/traces/${traceId}`);
    const text = await response.text();
    if (response.status !== 200) throw new Error(`${response.status} ${text}`);
    const trace = JSON.parse(text) as TraceResponse;
    if (trace.spans.length < spans) throw new Error(`only ${trace.spans.length} spans: ${text}`);
    return trace;
  });
}
