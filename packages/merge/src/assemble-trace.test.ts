import type { DurationNanos, EpochMillis, EpochNanos } from '@spanloom/base';
import { type Span, SPAN_FLAGS } from '@spanloom/model';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { assembleTrace } from './assemble-trace.ts';

const traceId = { hi: 0x66f2a1c400000000n, lo: 0x1a7d4b21e6c8f013n };

function span(id: number, parent: number | undefined, changes: Partial<Span> = {}): Span {
  return {
    traceId,
    spanId: BigInt(id),
    parentId: parent === undefined ? undefined : BigInt(parent),
    source: 'datadog',
    service: 'checkout',
    name: 'web.request',
    resource: 'POST /checkout',
    type: 'web',
    kind: 'server',
    env: 'prod',
    version: '43',
    functionName: '',
    start: BigInt(id * 1000) as EpochNanos,
    duration: 500 as DurationNanos,
    error: false,
    flags: 0,
    priority: 1,
    meta: {},
    metrics: {},
    binary: {},
    links: [],
    events: [],
    typed: {},
    envelope: '',
    received: 0 as EpochMillis,
    ...changes,
  };
}

function assemble(...spans: Span[]) {
  return assembleTrace(spans, { traceId })!;
}

function shape(trace: ReturnType<typeof assemble>): string[] {
  return trace.nodes.map((node) => `${'  '.repeat(node.depth)}${node.span.spanId}`);
}

test('spans come parent first, siblings by start', () => {
  const trace = assemble(span(4, 2), span(3, 1), span(1, undefined), span(2, 1));
  expect(shape(trace)).toEqual(['1', '  2', '    4', '  3']);
  expect(trace.complete).toBe(true);
  expect(trace.problems).toEqual([]);
  expect(trace.start).toBe(1000n);
  expect(trace.end).toBe(4500n);
});

test('children of a parent that never came are kept, and the gap is reported', () => {
  const trace = assemble(span(1, undefined), span(5, 9), span(6, 9));
  expect(shape(trace)).toEqual(['1', '5', '6']);
  expect(trace.complete).toBe(false);
  expect(trace.problems).toEqual([
    {
      kind: 'missing_parent',
      spanId: 9n,
      count: 2,
      message: '2 spans name a parent that has not arrived',
    },
  ]);
});

test('a trace without its root says so', () => {
  const trace = assemble(span(2, 1), span(3, 2));
  expect(trace.problems.map((problem) => problem.kind)).toEqual(['missing_parent', 'missing_root']);
});

test('a cycle is cut at its youngest span', () => {
  const trace = assemble(span(1, 3), span(2, 1), span(3, 2), span(4, 3));
  expect(shape(trace)).toEqual(['3', '  1', '    2', '  4']);
  expect(trace.problems.find((problem) => problem.kind === 'cycle')).toMatchObject({
    spanId: 3n,
    count: 3,
  });
});

test('a span that names itself as parent becomes a root', () => {
  expect(shape(assemble(span(1, 1), span(2, 1)))).toEqual(['1', '  2']);
});

test('a payload sent twice shows each span once and counts the copies', () => {
  const trace = assemble(span(1, undefined), span(2, 1), span(1, undefined), span(2, 1));
  expect(shape(trace)).toEqual(['1', '  2']);
  expect(trace.problems.map(({ kind, spanId, count }) => [kind, spanId, count])).toEqual([
    ['duplicate_span', 1n, 1],
    ['duplicate_span', 2n, 1],
  ]);
});

test('different spans with one id both stay, and children go to the one that encloses them', () => {
  const client = span(2, 1, {
    service: 'shop',
    start: 1000n as EpochNanos,
    duration: 900 as DurationNanos,
  });
  const server = span(2, 1, {
    service: 'stock',
    start: 5000n as EpochNanos,
    duration: 900 as DurationNanos,
  });
  const child = span(7, 2, {
    service: 'stock',
    start: 5100n as EpochNanos,
    duration: 10 as DurationNanos,
  });
  const trace = assemble(span(1, undefined), client, server, child);
  const parent = trace.nodes.find((node) => node.span.spanId === 7n)!.parent;
  expect(trace.nodes[parent]!.span.service).toBe('stock');
  expect(trace.problems).toContainEqual(
    expect.objectContaining({ kind: 'duplicate_span_id', spanId: 2n, count: 2 }),
  );
});

test('the final version of a running span replaces its snapshots', () => {
  const snapshot = span(2, 1, { flags: SPAN_FLAGS.partial, duration: 100 as DurationNanos });
  const final = span(2, 1, { duration: 90 as DurationNanos });
  const trace = assemble(span(1, undefined), snapshot, final);
  expect(trace.nodes[1]!.span.duration).toBe(90);
  expect(trace.problems).toEqual([]);
  expect(assemble(span(1, undefined), snapshot).problems[0]!.kind).toBe('partial_version');
});

test('of two snapshots that differ in nothing but their parent, the one that knows it stays', () => {
  const lost = span(6, undefined, { flags: SPAN_FLAGS.partial });
  const known = span(6, 1, { flags: SPAN_FLAGS.partial });
  expect(shape(assemble(lost, known, span(1, undefined)))).toEqual(['1', '  6']);
  expect(shape(assemble(span(1, undefined), known, lost))).toEqual(['1', '  6']);
});

test('a trace that shares the low half by chance is left out and mentioned', () => {
  const other = span(8, undefined, { traceId: { hi: 1n, lo: traceId.lo } });
  const old = span(3, 1, { traceId: { hi: 0n, lo: traceId.lo } });
  const trace = assemble(span(1, undefined), old, other);
  expect(shape(trace)).toEqual(['1', '  3']);
  expect(trace.traceId).toEqual(traceId);
  expect(trace.problems[0]).toMatchObject({ kind: 'trace_id_collision', count: 1 });
});

test('asking for one environment leaves the others out', () => {
  const trace = assembleTrace(
    [span(1, undefined), span(2, 1, { env: 'dev' }), span(3, 1, { env: '' })],
    {
      traceId,
      env: 'prod',
    },
  )!;
  expect(shape(trace)).toEqual(['1', '  3']);
  expect(assembleTrace([span(1, undefined)], { traceId, env: 'dev' })).toBeUndefined();
});

test('100,000 spans in one chain assemble without a deep call stack', () => {
  const chain = Array.from({ length: 100_000 }, (_, i) => span(i + 1, i === 0 ? undefined : i));
  const trace = assemble(...chain.toReversed());
  expect(trace.nodes.at(-1)!.depth).toBe(99_999);
});

const anySpan = fc
  .record({
    id: fc.integer({ min: 1, max: 12 }),
    parent: fc.option(fc.integer({ min: 1, max: 14 }), { nil: undefined }),
    start: fc.integer({ min: 0, max: 5 }),
    duration: fc.integer({ min: 0, max: 3 }),
    service: fc.constantFrom('a', 'b'),
    partial: fc.boolean(),
    high: fc.constantFrom(0n, 1n, 2n),
    tag: fc.constantFrom('x', 'y'),
  })
  .map(({ id, parent, start, duration, service, partial, high, tag }) =>
    span(id, parent, {
      start: BigInt(start) as EpochNanos,
      duration: duration as DurationNanos,
      service,
      flags: partial ? SPAN_FLAGS.partial : 0,
      traceId: { hi: high, lo: traceId.lo },
      meta: { tag },
    }),
  );

test('any order of arrival gives the same trace', () => {
  fc.assert(
    fc.property(
      fc
        .array(anySpan, { minLength: 1, maxLength: 20 })
        .chain((spans) =>
          fc.tuple(
            fc.constant(spans),
            fc.shuffledSubarray(spans, { minLength: spans.length, maxLength: spans.length }),
          ),
        ),
      ([spans, shuffled]) => {
        expect(assembleTrace(shuffled, { traceId })).toEqual(assembleTrace(spans, { traceId }));
      },
    ),
    { numRuns: 500 },
  );
});

test('every node stands after its parent, one deeper, and no span is lost', () => {
  fc.assert(
    fc.property(fc.array(anySpan, { minLength: 1, maxLength: 30 }), (spans) => {
      const kept = new Set<bigint>();
      // Spans of three traces that share the low half: each is in the one it is asked for by.
      for (const hi of new Set(spans.map((one) => one.traceId.hi))) {
        const trace = assembleTrace(spans, { traceId: { hi, lo: traceId.lo } })!;
        trace.nodes.forEach((node, position) => {
          expect(node.parent).toBeLessThan(position);
          expect(node.depth).toBe(node.parent === -1 ? 0 : trace.nodes[node.parent]!.depth + 1);
          kept.add(node.span.spanId);
        });
      }
      expect(kept).toEqual(new Set(spans.map((one) => one.spanId)));
    }),
  );
});
