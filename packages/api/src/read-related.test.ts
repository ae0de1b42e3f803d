import { type EpochNanos, joinKey, type TraceId } from '@spanloom/base';
import type { Span, TraceKey } from '@spanloom/model';
import { expect, test } from 'vitest';
import type { SpanReader } from './ports.ts';
import { readRelated } from './read-related.ts';
import { readTrace } from './read-trace.ts';
import { spanOf } from './span.testing.ts';

const APM: TraceId = { hi: 0n, lo: 1n };

const refuse = () => Promise.reject(new Error('Not asked for here'));

/** Traces that state the trace of the tracer as theirs: so many of its environment, and so many of another. */
function reader(ours: number, others: number): SpanReader {
  const keys = Array.from({ length: ours + others }, (_, index): TraceKey => {
    const isOther = index < others;
    return {
      kind: 'trace',
      key: joinKey(APM),
      traceId: { hi: 7n, lo: BigInt(index + 10) },
      env: isOther ? 'elsewhere' : 'prod',
      start: BigInt(index) as EpochNanos,
    };
  });
  return {
    traces: async (ids) => ({
      spans: ids.map((id): Span => spanOf({ traceId: id, spanId: id.lo, env: 'prod' })),
      omitted: 0,
    }),
    tracesByKey: async (wanted, { except, limit }) =>
      keys
        .filter(
          ({ kind, key, traceId }) =>
            wanted.some((one) => one.kind === kind && one.key === key) &&
            !except.includes(joinKey(traceId)),
        )
        .slice(0, limit),
    rawTrace: refuse,
    search: refuse,
    environments: refuse,
  };
}

const { signal } = new AbortController();

test('hundreds of traces that belong to one are all read', async () => {
  const { ids, omittedTraces } = await readRelated(reader(450, 0), APM, signal);
  expect(ids).toHaveLength(451);
  expect(omittedTraces).toBe(0);
});

test('traces of another environment do not crowd out those of this one', async () => {
  const { ids, omittedTraces } = await readRelated(reader(150, 5000), APM, signal);
  const ours = ids.filter(({ lo }) => lo >= 5010n);
  expect(ours).toHaveLength(150);
  expect(omittedTraces).toBe(5150 - 1999);
});

test('a trace of which something was not read says so, and is not complete', async () => {
  const trace = await readTrace(reader(3000, 0), APM, { env: undefined, xray: undefined, signal });
  expect(trace).toMatchObject({ complete: false });
  expect(trace!.problems).toContainEqual({
    kind: 'truncated',
    spanId: 0n,
    count: 1001,
    message: '1001 more traces that may belong to this one were not read',
  });
});
