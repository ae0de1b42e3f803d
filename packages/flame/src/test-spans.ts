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

/** A tree of `count` spans that looks like a busy service: nested calls, loops of queries, some parallel branches. */
export function largeTrace(count: number): SpanFacts[] {
  const starts = [0];
  const ends = [count * 10_000];
  const parents = [-1];
  const random = randomNumbers();
  for (let parent = 0; starts.length < count; parent++) {
    const children = 2 + Math.floor(random() ** 3 * 40);
    const length = ends[parent]! - starts[parent]!;
    let at = starts[parent]! + length * 0.02;
    for (let i = 0; i < children && starts.length < count; i++) {
      const slot = (length * 0.94) / children;
      const parallel = random() < 0.1;
      starts.push(Math.floor(at));
      ends.push(Math.floor(at + slot * (parallel ? 1.8 : 0.95)));
      parents.push(parent);
      at += slot;
    }
  }
  return starts.map((start, i) =>
    testSpan(String(i), i === 0 ? null : String(parents[i]), start, Math.max(start + 1, ends[i]!), {
      error: i % 97 === 0 ? 1 : 0,
    }),
  );
}

/** A trace in which nearly everything overlaps: no service looks like this, but a broken clock does. */
export function tangledTrace(count: number): SpanFacts[] {
  const random = randomNumbers();
  const starts = [0];
  const lengths = [count * 10_000];
  const spans = [testSpan('0', null, 0, count * 10_000)];
  for (let i = 1; i < count; i++) {
    const parent = Math.floor(i - 1 - random() ** 3 * Math.min(i - 1, 400));
    starts.push(Math.floor(starts[parent]! + lengths[parent]! * random() * 0.8));
    lengths.push(Math.max(1, Math.floor(lengths[parent]! * (0.2 + random()))));
    spans.push(testSpan(String(i), String(parent), starts[i]!, starts[i]! + lengths[i]!));
  }
  return spans;
}

/** The same numbers between 0 and 1 on every run. */
function randomNumbers(): () => number {
  let seed = 42;
  return () => {
    seed = (Math.imul(seed, 1_664_525) + 1_013_904_223) >>> 0;
    return seed / 2 ** 32;
  };
}
