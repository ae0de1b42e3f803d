import { expect, test } from 'vitest';
import { readBackfillRange, toField } from './backfill-range.ts';

const now = Date.UTC(2026, 10, 20, 12, 0);

test('readBackfillRange() reads both ends in the zone in use', () => {
  expect(readBackfillRange('2026-11-19T10:00', '2026-11-19T11:30', 'utc', now)).toEqual({
    from: '2026-11-19T10:00:00.000Z',
    to: '2026-11-19T11:30:00.000Z',
  });
  expect(readBackfillRange('2026-11-19T10:00', '2026-11-19T11:30', 'browser', now)).toEqual({
    from: new Date(2026, 10, 19, 10, 0).toISOString(),
    to: new Date(2026, 10, 19, 11, 30).toISOString(),
  });
});

test('readBackfillRange() ends now at the latest and begins where X-Ray’s memory does', () => {
  expect(readBackfillRange('2026-01-01T00:00', '2026-12-01T00:00', 'utc', now)).toEqual({
    from: '2026-10-21T12:00:00.000Z',
    to: '2026-11-20T12:00:00.000Z',
  });
});

test.each([
  ['', '2026-11-19T10:00', 'from'],
  ['2026-11-19T10:00', 'soon', 'to'],
  ['2026-11-19T10:00', '2026-11-19T10:00', 'to'],
  ['2026-11-20T12:01', '2026-11-20T13:00', 'from'],
  ['2026-10-01T00:00', '2026-10-21T12:00', 'to'],
] as const)('readBackfillRange() refuses %j to %j', (from, to, field) => {
  expect(readBackfillRange(from, to, 'utc', now)).toMatchObject({ field });
});

test.each(['utc', 'browser'] as const)('toField() is read back as the same instant: %s', (zone) => {
  const range = readBackfillRange(toField(now - 3_600_000, zone), toField(now, zone), zone, now);
  expect(range).toEqual({ from: '2026-11-20T11:00:00.000Z', to: '2026-11-20T12:00:00.000Z' });
});
