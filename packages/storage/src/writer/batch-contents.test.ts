import type { EpochNanos } from '@spanloom/base';
import { spanFlagBits } from '@spanloom/sql';
import { expect, test } from 'vitest';
import { BatchContents } from './batch-contents.ts';
import { FIRST_START_MS, traceIdOf, xrayReaders, xrayRecord } from './xray-records.testing.ts';

const version = xrayRecord({ trace: 1, fetched: true, spans: [3, 4], marker: 'v1' });
const later = xrayRecord({ trace: 1, fetched: true, spans: [5], marker: 'v2' });
const segments = xrayRecord({ trace: 1, fetched: false, spans: [2], marker: 'daemon' });

test('add() marks the rows of a fetched trace and no others', () => {
  const contents = new BatchContents();
  for (const record of [segments, version, segments]) contents.add(record, xrayReaders, 'refuse');
  expect([...contents.spans.flags.subarray(0, 4)]).toEqual([
    0,
    spanFlagBits.fetched,
    spanFlagBits.fetched,
    0,
  ]);
  expect(contents.versions.map(({ traceId }) => traceId)).toEqual([traceIdOf(1)]);
});

test('add() keeps of several spans that state the same key the earliest', () => {
  const contents = new BatchContents();
  for (const record of [version, segments]) contents.add(record, xrayReaders, 'refuse');
  const start = (BigInt(FIRST_START_MS + 2) * 1_000_000n) as EpochNanos;
  expect(contents.keys.map(({ key }) => [key.kind, key.key, key.start])).toEqual([
    ['request', 1n, start],
    ['trace', 0n, start],
  ]);
  expect(contents.facts).toBe(3);
});

test('add() refuses a second version of a trace and leaves the batch as it was', () => {
  const contents = new BatchContents();
  contents.add(version, xrayReaders, 'refuse');
  const { byteSize } = contents;
  expect(contents.add(later, xrayReaders, 'refuse')).toBeUndefined();
  expect([contents.spans.length, contents.facts, contents.byteSize]).toEqual([2, 3, byteSize]);
  expect(contents.add(later, xrayReaders, 'take')?.spans).toBe(1);
  expect([contents.spans.length, contents.versions.length]).toEqual([3, 1]);
});

test('add() takes nothing of a payload whose keys cannot be told', () => {
  const contents = new BatchContents();
  const readers = {
    ...xrayReaders,
    traceKeys: () => {
      throw new TypeError('a bug');
    },
  };
  expect(() => contents.add(version, readers, 'refuse')).toThrow('a bug');
  expect(contents.isEmpty).toBe(true);
});

test('a version without spans makes a batch that is not empty', () => {
  const contents = new BatchContents();
  const empty = xrayRecord({ trace: 1, fetched: true, spans: [], marker: 'v1' });
  expect(contents.isEmpty).toBe(true);
  expect(contents.add(empty, xrayReaders, 'refuse')?.spans).toBe(0);
  expect(contents.isEmpty).toBe(false);
});
