import { expect, test } from 'vitest';
import { formatSegmentName, parseSegmentName } from './segment-name.ts';

test('a segment is named by its number, and by its rows once they are inserted', () => {
  expect(formatSegmentName({ seq: 1_795_000_000_000_001, inserted: undefined })).toBe(
    '00001795000000000001.wal',
  );
  expect(formatSegmentName({ seq: 12, inserted: { spans: 340, facts: 0 } })).toBe(
    '00000000000000000012.340.done',
  );
  expect(formatSegmentName({ seq: 12, inserted: { spans: 340, facts: 25 } })).toBe(
    '00000000000000000012.340+25.done',
  );
});

test('parseSegmentName() reads its names and leaves other files alone', () => {
  expect(parseSegmentName('00000000000000000012.wal')).toEqual({
    seq: 12,
    inserted: undefined,
  });
  expect(parseSegmentName('00000000000000000012.340.done')).toEqual({
    seq: 12,
    inserted: { spans: 340, facts: 0 },
  });
  expect(parseSegmentName('00000000000000000012.0+25.done')).toEqual({
    seq: 12,
    inserted: { spans: 0, facts: 25 },
  });
  for (const name of [
    '12.wal',
    'rejected',
    '00000000000000000012.done',
    '00000000000000000012.+25.done',
    '00000000000000000012.wal.txt',
  ]) {
    expect(parseSegmentName(name)).toBeUndefined();
  }
});
