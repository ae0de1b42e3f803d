import { expect, test } from 'vitest';
import { DatabaseError } from '../database-error.ts';
import { retryInsert } from './retry-insert.ts';

/** Fails with these codes of the engine, one after another, and then succeeds. */
function failing(codes: readonly number[]): { run: () => Promise<void>; tries: () => number } {
  let tries = 0;
  return {
    run: async () => {
      const code = codes[tries++];
      if (code !== undefined) throw new DatabaseError('insert', `code ${code}`, code);
    },
    tries: () => tries,
  };
}

const never = new AbortController().signal;

test('retryInsert() tries a refusal as often as allowed', async () => {
  const insert = failing([53, 53, 53]);
  await expect(
    retryInsert(insert.run, { attempts: 2, signal: never, onRetry: () => undefined }),
  ).rejects.toThrow('code 53');
  expect(insert.tries()).toBe(2);
});

test('retryInsert() does not count failures that pass', async () => {
  const insert = failing([252, 241, 53]);
  const seen: (number | undefined)[] = [];
  await retryInsert(insert.run, {
    attempts: 2,
    signal: never,
    onRetry: ({ engineCode }) => seen.push(engineCode),
  });
  expect(seen).toEqual([252, 241, 53]);
});

test('retryInsert() gives up at once when its signal has aborted', async () => {
  const insert = failing([252, 252]);
  await expect(
    retryInsert(insert.run, { attempts: 9, signal: AbortSignal.abort(), onRetry: () => undefined }),
  ).rejects.toThrow('code 252');
  expect(insert.tries()).toBe(1);
});

test('retryInsert() passes on what is not a failure of the database', async () => {
  await expect(
    retryInsert(async () => Promise.reject(new TypeError('a bug')), {
      attempts: 9,
      signal: never,
      onRetry: () => undefined,
    }),
  ).rejects.toThrow('a bug');
});
