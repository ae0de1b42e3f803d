import { expect, test } from 'vitest';
import {
  computeParam,
  computeText,
  COUNT,
  displayOf,
  isAdditive,
  isDuration,
  MISSING,
  parseCompute,
  readModel,
  toGroups,
} from './model.ts';

test('an empty address is a count of spans as a list', () => {
  expect(readModel({})).toEqual({
    view: 'list',
    computes: [{ aggregation: 'count', metric: undefined }],
    by: [],
    top: 10,
    intervalMs: undefined,
    display: undefined,
    order: { index: 0, descending: true },
  });
});

test('each field falls back by itself', () => {
  const model = readModel({
    view: 'pie',
    agg: 'pc95:@duration,pc42:@duration,max,count',
    by: 'service,two words,@http.route,env,region',
    top: '0',
    rollup: '5 m',
    sort: 'c1',
  });
  expect(model).toMatchObject({
    view: 'list',
    computes: [
      { aggregation: 'pc95', metric: '@duration' },
      { aggregation: 'count', metric: undefined },
    ],
    by: ['service', '@http.route', 'env'],
    top: 10,
    intervalMs: undefined,
    order: { index: 1, descending: false },
  });
  expect(readModel({ top: '5000' }).top).toBe(100);
});

test.each(['count', 'count:@http.route', 'pc99:@duration', 'cardinality:service'])(
  '%s is read and spelled',
  (text) => expect(computeParam(parseCompute(text)!)).toBe(text),
);

test('computes have names, units, and know whether they add up', () => {
  const p95 = parseCompute('pc95:@duration')!;
  expect([computeText(p95), isDuration(p95), isAdditive(p95)]).toEqual([
    'p95 of duration',
    true,
    false,
  ]);
  const distinct = parseCompute('cardinality:duration')!;
  expect([computeText(distinct), isDuration(distinct)]).toEqual(['distinct of duration', false]);
  expect(isAdditive(COUNT)).toBe(true);
});

test('what adds up is drawn as bars, what does not as lines, unless chosen', () => {
  expect(displayOf(readModel({}))).toBe('bars');
  expect(displayOf(readModel({ agg: 'avg:@duration' }))).toBe('lines');
  expect(displayOf(readModel({ disp: 'area' }))).toBe('area');
});

test('groups are the best by the compute, with those that lack the key', () => {
  const order = { compute: parseCompute('max:@duration')!, descending: false, limit: 5 };
  expect(toGroups(['service'], order)).toEqual([
    {
      facet: 'service',
      limit: 5,
      missing: MISSING,
      sort: { type: 'measure', aggregation: 'max', metric: '@duration', order: 'asc' },
    },
  ]);
});
