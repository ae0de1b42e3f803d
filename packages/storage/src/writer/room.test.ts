import { type EpochMillis } from '@spanloom/base';
import { expect, test } from 'vitest';
import { Room } from './room.ts';

const clock = { now: () => 0 as EpochMillis };
const limits = { pendingBytes: 100, walBytes: 1000, freeDiskBytes: 0 };

function refusal(bytes: number, levels: { pendingBytes: number; walBytes: number }) {
  return new Room('/', limits, clock).refusal(bytes, levels)?.reason;
}

test('Room takes a payload up to the limit and refuses one byte more', () => {
  expect(refusal(50, { pendingBytes: 50, walBytes: 0 })).toBeUndefined();
  expect(refusal(51, { pendingBytes: 50, walBytes: 0 })).toBe('pending-bytes');
  expect(refusal(50, { pendingBytes: 0, walBytes: 950 })).toBeUndefined();
  expect(refusal(51, { pendingBytes: 0, walBytes: 950 })).toBe('wal-bytes');
});

test('Room takes a payload larger than the memory limit when nothing else waits', () => {
  expect(refusal(500, { pendingBytes: 0, walBytes: 0 })).toBeUndefined();
});

test('Room refuses when the disk would have less than it must keep', async () => {
  const room = new Room('/', { ...limits, freeDiskBytes: Number.MAX_SAFE_INTEGER }, clock);
  expect(room.refusal(1, { pendingBytes: 0, walBytes: 0 })).toBeUndefined();
  await room.checkDisk();
  expect(room.refusal(1, { pendingBytes: 0, walBytes: 0 })?.reason).toBe('free-disk');
});
