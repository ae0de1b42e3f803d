import fc from 'fast-check';
import { expect, test } from 'vitest';
import { criticalPath } from './critical-path.ts';
import { largeTrace, testSpan } from './test-spans.ts';
import { buildTraceModel, type SpanFacts } from './trace-model.ts';

function sections(spans: readonly SpanFacts[]): readonly (readonly [string, number, number])[] {
  const model = buildTraceModel(spans);
  const path = criticalPath(model);
  return Array.from(path.row, (row, i) => [
    spans[model.input[row]!]!.span_id,
    path.start[i]!,
    path.end[i]!,
  ]);
}

test('criticalPath() follows the child that finished last, then what finished before it began', () => {
  expect(
    sections([
      testSpan('root', null, 0, 100),
      testSpan('a', 'root', 5, 40),
      testSpan('b', 'root', 10, 60),
      testSpan('c', 'root', 60, 90),
      testSpan('c1', 'c', 70, 90),
    ]),
  ).toEqual([
    ['root', 90, 100],
    ['c1', 70, 90],
    ['c', 60, 70],
    ['b', 10, 60],
    ['root', 0, 10],
  ]);
});

test('criticalPath() leaves asynchronous work out and clips a child that overflows', () => {
  const M = 1e6;
  expect(
    sections([
      testSpan('root', null, 0, 100 * M),
      testSpan('slow', 'root', 20 * M, 104 * M),
      testSpan('queue', 'root', 100 * M, 500 * M),
    ]),
  ).toEqual([
    ['slow', 20 * M, 100 * M],
    ['root', 0, 20 * M],
  ]);
});

test('criticalPath() tiles the root without gap or overlap', () => {
  const anyTree = fc.array(fc.tuple(fc.nat(), fc.nat(100), fc.nat(50)), { maxLength: 40 });
  fc.assert(
    fc.property(anyTree, (rows) => {
      const spans = [
        testSpan('0', null, 0, 100),
        ...rows.map(([up, start, length], i) =>
          testSpan(String(i + 1), String(up % (i + 1)), start, start + length),
        ),
      ];
      const path = criticalPath(buildTraceModel(spans));
      let at = 100;
      for (let i = 0; i < path.length; i++) {
        expect(path.end[i]).toBe(at);
        expect(path.start[i]!).toBeLessThan(at);
        at = path.start[i]!;
      }
      expect(at).toBe(0);
    }),
  );
});

test('criticalPath() of a large trace sums to the duration of its root', () => {
  const model = buildTraceModel(largeTrace(20_000));
  const total = criticalPath(model).onPath.reduce((a, b) => a + b, 0);
  expect(total).toBeCloseTo(model.end[0]! - model.start[0]!, 0);
});
