import { type AwsFailure, classifyFailure } from '@spanloom/aws';
import { expect, test } from 'vitest';
import { CallFailedError, Operation } from './operation.ts';
import { awsError } from './testing/fake-calls.ts';
import { VirtualPacer } from './testing/virtual-pacer.ts';
import { TokenBucket } from './token-bucket.ts';

const never = new AbortController().signal;

function setUp(more: { readonly maxThrottles?: number } = {}) {
  const pacer = new VirtualPacer(0);
  const seen: string[] = [];
  const operation = new Operation({
    name: 'BatchGetTraces',
    bucket: new TokenBucket(5, pacer),
    pacer,
    deniedPauseMs: 600_000,
    ...more,
    classify: (error, name): AwsFailure => classifyFailure(error, name, 'eu-west-1'),
    renew: () => seen.push('renewed'),
    observer: {
      called: () => seen.push('called'),
      throttled: () => seen.push('throttled'),
      failed: (_, { name }) => seen.push(name),
      problem: (_, failure) =>
        seen.push(failure === undefined ? 'works again' : `problem ${failure.name}`),
    },
  });
  /** Fails with these, one after another, and then succeeds. */
  const run = async (...errors: Error[]): Promise<string> => {
    let outcome: string | undefined;
    void operation
      .run(async () => {
        const error = errors.shift();
        if (error !== undefined) throw error;
        return 'done';
      }, never)
      .then(
        (result) => (outcome = result),
        (error: unknown) =>
          (outcome = error instanceof CallFailedError ? error.failure.name : String(error)),
      );
    await pacer.until(() => outcome !== undefined, 3_600_000);
    return outcome!;
  };
  return { pacer, operation, seen, run };
}

const throttled = (): Error => awsError('ThrottlingException', 'Rate exceeded', 400);
const denied = (): Error => awsError('AccessDeniedException', 'no', 403);
const broken = (): Error => awsError('InternalFailure', 'oops', 500);
const expired = (): Error => awsError('ExpiredTokenException', 'expired', 403);

test('an operation that is throttled tries as often as it takes, more slowly', async () => {
  const { operation, run } = setUp();
  expect(await run(...Array.from({ length: 9 }, throttled))).toBe('done');
  expect(operation.failure).toBeUndefined();
  expect(operation.rate).toBeLessThan(1);
});

test('an operation that is throttled ten times over says so, and tries on', async () => {
  const { seen, run } = setUp();
  expect(await run(...Array.from({ length: 12 }, throttled))).toBe('done');
  expect(seen.filter((one) => one.startsWith('problem') || one === 'works again')).toEqual([
    'problem ThrottlingException',
    'works again',
  ]);
});

test('an operation whose tries are bounded gives up when throttled that often, rests, and recovers', async () => {
  const { pacer, operation, seen, run } = setUp({ maxThrottles: 3 });
  expect(await run(throttled(), throttled())).toBe('done');
  seen.length = 0;
  expect(await run(throttled(), throttled(), throttled())).toBe('ThrottlingException');
  expect(seen.filter((one) => one === 'called')).toHaveLength(3);
  expect(seen.at(-1)).toBe('problem ThrottlingException');
  expect(operation.restsUntil - pacer.now()).toBe(30_000);
  expect(await run()).toBe('ThrottlingException');
  await pacer.pass(30_000);
  expect(await run()).toBe('done');
  expect(seen.at(-1)).toBe('works again');
});

test('an operation that AWS denies rests for ten minutes and fails at once meanwhile', async () => {
  const { pacer, operation, seen, run } = setUp();
  expect(await run(denied())).toBe('AccessDeniedException');
  expect(operation.restsUntil).toBe(600_000);
  seen.length = 0;
  await pacer.pass(599_000);
  expect(await run()).toBe('AccessDeniedException');
  expect(seen).toEqual([]);
  await pacer.pass(1000);
  expect(await run()).toBe('done');
  expect(seen).toEqual(['called', 'works again']);
});

test('an operation that fails four times rests ever longer, up to five minutes', async () => {
  const { pacer, operation, run } = setUp();
  const rests: number[] = [];
  for (let round = 0; round < 5; round++) {
    expect(await run(broken(), broken(), broken(), broken())).toBe('InternalFailure');
    rests.push(operation.restsUntil - pacer.now());
    await pacer.pass(operation.restsUntil - pacer.now());
  }
  expect(rests).toEqual([30_000, 60_000, 120_000, 240_000, 300_000]);
  expect(await run(broken(), broken(), broken())).toBe('done');
  expect(operation.failure).toBeUndefined();
});

test('expired credentials are renewed once', async () => {
  const { seen, run } = setUp();
  expect(await run(expired())).toBe('done');
  expect(seen).toEqual(['called', 'ExpiredTokenException', 'renewed', 'called']);
});

test('an invalid request says nothing about the next', async () => {
  const { operation, run } = setUp();
  expect(await run(awsError('InvalidRequestException', 'bad id', 400))).toBe(
    'InvalidRequestException',
  );
  expect(operation.failure).toBeUndefined();
  expect(await run()).toBe('done');
});

test('wake() ends a rest', async () => {
  const { operation, run } = setUp();
  await run(denied());
  operation.wake();
  expect(await run()).toBe('done');
});
