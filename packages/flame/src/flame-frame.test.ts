import { expect, test } from 'vitest';
import { type FlameFrame, hitTest, nsAt, xOf } from './flame-frame.ts';
import { packRows } from './pack-rows.ts';
import { testSpan } from './test-spans.ts';
import { buildTraceModel } from './trace-model.ts';

const spans = [testSpan('root', null, 0, 1_000_000), testSpan('a', 'root', 100_000, 300_000)];
for (let i = 0; i < 12; i++)
  spans.push(testSpan(`t${i}`, 'root', 600_000 + i * 20, 600_010 + i * 20 + (i === 7 ? 5 : 0)));
const model = buildTraceModel(spans);
const rows = packRows(model);
const frame: FlameFrame = {
  width: 1000,
  height: 200,
  scrollTop: 0,
  window: { startNs: 0, endNs: 1_000_000 },
  lineHeight: 22,
  barHeight: 20,
  top: 5,
};

test('xOf() and nsAt() are inverse', () => {
  expect(xOf(frame, 250_000)).toBe(250);
  expect(nsAt(frame, 250)).toBe(250_000);
});

test('hitTest() finds the bar under a point, and nothing in the gaps', () => {
  expect(hitTest(model, rows, frame, 500, 10)?.row).toBe(0);
  expect(hitTest(model, rows, frame, 200, 30)?.row).toBe(1);
  expect(hitTest(model, rows, frame, 400, 30)).toBeUndefined();
  expect(hitTest(model, rows, frame, 200, 26)).toBeUndefined();
  expect(hitTest(model, rows, frame, 200, 190)).toBeUndefined();
});

test('hitTest() names the longest of spans that share a pixel and counts the rest', () => {
  const hit = hitTest(model, rows, frame, 600, 30)!;
  expect(hit.merged).toBe(12);
  expect(hit.rows.length).toBe(10);
  expect(spans[model.input[hit.row]!]!.span_id).toBe('t7');
});
