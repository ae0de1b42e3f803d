import { expect, test } from 'vitest';
import { buildScene, groupingOf } from './scene.ts';
import { freshRows } from './use-fresh-rows.ts';
import { sampleId, sampleSpan, sampleTrace } from './trace-samples.test.support.ts';

const trace = sampleTrace([
  sampleSpan('1', null, { source: 'xray', name: 'aws.lambda', folded: [sampleId('3')] }),
  sampleSpan('2', '1', { source: 'xray', name: 'Invocation', type: 'serverless', resource: 'fn' }),
  sampleSpan('3', '2', { hidden: true, hidden_by: sampleId('1'), hidden_reason: 'a twin' }),
  sampleSpan('4', 'f', { resource: '', name: 'job' }),
]);

test('rowOf() leads to whatever shows an id: its row, that of its twin, or a missing parent', () => {
  const scene = buildScene(trace);
  expect(scene.rowOf(sampleId('2'))).toBe(1);
  expect(scene.rowOf(sampleId('3'))).toBe(scene.rowOf(sampleId('1')));
  expect(scene.label(scene.rowOf(sampleId('f'))!)).toBe(`unknown parent ${sampleId('f')}`);
  expect(scene.rowOf(sampleId('9'))).toBeUndefined();
  const all = buildScene(trace, { includeHidden: true });
  expect(all.span(all.rowOf(sampleId('3'))!)?.hidden).toBe(true);
});

test('rowOf() gives up where hidden spans point at each other', () => {
  const spans = [
    sampleSpan('1', null, { hidden: true, hidden_by: sampleId('2') }),
    sampleSpan('2', null, { hidden: true, hidden_by: sampleId('1') }),
    sampleSpan('3', null),
  ];
  expect(buildScene(sampleTrace(spans)).rowOf(sampleId('1'))).toBeUndefined();
});

test('idOf() names a row by its span, a placeholder by the parent it stands for', () => {
  const scene = buildScene(trace);
  for (let row = 0; row < scene.model.count; row++) expect(scene.rowOf(scene.idOf(row))).toBe(row);
});

test('label() names a phase of a function by itself, anything else by its resource', () => {
  const scene = buildScene(trace);
  expect([0, 1].map(scene.label)).toEqual(['GET /', 'Invocation']);
  expect(scene.label(scene.rowOf(sampleId('4'))!)).toBe('job');
});

test('colours by source tell rows that show both halves from the others', () => {
  const scene = buildScene(trace);
  const grouping = groupingOf(scene, 'source');
  const names = Array.from(grouping.of, (group) => grouping.groups[group]!.name);
  expect(names).toEqual(['APM + X-Ray', 'X-Ray', 'not received', 'APM']);
});

test('freshRows() marks what was not there before, and nothing else', () => {
  const scene = buildScene(trace);
  const before = sampleTrace(trace.spans.filter((span) => span.span_id !== sampleId('2')));
  expect(Array.from(freshRows(scene, before)!)).toEqual([0, 1, 0, 0]);
  expect(freshRows(scene, trace)).toBeUndefined();
});
