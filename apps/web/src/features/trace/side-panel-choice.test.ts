import { expect, test } from 'vitest';
import { sidePanelOf } from './side-panel-choice.ts';
import { sampleTrace, sampleVerdict } from './trace-samples.test.support.ts';

const off = sampleTrace([], { merge: [sampleVerdict('integration_off')] });
const pending = sampleTrace([], { merge: [sampleVerdict('xray_pending')] });
const merged = sampleTrace([], {
  merge: [sampleVerdict('merged_by_context')],
  sources: { datadog: 1, otlp: 0, xray: 4, inferred: 0, other: 0 },
});

test('sidePanelOf() does as the link says', () => {
  expect(sidePanelOf(merged, 'off', true)).toBeUndefined();
  expect(sidePanelOf(off, 'quality', false)).toBe('quality');
  expect(sidePanelOf(sampleTrace([]), 'merge', true)).toBe('merge');
});

test.each([
  ['X-Ray has part in it', merged, true, 'merge'],
  ['X-Ray has part in it', merged, false, undefined],
  ['X-Ray is awaited', pending, true, 'merge'],
  ['nobody reads X-Ray', off, true, undefined],
  ['it has no invocation', sampleTrace([]), true, undefined],
] as const)('sidePanelOf() by itself, where %s', (_, trace, hasRoom, panel) => {
  expect(sidePanelOf(trace, undefined, hasRoom)).toBe(panel);
});
