import fc from 'fast-check';
import { expect, test } from 'vitest';
import { criticalPath } from './critical-path.ts';
import { displayRoot } from './display-root.ts';
import { execTime, selfTime } from './exec-time.ts';
import { testSpan } from './test-spans.ts';
import { Flag } from './span-flags.ts';
import { buildTraceModel, type SpanFacts } from './trace-model.ts';

test('buildTraceModel() puts parents before children and siblings by start', () => {
  const model = buildTraceModel([
    testSpan('b', 'root', 50, 60),
    testSpan('a1', 'a', 12, 14),
    testSpan('root', null, 0, 100),
    testSpan('a', 'root', 10, 40),
  ]);
  expect(Array.from(model.input)).toEqual([2, 3, 1, 0]);
  expect(Array.from(model.parent)).toEqual([-1, 0, 1, 0]);
  expect(Array.from(model.depth)).toEqual([0, 1, 2, 1]);
  expect(Array.from(model.size)).toEqual([4, 2, 1, 1]);
  expect(Array.from(model.start)).toEqual([0, 10, 12, 50]);
  expect(model.durationNs).toBe(100);
  expect(model.originNs).toBe('1700000000000000000');
});

test('buildTraceModel() keeps nanoseconds apart over a second boundary', () => {
  const model = buildTraceModel([
    testSpan('a', null, 0, 2_000_000_001),
    testSpan('b', 'a', 1_000_000_001, 1_000_000_003),
  ]);
  expect(model.start[1]).toBe(1_000_000_001);
  expect(model.end[1]).toBe(1_000_000_003);
});

test('buildTraceModel() hangs orphans below one placeholder per missing parent', () => {
  const model = buildTraceModel([
    testSpan('a', 'gone', 10, 20),
    testSpan('b', 'gone', 30, 50),
    testSpan('c', 'also-gone', 60, 70),
  ]);
  expect(model.count).toBe(5);
  expect([...model.missingIds]).toEqual([
    [0, 'gone'],
    [3, 'also-gone'],
  ]);
  expect(model.flags[0]! & Flag.placeholder).toBe(Flag.placeholder);
  expect([model.start[0], model.end[0], model.size[0]]).toEqual([0, 40, 3]);
});

test('buildTraceModel() leaves hidden spans out and moves their children up', () => {
  const spans = [
    testSpan('root', null, 0, 100),
    testSpan('twin', 'root', 0, 90, { hidden: true }),
    testSpan('leaf', 'twin', 10, 20),
  ];
  const folded = buildTraceModel(spans);
  expect(Array.from(folded.input)).toEqual([0, 2]);
  expect(folded.parent[1]).toBe(0);
  expect(buildTraceModel(spans, { includeHidden: true }).count).toBe(3);
});

test('buildTraceModel() tells what a row shows besides itself and what only X-Ray knows', () => {
  const model = buildTraceModel(
    [
      testSpan('stage', null, 0, 100, { source: 'xray' }),
      testSpan('call', 'stage', 10, 90, { source: 'xray', folded: ['peer'] }),
      testSpan('peer', 'call', 20, 80, { source: 'xray', hidden: true }),
      testSpan('run', 'call', 30, 70, { source: 'xray', folded: ['handler'] }),
      testSpan('handler', 'call', 31, 69, { hidden: true }),
      testSpan('query', 'run', 40, 50, { source: 'otlp', unfinished: true }),
    ],
    { includeHidden: true },
  );
  expect(Array.from(model.flags)).toEqual([
    Flag.xray,
    Flag.xray | Flag.merged,
    Flag.xray | Flag.hidden,
    Flag.merged,
    Flag.otlp | Flag.torn,
    Flag.hidden,
  ]);
});

test.each([
  [{ 'xray.error': 'true' }, 0, Flag.clientError],
  [{ 'xray.error': 'true' }, 1, Flag.error],
  [{ 'xray.error': 'true', 'xray.throttle': 'true' }, 1, Flag.error | Flag.throttled],
  [{ 'xray.name': 'Initialization' }, 0, Flag.cold],
  [{ in_progress: 'true' }, 0, 0],
] as const)('buildTraceModel() reads %j with error %d', (meta, error, flags) => {
  expect(buildTraceModel([testSpan('a', null, 0, 9, { meta, error })]).flags[0]).toBe(flags);
});

test('buildTraceModel() aligns clocks on request and marks where another clock begins', () => {
  const spans = [
    testSpan('client', null, 100, 200),
    testSpan('server', 'client', 40, 80, { skew_ns: 90 }),
    testSpan('query', 'server', 50, 60, { skew_ns: 90 }),
    testSpan('replica', 'query', 51, 53, { skew_ns: 88 }),
    testSpan('other', 'client', 150, 160),
  ];
  const raw = buildTraceModel(spans);
  expect(Array.from(raw.start)).toEqual([60, 0, 10, 11, 110]);
  expect([raw.shift, raw.flags[1]! & Flag.skewed]).toEqual([undefined, 0]);
  const aligned = buildTraceModel(spans, { alignClocks: true });
  expect(Array.from(aligned.start)).toEqual([0, 30, 40, 39, 50]);
  expect(Array.from(aligned.end)).toEqual([100, 70, 50, 41, 60]);
  expect(Array.from(aligned.shift!)).toEqual([0, 90, 90, 88, 0]);
  expect(aligned.originNs).toBe('1700000000000000100');
  expect(Array.from(aligned.flags, (flags) => (flags & Flag.skewed) !== 0)).toEqual([
    false,
    true,
    false,
    true,
    false,
  ]);
});

test('buildTraceModel() moves a placeholder with its orphans', () => {
  const model = buildTraceModel(
    [testSpan('a', 'gone', 10, 20, { skew_ns: 5 }), testSpan('b', 'gone', 30, 40)],
    { alignClocks: true },
  );
  expect(Array.from(model.start)).toEqual([0, 0, 15]);
  expect(model.end[0]).toBe(25);
});

test('hidden rows take no time, hold nothing up and name no trace', () => {
  const spans = [
    testSpan('run', null, 0, 100, { source: 'xray', folded: ['twin'] }),
    testSpan('twin', 'run', 0, 100, { hidden: true }),
    testSpan('query', 'run', 20, 50),
    testSpan('lost', null, 0, 900, { hidden: true }),
  ];
  const model = buildTraceModel(spans, { includeHidden: true });
  expect(Array.from(model.input)).toEqual([0, 1, 2, 3]);
  expect(Array.from(execTime(model).exec)).toEqual([70, 0, 30, 0]);
  expect(selfTime(model)[0]).toBe(70);
  expect(Array.from(criticalPath(model).onPath)).toEqual([70, 0, 30, 0]);
  expect(displayRoot(model)).toBe(0);
});

test('buildTraceModel() cuts a cycle above its earliest span', () => {
  const model = buildTraceModel([
    testSpan('a', 'c', 30, 40),
    testSpan('b', 'a', 10, 20),
    testSpan('c', 'b', 20, 30),
    testSpan('self', 'self', 0, 5),
  ]);
  expect(model.cycles).toBe(1);
  expect(model.count).toBe(4);
  expect(Array.from(model.input)).toEqual([3, 1, 2, 0]);
});

test('buildTraceModel() keeps spans that share an id', () => {
  const model = buildTraceModel([
    testSpan('a', null, 0, 9),
    testSpan('a', null, 3, 5),
    testSpan('k', 'a', 4, 5),
  ]);
  expect(model.count).toBe(3);
  expect(model.rowById.get('a')).toBe(0);
  const twins = [testSpan('a', null, 0, 9, { hidden: true }), testSpan('a', null, 3, 5)];
  expect(buildTraceModel(twins, { includeHidden: true }).rowById.get('a')).toBe(1);
});

test.each([
  [{ start: 100_000_000, end: 120_000_000 }, true], // begins where the parent ended
  [{ start: 50_000_000, end: 106_000_000 }, true], // outlives it by 6 %
  [{ start: 50_000_000, end: 105_000_000 }, false], // within clock noise
  [{ start: 50_000_000, end: 90_000_000 }, false],
])('buildTraceModel() marks %j asynchronous: %j', ({ start, end }, asynchronous) => {
  const model = buildTraceModel([
    testSpan('p', null, 0, 100_000_000),
    testSpan('c', 'p', start, end),
  ]);
  expect((model.flags[1]! & Flag.async) !== 0).toBe(asynchronous);
});

test('buildTraceModel() makes a forest of any parent links', () => {
  fc.assert(
    fc.property(
      fc.array(fc.tuple(fc.nat(12), fc.nat(14), fc.nat(100), fc.nat(40)), { maxLength: 13 }),
      (rows) => {
        const spans: SpanFacts[] = rows.map(([id, parent, start, length]) =>
          testSpan(String(id), parent > 12 ? null : String(parent), start, start + length),
        );
        const model = buildTraceModel(spans);
        const inputs = Array.from(model.input).filter((input) => input >= 0);
        expect(inputs.toSorted((a, b) => a - b)).toEqual(spans.map((_, i) => i));
        for (let row = 0; row < model.count; row++) {
          const up = model.parent[row]!;
          if (up === -1) continue;
          expect(up).toBeLessThan(row);
          expect(row + model.size[row]!).toBeLessThanOrEqual(up + model.size[up]!);
        }
      },
    ),
  );
});
