import { expect, test } from 'vitest';
import { SpanBatch, WideColumn } from './span-batch.ts';

function addRow(batch: SpanBatch, id: bigint, service: string): void {
  const row = batch.appendRow();
  batch.spanId.setBigint(row, id);
  batch.service.data[row] = batch.service.table.internText(service);
  batch.meta.appendText(batch.meta.keys.internText('k'), `v${id}`);
  batch.endRow();
}

test('rows beyond the first capacity keep their values', () => {
  const batch = new SpanBatch();
  for (let i = 1; i <= 1_000; i++) addRow(batch, BigInt(i), `s${i % 7}`);
  expect(batch.length).toBe(1_000);
  expect(batch.span(0)).toMatchObject({ spanId: 1n, service: 's1', meta: { k: 'v1' } });
  expect(batch.span(999)).toMatchObject({
    spanId: 1_000n,
    service: 's6',
    meta: { k: 'v1000' },
    priority: undefined,
  });
});

test('a row that was given back starts empty when it is used again', () => {
  const batch = new SpanBatch();
  addRow(batch, 1n, 'kept');
  const mark = batch.mark();
  const row = batch.appendRow();
  batch.parentId.setBigint(row, 9n);
  batch.error[row] = 1;
  batch.flags[row] = 7;
  batch.kind[row] = 2;
  batch.httpStatus[row] = 500;
  batch.coldStart[row] = 1;
  batch.priority[row] = 2;
  batch.envelope.data[row] = batch.envelope.table.internText('{}');
  batch.setText(batch.links, '[]');
  batch.meta.appendText(1, 'x');
  batch.rollback(mark);
  batch.appendRow();
  batch.endRow();
  expect(batch.span(1)).toMatchObject({
    parentId: undefined,
    error: false,
    flags: 0,
    kind: 'unspecified',
    priority: undefined,
    envelope: '',
    links: [],
    meta: {},
  });
  expect([batch.httpStatus[1], batch.coldStart[1]]).toEqual([0, 0]);
  expect(batch.span(0)).toMatchObject({ service: 'kept', meta: { k: 'v1' } });
});

test('an attribute may be called __proto__', () => {
  const batch = new SpanBatch();
  batch.appendRow();
  batch.meta.appendText(batch.meta.keys.internText('__proto__'), 'x');
  batch.endRow();
  expect(Object.keys(batch.span(0).meta)).toEqual(['__proto__']);
});

test.each([0n, 1n, 2n ** 32n, 2n ** 53n + 1n, 2n ** 64n - 1n])(
  'a wide column keeps %s',
  (value) => {
    const column = new WideColumn();
    column.setBigint(3, value);
    expect(column.asBigint(3)).toBe(value);
    expect(column.isZero(3)).toBe(value === 0n);
  },
);
