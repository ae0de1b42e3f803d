import type { Span } from '@spanloom/model';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { SpanIdTable } from './span-id-table.ts';

function tableOf(ids: readonly bigint[], most?: number): SpanIdTable {
  return new SpanIdTable(
    ids.map((spanId) => ({ spanId }) as Span),
    most,
  );
}

function positionsOf(table: SpanIdTable, id: bigint): number[] {
  const positions: number[] = [];
  for (let at = table.first(id); at !== -1; at = table.next(at)) positions.push(at);
  return positions;
}

const anyIds = fc.array(
  fc.oneof(fc.bigInt({ min: 0n, max: 5n }), fc.bigInt({ min: 0n, max: (1n << 64n) - 1n })),
);

test('every span is found by its id, those of one id in order', () => {
  fc.assert(
    fc.property(anyIds, fc.bigInt({ min: 0n, max: 9n }), (ids, other) => {
      const table = tableOf(ids);
      for (const id of [...ids, other]) {
        expect(positionsOf(table, id)).toEqual(
          ids.flatMap((one, position) => (one === id ? [position] : [])),
        );
      }
    }),
  );
});

test('of an id that many share, the first ones are known', () => {
  const ids = [7n, 8n, 7n, 7n, 8n, 7n];
  expect(positionsOf(tableOf(ids, 2), 7n)).toEqual([0, 2]);
  expect(positionsOf(tableOf(ids, 2), 8n)).toEqual([1, 4]);
  expect(positionsOf(tableOf(ids, 4), 7n)).toEqual([0, 2, 3, 5]);
});
