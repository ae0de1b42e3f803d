import type { TraceRecord } from './trace-record.ts';

const bucketMs = 1000;

/** Traces by the second of some of their times: a listing must not look at traces that are far from its window. */
export class TimeIndex {
  readonly #buckets = new Map<number, Set<TraceRecord>>();

  add(timeMs: number, trace: TraceRecord): void {
    const bucket = Math.floor(timeMs / bucketMs);
    const traces = this.#buckets.get(bucket);
    if (traces === undefined) this.#buckets.set(bucket, new Set([trace]));
    else traces.add(trace);
  }

  /** Every trace with a time in `[fromMs, toMs)`, and maybe some just outside of it. */
  near(fromMs: number, toMs: number): Set<TraceRecord> {
    const found = new Set<TraceRecord>();
    const first = Math.floor(fromMs / bucketMs);
    const last = Math.ceil(toMs / bucketMs);
    const collect = (traces: ReadonlySet<TraceRecord> | undefined): void => {
      for (const trace of traces ?? []) found.add(trace);
    };
    if (last - first > this.#buckets.size) {
      for (const [bucket, traces] of this.#buckets) {
        if (bucket >= first && bucket <= last) collect(traces);
      }
    } else {
      for (let bucket = first; bucket <= last; bucket++) collect(this.#buckets.get(bucket));
    }
    return found;
  }
}
