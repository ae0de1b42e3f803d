import { expect, test } from 'vitest';
import { groupRows } from './grouping.ts';
import { assignSlots, fnv1a, PALETTE_SIZE, paletteSlot } from './palette.ts';
import { testSpan } from './test-spans.ts';
import { buildTraceModel } from './trace-model.ts';

test('fnv1a() matches the published vectors', () => {
  expect(fnv1a('')).toBe(0x811c9dc5);
  expect(fnv1a('a')).toBe(0xe40c292c);
  expect(fnv1a('foobar')).toBe(0xbf9cf968);
});

test('assignSlots() gives the first name its own slot and moves a clash to the next free one', () => {
  const first = 'checkout';
  const rival = Array.from({ length: 500 }, (_, i) => `svc-${i}`).find(
    (name) => paletteSlot(name) === paletteSlot(first),
  )!;
  expect(Array.from(assignSlots([first, rival]))).toEqual([
    paletteSlot(first),
    (paletteSlot(first) + 1) % PALETTE_SIZE,
  ]);
});

test('assignSlots() shares no slot among 24 names and still answers past them', () => {
  const names = Array.from({ length: 30 }, (_, i) => `service-${i}`);
  expect(new Set(assignSlots(names.slice(0, 24))).size).toBe(24);
  expect(assignSlots(names).length).toBe(30);
});

test('groupRows() orders groups by execution time', () => {
  const model = buildTraceModel([
    testSpan('a', null, 0, 10),
    testSpan('b', 'a', 0, 8),
    testSpan('c', 'a', 8, 9),
  ]);
  const services = ['web', 'db', 'web'];
  const { groups, of } = groupRows(model, Float64Array.of(1, 8, 1), (row) => services[row]!);
  expect(groups.map((group) => [group.name, group.spans, group.execNs])).toEqual([
    ['db', 1, 8],
    ['web', 2, 2],
  ]);
  expect(Array.from(of)).toEqual([1, 0, 1]);
});
