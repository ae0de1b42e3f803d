import fc from 'fast-check';
import { expect, test } from 'vitest';
import { execTime, selfTime } from './exec-time.ts';
import { testSpan } from './test-spans.ts';
import { Flag } from './span-flags.ts';
import { buildTraceModel, type SpanFacts, type TraceModel } from './trace-model.ts';

const M = 1e6;

test('execTime() gives a waiting parent nothing and shares a slice between the leaves that run', () => {
  const model = buildTraceModel([
    testSpan('root', null, 0, 100 * M),
    testSpan('a', 'root', 10 * M, 50 * M),
    testSpan('b', 'root', 30 * M, 70 * M),
  ]);
  const { exec, coveredNs, idleNs } = execTime(model);
  expect(Array.from(exec)).toEqual([40 * M, 30 * M, 30 * M]);
  expect(coveredNs).toBe(100 * M);
  expect(idleNs).toBe(0);
});

test('execTime() lets an asynchronous child run beside its parent', () => {
  const model = buildTraceModel([
    testSpan('root', null, 0, 10 * M),
    testSpan('job', 'root', 5 * M, 25 * M),
  ]);
  expect(Array.from(execTime(model).exec)).toEqual([7.5 * M, 17.5 * M]);
});

test('execTime() counts gaps between spans as idle', () => {
  const model = buildTraceModel([testSpan('a', null, 0, 10), testSpan('b', 'a', 30, 40)]);
  const { coveredNs, idleNs } = execTime(model);
  expect([coveredNs, idleNs]).toEqual([20, 20]);
});

test('selfTime() is the duration without the union of blocking children', () => {
  const model = buildTraceModel([
    testSpan('root', null, 0, 100 * M),
    testSpan('a', 'root', 10 * M, 50 * M),
    testSpan('b', 'root', 30 * M, 70 * M),
    testSpan('late', 'root', 90 * M, 300 * M),
  ]);
  expect(Array.from(selfTime(model))).toEqual([40 * M, 40 * M, 40 * M, 210 * M]);
});

const tree = fc
  .array(fc.tuple(fc.nat(), fc.nat(60), fc.nat(60)), { minLength: 1, maxLength: 25 })
  .map((rows): SpanFacts[] =>
    rows.map(([up, start, length], i) =>
      testSpan(String(i), i === 0 ? null : String(up % i), start * M, (start + length) * M),
    ),
  );

/** The definition of execution time word for word: slice by slice, span by span. */
function execByDefinition(model: TraceModel): number[] {
  const cuts = [...new Set([...model.start, ...model.end])].toSorted((a, b) => a - b);
  const exec = Array.from(model.start, () => 0);
  for (let i = 1; i < cuts.length; i++) {
    const [from, to] = [cuts[i - 1]!, cuts[i]!];
    const running = exec.map((_, row) => model.start[row]! <= from && model.end[row]! >= to);
    const waits = exec.map(() => false);
    for (let row = 0; row < model.count; row++) {
      if (!running[row]) continue;
      for (let at = row; (model.flags[at]! & Flag.async) === 0 && model.parent[at] !== -1;) {
        at = model.parent[at]!;
        waits[at] = true;
      }
    }
    const active = exec.flatMap((_, row) => (running[row] && !waits[row] ? [row] : []));
    for (const row of active) exec[row]! += (to - from) / active.length;
  }
  return exec;
}

test('execTime() agrees with its definition, and its parts sum to the covered time', () => {
  fc.assert(
    fc.property(tree, (spans) => {
      const model = buildTraceModel(spans);
      const { exec, coveredNs, idleNs } = execTime(model);
      const expected = execByDefinition(model);
      for (let row = 0; row < model.count; row++) expect(exec[row]).toBeCloseTo(expected[row]!, 0);
      expect(exec.reduce((a, b) => a + b, 0)).toBeCloseTo(coveredNs, 0);
      expect(coveredNs + idleNs).toBeCloseTo(model.durationNs, 0);
    }),
  );
});
