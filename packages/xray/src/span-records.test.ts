import { expect, test } from 'vitest';
import { isSampled, tracesOfRecords } from './span-records.ts';

function message(id: string): string {
  return `{"resource":{},"traceId":"${id}","spanId":"1"}`;
}

test('tracesOfRecords() names each trace once, with when its newest record came in', () => {
  const a = '66f2a1c48f3b0c5e9a7d4b21e6c8f013';
  const b = '66F2A1C58F3B0C5E9A7D4B21E6C8F014';
  expect(
    tracesOfRecords([
      { message: message(a), timestamp: 5, ingestionTime: 10 },
      { message: message(b), timestamp: 6, ingestionTime: 11 },
      { message: message(a), timestamp: 4, ingestionTime: 12 },
      { message: '{"trace_id": "1-66f2a1c4-8f3b0c5e9a7d4b21e6c8f015"}', timestamp: 7 },
      { message: 'not a span' },
      {},
    ]),
  ).toEqual([
    { xrayId: '1-66f2a1c4-8f3b0c5e9a7d4b21e6c8f013', revision: 12, endMs: undefined },
    { xrayId: '1-66f2a1c5-8f3b0c5e9a7d4b21e6c8f014', revision: 11, endMs: undefined },
    { xrayId: '1-66f2a1c4-8f3b0c5e9a7d4b21e6c8f015', revision: 7, endMs: undefined },
  ]);
});

test('isSampled() takes the part that is asked for', () => {
  const ids = Array.from({ length: 4000 }, (_, index) => {
    const low = Math.imul(index, 2_654_435_761) >>> 0;
    return `1-66f2a1c4-0000000000000000${low.toString(16).padStart(8, '0')}`;
  });
  const taken = ids.filter((id) => isSampled(id, 0.25)).length;
  expect(taken / ids.length).toBeCloseTo(0.25, 1);
  expect(ids.every((id) => isSampled(id, 1))).toBe(true);
});
