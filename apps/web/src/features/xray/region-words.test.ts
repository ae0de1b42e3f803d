import type { XRayRegionStatus } from '@spanloom/contract';
import { expect, test } from 'vitest';
import { chosenRegion, regionKey, stateWords, traceStates } from './region-words.ts';

function region(
  name: string,
  state: XRayRegionStatus['state'],
  lag: number | null = 20,
): XRayRegionStatus {
  return { account: '123456789012', region: name, state, lag_seconds: lag } as XRayRegionStatus;
}

test.each([
  ['running', 300, 'running', 'ok'],
  ['running', 301, 'running late', 'warn'],
  ['running', null, 'running', 'ok'],
  ['failing', 900, 'failing', 'error'],
  ['over_budget', 20, 'over budget', 'warn'],
  ['disabled', null, 'switched off', 'idle'],
] as const)('stateWords() of %s, %s s behind', (state, lag, words, dot) => {
  expect(stateWords(region('eu-west-1', state, lag))).toEqual({ words, dot });
});

test('chosenRegion() is the one asked for, else one that asks for attention, else the first', () => {
  const fine = region('eu-west-1', 'running');
  const failing = region('eu-west-2', 'failing');
  const broke = region('us-east-1', 'over_budget');
  expect(chosenRegion([fine, broke, failing], '123456789012/us-east-1')).toBe(broke);
  expect(chosenRegion([fine, broke, failing], '123456789012/nowhere')).toBe(failing);
  expect(chosenRegion([fine, broke], undefined)).toBe(broke);
  expect(chosenRegion([fine], undefined)).toBe(fine);
  expect(chosenRegion([], undefined)).toBeUndefined();
  expect(regionKey(fine)).toBe('123456789012/eu-west-1');
});

test('traceStates() keeps the order in which traces go through them', () => {
  expect(traceStates({ stable: 9, odd: 1, new: 2, missing: 0 })).toEqual([
    ['new', 2],
    ['stable', 9],
    ['missing', 0],
    ['odd', 1],
  ]);
});
