import { expect, test } from 'vitest';
import { parseTimeRange } from './parse-time-range.ts';
import { describeRange, readRange, stepRange, widenRange } from './time-range.ts';

const now = Date.UTC(2026, 10, 20, 12, 0, 0);
const iso = (text: string | undefined): string =>
  text === undefined
    ? 'none'
    : /^\d+$/.test(text)
      ? new Date(Number(text)).toISOString().replace('.000Z', 'Z')
      : text;

test.each([
  ['3m', 'now-3m', 'now'],
  ['3 min', 'now-3m', 'now'],
  ['past 3 hours', 'now-3h', 'now'],
  ['2mo', 'now-60d', 'now'],
  ['today', '2026-11-20T00:00:00Z', '2026-11-20T12:00:00Z'],
  ['yesterday', '2026-11-19T00:00:00Z', '2026-11-20T00:00:00Z'],
  ['last month', '2026-10-01T00:00:00Z', '2026-11-01T00:00:00Z'],
  ['Jan 1', '2026-01-01T00:00:00Z', '2026-01-02T00:00:00Z'],
  ['December 24', '2025-12-24T00:00:00Z', '2025-12-25T00:00:00Z'],
  ['1/2/2019', '2019-01-02T00:00:00Z', '2019-01-03T00:00:00Z'],
  ['1-2', '2026-01-02T00:00:00Z', '2026-01-03T00:00:00Z'],
  ['Jan 1, 1:00 pm', '2026-01-01T13:00:00Z', 'now'],
  ['1:00 pm', '2026-11-19T13:00:00Z', 'now'],
  ['11:30', '2026-11-20T11:30:00Z', 'now'],
  ['1763640000', '2025-11-20T12:00:00Z', 'now'],
  ['1763640000000', '2025-11-20T12:00:00Z', 'now'],
  ['2026-11-01T08:00:00+02:00', '2026-11-01T06:00:00Z', 'now'],
  ['Nov 1 - Nov 3', '2026-11-01T00:00:00Z', '2026-11-04T00:00:00Z'],
  ['11:30 - 11:00', '2026-11-20T11:00:00Z', '2026-11-20T11:30:00Z'],
])('parseTimeRange() reads %j', (text, from, to) => {
  const range = parseTimeRange(text, now, 'utc');
  expect([iso(range?.from), iso(range?.to)]).toEqual([from, to]);
});

test.each(['', 'soon', '25:00', '13 pm', 'Foo 3', '13/40'])(
  'parseTimeRange() refuses %j',
  (text) => {
    expect(parseTimeRange(text, now, 'utc')).toBeUndefined();
  },
);

test('readRange() keeps one bad end from losing the page', () => {
  const fallback = { from: 'now-1h', to: 'now' };
  expect(readRange('garbage', undefined, fallback)).toEqual(fallback);
  expect(readRange('now-4h', 'garbage', fallback)).toEqual({ from: 'now-4h', to: 'now' });
});

test('stepRange() moves by one window and freezes', () => {
  expect(stepRange({ from: 'now-1h', to: 'now' }, -1, now)).toEqual({
    from: String(now - 7_200_000),
    to: String(now - 3_600_000),
  });
});

test('widenRange() doubles', () => {
  expect(widenRange({ from: 'now-1h', to: 'now' }, now)).toEqual({ from: 'now-2h', to: 'now' });
  expect(widenRange({ from: String(now - 4000), to: String(now - 2000) }, now)).toEqual({
    from: String(now - 5000),
    to: String(now - 1000),
  });
});

test('describeRange() names presets and spells out fixed ends', () => {
  expect(describeRange({ from: 'now-15m', to: 'now' }, 'utc', now)).toBe('Past 15\u00a0m');
  expect(describeRange({ from: String(now - 3_600_000), to: String(now) }, 'utc', now)).toBe(
    '20 Nov 11:00 – 12:00',
  );
});
