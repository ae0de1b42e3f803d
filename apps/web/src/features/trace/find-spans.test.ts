import { expect, test } from 'vitest';
import { emphasisOf } from './emphasis.ts';
import { findSpans } from './find-spans.ts';
import { noGroupFilter } from './group-filter.ts';
import { buildScene, groupingOf, type Scene } from './scene.ts';
import { sampleSpan, sampleTrace } from './trace-samples.test.support.ts';
import { readTraceUrl } from './url.ts';

const spans = [
  sampleSpan('1', null, { duration_ns: 90_000_000, meta: { 'cart.id': '9214' } }),
  sampleSpan('2', '1', {
    service: 'orders',
    resource: 'PutItem',
    error: 1,
    duration_ns: 60_000_000,
  }),
  sampleSpan('3', '1', { service: 'stock', type: 'sql', metrics: { 'db.row_count': 12 } }),
];
const scene: Scene = buildScene(sampleTrace(spans, { error: true }));

function idsOf(text: string): string[] | string {
  const found = findSpans(scene, text);
  if ('problem' in found) return found.problem;
  return found.hits.map((row) => scene.span(row)!.span_id.replace(/^0+/, ''));
}

test.each([
  ['', []],
  ['putitem', ['2']],
  ['cart.id', ['1']],
  ['cart.id=9214', ['1']],
  ['row_count=12 stock', ['3']],
  ['service:orders', ['2']],
  ['status:error', ['2']],
  ['@duration:>80ms', ['1']],
  ['service:(orders OR stock) -type:sql', ['2']],
  ['nowhere', []],
])('findSpans() finds %j', (text, ids) => {
  expect(idsOf(text)).toEqual(ids);
});

test('findSpans() says what is wrong with a query', () => {
  expect(idsOf('@duration:>soon')).toContain('soon');
});

test('emphasisOf() leaves a picture alone when nothing is asked, and else dims or hides', () => {
  const grouping = groupingOf(scene, 'service');
  const none = { filter: noGroupFilter, errorsOnly: false, hits: undefined };
  expect(emphasisOf(scene, grouping, none)).toBeUndefined();
  expect(Array.from(emphasisOf(scene, grouping, { ...none, errorsOnly: true })!)).toEqual([
    1, 0, 1,
  ]);
  expect(Array.from(emphasisOf(scene, grouping, { ...none, hits: [2] })!)).toEqual([1, 1, 0]);
  const hidden = { isolated: undefined, hidden: new Set(['orders']) };
  expect(Array.from(emphasisOf(scene, grouping, { ...none, filter: hidden })!)).toEqual([0, 2, 0]);
  const isolated = { isolated: 'stock', hidden: new Set<string>() };
  expect(Array.from(emphasisOf(scene, grouping, { ...none, filter: isolated })!)).toEqual([
    1, 1, 0,
  ]);
});

test('readTraceUrl() takes each field by itself', () => {
  const url = readTraceUrl({
    tv: 'nonsense',
    colorBy: 'type',
    zoom: '20~10',
    cp: 'off',
    span: 'abc',
  });
  expect(url).toEqual({
    view: 'flame',
    colourBy: 'type',
    spanId: 'abc',
    tab: undefined,
    find: '',
    criticalPath: false,
    errorsOnly: false,
    hideDuplicates: true,
    alignClocks: false,
    panel: undefined,
    zoom: undefined,
  });
  expect(readTraceUrl({ dup: 'show', clk: 'align', panel: 'merge' })).toMatchObject({
    hideDuplicates: false,
    alignClocks: true,
    panel: 'merge',
  });
  expect(readTraceUrl({ dup: 'x', clk: 'x', panel: 'x' })).toMatchObject({
    hideDuplicates: true,
    alignClocks: false,
    panel: undefined,
  });
  expect(readTraceUrl({ zoom: '10~20' }).zoom).toEqual({ startNs: 10, endNs: 20 });
});
