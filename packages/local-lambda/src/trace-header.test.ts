import fc from 'fast-check';
import { expect, test } from 'vitest';
import { LocalLambdaError } from './errors.ts';
import {
  formatTraceHeader,
  invocationTrace,
  newTraceRoot,
  parseTraceHeader,
} from './trace-header.ts';

const root = '1-66aa0011-1234567890abcdef12345678';

test('parseTraceHeader() reads parts in any order and skips unknown ones', () => {
  expect(parseTraceHeader(`Sampled=1; Self=1-x;Parent=00f1e2d3c4b5a697;Root=${root}`)).toEqual({
    root,
    parent: '00f1e2d3c4b5a697',
    sampled: true,
    lineage: undefined,
  });
});

test('parseTraceHeader() leaves an open decision open', () => {
  expect(parseTraceHeader(`Root=${root};Sampled=?`).sampled).toBeUndefined();
});

test.each(['', 'Root=1-2-3', `Root=${root};Parent=12`])('parseTraceHeader() refuses %j', (text) => {
  expect(() => parseTraceHeader(text)).toThrow(LocalLambdaError);
});

function hex(length: number): fc.Arbitrary<string> {
  const unit = fc.constantFrom('0', '1', '7', '9', 'a', 'c', 'f');
  return fc.string({ unit, minLength: length, maxLength: length });
}

test('formatTraceHeader() prints what parseTraceHeader() reads', () => {
  fc.assert(
    fc.property(
      fc.record({
        root: fc.tuple(hex(8), hex(24)).map(([time, id]) => `1-${time}-${id}`),
        parent: fc.option(hex(16), { nil: undefined }),
        sampled: fc.option(fc.boolean(), { nil: undefined }),
        lineage: fc.constantFrom(undefined, '25:a87bd80c:1'),
      }),
      (header) => {
        expect(parseTraceHeader(formatTraceHeader(header))).toEqual(header);
      },
    ),
  );
});

test('newTraceRoot() starts with the seconds of the epoch', () => {
  expect(newTraceRoot(1_722_417_169_999, () => 'f'.repeat(24))).toBe(
    `1-66aa0011-${'f'.repeat(24)}`,
  );
});

test.each([
  ['Active', undefined, true],
  ['PassThrough', undefined, false],
  ['PassThrough', `Root=${root};Parent=00f1e2d3c4b5a697;Sampled=1`, true],
  ['Active', `Root=${root};Parent=00f1e2d3c4b5a697;Sampled=0`, false],
] as const)('invocationTrace() in mode %s after %s samples: %s', (mode, incoming, sampled) => {
  expect(invocationTrace({ incoming, mode, epochMs: 0 }).sampled).toBe(sampled);
});

test('invocationTrace() keeps root and lineage and puts the function segment in as parent', () => {
  const trace = invocationTrace({
    incoming: `Root=${root};Parent=00f1e2d3c4b5a697;Sampled=1;Lineage=25:a87bd80c:1`,
    mode: 'PassThrough',
    epochMs: 0,
    random: () => 'abcdef0123456789',
  });
  expect(trace.header).toBe(`Root=${root};Parent=abcdef0123456789;Sampled=1;Lineage=25:a87bd80c:1`);
  expect(trace.callerId).toBe('00f1e2d3c4b5a697');
});
