import type { XRayTrace } from '@spanloom/metadata';
import { expect, test } from 'vitest';
import { awaitPart, lackWaitMs } from './lacking-part.ts';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const stable = {
  xrayId: '1-a',
  state: 'stable',
  firstSeen: 0,
  lastChanged: 0,
  nextFetch: undefined,
} as XRayTrace;

test.each([
  ['failing', MINUTE, 5 * MINUTE],
  ['failing', 20 * MINUTE, 20 * MINUTE],
  ['failing', 48 * HOUR, HOUR],
  ['budget', 48 * HOUR, 6 * HOUR],
  ['absent', 20 * MINUTE, 20 * MINUTE],
  ['absent', HOUR, undefined],
] as const)(
  'a part that is %s is looked for after as long as the trace is quiet: %d ms',
  (reason, now, ms) => {
    expect(lackWaitMs(stable, reason, now)).toBe(ms);
  },
);

test('awaitPart() keeps a trace on the list that would be left alone', () => {
  expect(awaitPart(stable, 'failing', MINUTE)).toMatchObject({
    state: 'growing',
    nextFetch: 6 * MINUTE,
  });
  expect(awaitPart({ ...stable, nextFetch: 7 }, 'failing', MINUTE).nextFetch).toBe(7);
  expect(awaitPart(stable, 'absent', 2 * HOUR)).toBe(stable);
  const cut = { ...stable, state: 'limit' } as const;
  expect(awaitPart(cut, 'failing', MINUTE)).toBe(cut);
});
