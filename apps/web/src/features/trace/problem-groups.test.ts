import { expect, test } from 'vitest';
import { groupProblems, missingParents, skewWords } from './problem-groups.ts';
import { sampleId, sampleSpan, sampleTrace } from './trace-samples.test.support.ts';

test('groupProblems() adds what the spans say to what assembly found, worst first', () => {
  const trace = sampleTrace(
    [
      sampleSpan('1', null, { unfinished: true, duration_ns: 12_000_000, name: 'aws.lambda' }),
      sampleSpan('2', '1', { skew_ns: -3_000_000 }),
      sampleSpan('3', '1', { unfinished: true, hidden: true }),
    ],
    {
      problems: [
        { kind: 'duplicate_span', span_id: sampleId('1'), count: 3, message: 'twice' },
        { kind: 'missing_parent', span_id: sampleId('8'), count: 2, message: 'gone' },
        { kind: 'missing_parent', span_id: sampleId('9'), count: 1, message: 'gone' },
      ],
    },
  );
  expect(groupProblems(trace).map(({ title, count, notice }) => [title, count, notice])).toEqual([
    ['Parents not received', 3, false],
    ['Spans received twice', 3, false],
    ['Did not finish', 1, true],
  ]);
  expect(groupProblems(trace).at(-1)?.problems).toEqual([
    {
      span_id: sampleId('1'),
      count: 1,
      message: 'web aws.lambda: no end was received; seen for 12.0\u00a0ms.',
    },
  ]);
  expect(missingParents(trace)).toBe(2);
});

test('skewWords() says which way a clock is off', () => {
  expect(skewWords(12_000_000)).toBe('12.0\u00a0ms behind');
  expect(skewWords(-3_000_000)).toBe('3.00\u00a0ms ahead');
});

test('groupProblems() of a whole trace is empty', () => {
  expect(groupProblems(sampleTrace([sampleSpan('1', null)]))).toEqual([]);
});
