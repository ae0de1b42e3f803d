import { SpanBatch } from '@spanloom/model';
import { compileMatcher, parseQuery } from '@spanloom/query';
import { expect, test } from 'vitest';
import { appendRows } from './batch.testing.ts';
import { RowView } from './row-view.ts';

const batch = appendRows(new SpanBatch(), [
  { meta: { 'customer.id': '42', team: 'pay' }, metrics: { 'cart.items': 3 }, httpStatus: 200 },
  { service: 'stock', error: true, meta: { 'error.message': 'No Stock left' } },
  { service: 'stock', resource: 'GET /items', metrics: { 'cart.items': 11 }, httpStatus: 503 },
]);

function rowsThatMatch(text: string): readonly number[] {
  const parsed = parseQuery(text, { now: 0n });
  if (!parsed.ok) throw new Error(parsed.problem.message);
  const isMatch = compileMatcher(parsed.query.predicate);
  const view = new RowView();
  return [0, 1, 2].filter((row) => isMatch(view.at(batch, row)));
}

test.each([
  ['', [0, 1, 2]],
  ['service:stock', [1, 2]],
  ['-service:stock', [0]],
  ['@customer.id:42', [0]],
  ['@team:*', [0]],
  ['@cart.items:>=3', [0, 2]],
  ['@cart.items:11', [2]],
  ['status:error', [1]],
  ['@http.status_code:[500 TO 599]', [2]],
  ['@http.status_code:200', [0]],
  ['resource_name:"GET /items"', [2]],
  ['no stock', [1]],
  ['stock', [1, 2]],
  ['kind:server env:prod entry:true root:true', [0, 1, 2]],
  ['@duration:>200ms', [0, 1, 2]],
  ['trace_id:66f2a1c48f3b0c5e9a7d4b21e6c8f013 span_id:2', [1]],
  ['source:datadog', [0, 1, 2]],
  ['@absent:x OR @team:p*', [0]],
] as const)('%s', (query, rows) => {
  expect(rowsThatMatch(query)).toEqual(rows);
});

test('a key that comes into a growing batch is found', () => {
  const growing = appendRows(new SpanBatch(), [{ meta: { a: '1' } }]);
  const view = new RowView();
  expect(view.at(growing, 0).attributes.get('late')).toBeUndefined();
  appendRows(growing, [{ meta: { late: 'yes', a: '2' }, metrics: { size: 7 } }]);
  expect(view.at(growing, 1).attributes.get('late')).toBe('yes');
  expect([...view.attributes]).toEqual([
    ['late', 'yes'],
    ['a', '2'],
  ]);
  expect([view.attributes.size, view.metrics.get('size'), view.metrics.has('a')]).toEqual([
    2,
    7,
    false,
  ]);
  expect(view.at(growing, 0).attributes.has('late')).toBe(false);
});
