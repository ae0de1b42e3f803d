import type { TraceResponse } from '@spanloom/contract';

/** A trace that ended less than this ago may still be arriving from its tracers. */
const ARRIVING_MS = 30_000;
/** Reading large ones again and again would cost more than a late span is worth. */
const LARGE = 5_000;
/** What X-Ray listed takes this long to be fetched and stored. */
const AFTER_POLL_MS = 2_000;

/**
 * In how many milliseconds a loaded trace is worth reading again; undefined when nothing more is expected of it. While
 * X-Ray is awaited that is just after the next poll, and now and then in between, because a poll takes its time.
 */
export function nextReadMs(trace: TraceResponse, now: number): number | undefined {
  const large = trace.spans.length >= LARGE;
  const endMs = (Number(trace.start_ns) + trace.duration_ns) / 1e6;
  if (!large && now - endMs < ARRIVING_MS) return 3_000;
  const pending = trace.xray_pending;
  if (pending === null) return undefined;
  const poll = pending.next_poll === null ? Number.NaN : Date.parse(pending.next_poll);
  const wait = Number.isNaN(poll) ? 15_000 : poll - now + AFTER_POLL_MS;
  return Math.min(large ? 60_000 : 15_000, Math.max(large ? 20_000 : 3_000, wait));
}
