import { expect, test } from 'vitest';
import {
  clampWidth,
  columnsOf,
  columnsParam,
  defaultColumns,
  readColumns,
  rowGrid,
} from './columns.ts';

test('columns of the URL: fields, attributes, nothing else, each once', () => {
  expect(readColumns('duration,@http.route,bad,@two words,time,@http.route')).toEqual([
    'duration',
    '@http.route',
    'time',
  ]);
  expect(readColumns('nonsense')).toBe(defaultColumns);
  expect(readColumns(undefined)).toBe(defaultColumns);
});

test('fields keep their order, attributes come after them', () => {
  expect(columnsOf(['@b', 'duration', '@a', 'time']).map(({ title }) => title)).toEqual([
    'Started',
    'Duration',
    'b',
    'a',
  ]);
});

test('columnsParam() says nothing of the default', () => {
  expect(columnsParam(defaultColumns)).toBeUndefined();
  expect(columnsParam(['time', '@x'])).toBe('time,@x');
});

test('a chosen width replaces the track, within limits', () => {
  const shown = columnsOf(['time', 'service', 'resource']);
  expect(rowGrid(shown, { service: 90, resource: 5 })).toEqual({
    template: '118px 90px 40px',
    minPx: 248,
  });
  expect(rowGrid(shown, {}).minPx).toBe(118 + 110 + 140);
  expect([clampWidth(1e9), clampWidth(-3), clampWidth(80.4)]).toEqual([1200, 40, 80]);
});
