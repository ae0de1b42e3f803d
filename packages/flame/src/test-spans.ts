import type { SpanFacts } from './trace-model.ts';

/** A span for tests: times in ns from the start of the trace. */
export function testSpan(
  id: string,
  parent: string | null,
  start: number,
  end: number,
  more: Partial<SpanFacts> = {},
): SpanFacts {
  return {
    span_id: id,
    parent_id: parent,
    start_ns: String(1_700_000_000_000_000_000n + BigInt(start)),
    duration_ns: end - start,
    error: 0,
    source: 'datadog',
    kind: 'internal',
    hidden: false,
    meta: {},
    ...more,
  };
}

/** A tree of `count` spans that looks like a busy service: nested calls, loops of queries, parallel branches. */
export function largeTrace(count: number): SpanFacts[] {
  const spans: SpanFacts[] = [testSpan('0', null, 0, count * 10_000)];
  let seed = 42;
  const random = (): number => {
    seed = (Math.imul(seed, 1_664_525) + 1_013_904_223) >>> 0;
    return seed / 2 ** 32;
  };
  const starts = [0];
  const lengths = [count * 10_000];
  for (let i = 1; i < count; i++) {
    const parent = Math.floor(i - 1 - random() ** 3 * Math.min(i - 1, 400));
    const start = Math.floor(starts[parent]! + lengths[parent]! * random() * 0.8);
    const length = Math.max(1, Math.floor(lengths[parent]! * random() * 0.6));
    starts.push(start);
    lengths.push(length);
    spans.push(testSpan(String(i), String(parent), start, start + length, { error: i % 97 === 0 ? 1 : 0 }));
  }
  return spans;
}
