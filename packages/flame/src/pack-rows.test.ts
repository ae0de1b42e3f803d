import fc from 'fast-check';
import { expect, test } from 'vitest';
import { packRows } from './pack-rows.ts';
import { largeTrace, tangledTrace, testSpan } from './test-spans.ts';
import { buildTraceModel, type SpanFacts } from './trace-model.ts';

function linesById(spans: readonly SpanFacts[]): Record<string, number> {
  const model = buildTraceModel(spans);
  const rows = packRows(model);
  return Object.fromEntries(
    Array.from(model.input, (input, row) => [spans[input]!.span_id, rows.line[row]!]),
  );
}

test('packRows() keeps siblings that do not overlap on one line', () => {
  expect(
    linesById([
      testSpan('root', null, 0, 100),
      testSpan('a', 'root', 0, 40),
      testSpan('b', 'root', 40, 60),
      testSpan('c', 'root', 70, 90),
    ]),
  ).toEqual({ root: 0, a: 1, b: 1, c: 1 });
});

test('packRows() drops an overlapping subtree as a whole, below the band it overlaps', () => {
  expect(
    linesById([
      testSpan('root', null, 0, 100),
      testSpan('a', 'root', 0, 50),
      testSpan('a1', 'a', 5, 45),
      testSpan('b', 'root', 20, 70),
      testSpan('b1', 'b', 25, 65),
      testSpan('c', 'root', 80, 90),
    ]),
  ).toEqual({ root: 0, a: 1, a1: 2, b: 3, b1: 4, c: 1 });
});

test('packRows() puts a second root beside the first when they do not overlap', () => {
  expect(linesById([testSpan('a', null, 0, 10), testSpan('b', null, 10, 20)])).toEqual({
    a: 0,
    b: 0,
  });
});

const anyTree = fc
  .array(fc.tuple(fc.nat(), fc.nat(100), fc.nat(50)), { minLength: 1, maxLength: 60 })
  .map((rows): SpanFacts[] =>
    rows.map(([up, start, length], i) =>
      testSpan(String(i), i === 0 ? null : String(up % i), start, start + length),
    ),
  );

function expectNoOverlap(spans: readonly SpanFacts[]): void {
  const model = buildTraceModel(spans);
  const rows = packRows(model);
  expect(rows.items.length).toBe(model.count);
  for (let line = 0; line < rows.lines; line++) {
    for (let i = rows.lineStart[line]! + 1; i < rows.lineStart[line + 1]!; i++) {
      if (model.end[rows.items[i - 1]!]! > model.start[rows.items[i]!]!) {
        throw new Error(`line ${line}: rows ${rows.items[i - 1]} and ${rows.items[i]} overlap`);
      }
    }
  }
  for (let row = 0; row < model.count; row++) {
    const up = model.parent[row]!;
    if (up !== -1 && rows.line[row]! <= rows.line[up]!)
      throw new Error(`row ${row} is not below its parent`);
  }
}

test('packRows() never lets two spans of a line overlap, and children are below their parents', () => {
  fc.assert(fc.property(anyTree, expectNoOverlap), { numRuns: 300 });
});

test('packRows() holds beyond 512 siblings, where subtrees get lanes', () => {
  const spans: SpanFacts[] = [testSpan('root', null, 0, 10_000)];
  for (let i = 0; i < 600; i++) {
    spans.push(testSpan(`s${i}`, 'root', i * 7, i * 7 + 30 + (i % 11)));
    if (i % 3 === 0) spans.push(testSpan(`c${i}`, `s${i}`, i * 7 + 2, i * 7 + 20));
  }
  expectNoOverlap(spans);
  const model = buildTraceModel(spans);
  expect(packRows(model).lines).toBeLessThan(15);
});

test('packRows() holds on a trace of 20 000 spans', () => {
  expectNoOverlap(largeTrace(20_000));
});

test('packRows() holds where everything overlaps', () => {
  expectNoOverlap(tangledTrace(5_000));
});

test('packRows() takes a chain 50 000 deep', () => {
  const spans: SpanFacts[] = [];
  for (let i = 0; i < 50_000; i++)
    spans.push(testSpan(String(i), i === 0 ? null : String(i - 1), i, 200_000 - i));
  expect(packRows(buildTraceModel(spans)).lines).toBe(50_000);
});
