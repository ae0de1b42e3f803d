import { EventEmitter } from 'node:events';
import { createServer } from 'node:http';
import { describe, expect, test } from 'vitest';
import { callHandler } from './complete.ts';
import type { RawHandler } from './handler-types.ts';

const pending = Symbol('pending');

function outcome(handler: unknown): Promise<unknown> {
  const waited = new Promise((resolve) => setTimeout(() => resolve(pending), 30));
  const result = callHandler(handler as RawHandler, {}, {}).catch((error: unknown) => ({
    thrown: error,
  }));
  return Promise.race([result, waited]);
}

type Callback = (error?: unknown, result?: unknown) => void;
type Context = {
  done: Callback;
  succeed: (result?: unknown) => void;
  fail: (error?: unknown) => void;
};

class Socketeer {
  readonly port = 1;
}

function contextTaken(_event: unknown, _context: unknown): void {}

function callbackTaken(_event: unknown, _context: unknown, _callback: unknown): number {
  return 4;
}

/** Not a promise, but it will do. */
class Later {
  // oxlint-disable-next-line unicorn/no-thenable -- that is what is tested
  then(go: (one: number) => void): void {
    go(2);
  }
}

describe('callHandler()', () => {
  test.each<[string, unknown, unknown]>([
    ['a promise', async () => 1, 1],
    ['a rejection with no error', () => Promise.reject('no'), { thrown: 'no' }],
    ['something with then', () => new Later(), 2],
    ['a value', () => 3, 3],
    ['null', () => null, null],
    ['nothing, no context taken', () => {}, undefined],
    ['nothing, context taken', contextTaken, pending],
    ['a value, callback taken', callbackTaken, pending],
    ['callback', (_: unknown, __: unknown, done: Callback) => done(null, 5), 5],
    [
      'callback with an error',
      (_: unknown, __: unknown, done: Callback) => done('bad'),
      { thrown: 'bad' },
    ],
    [
      'callback with false',
      (_: unknown, __: unknown, done: Callback) => done(false),
      { thrown: false },
    ],
    [
      'callback twice',
      (_: unknown, __: unknown, done: Callback) => (done(null, 6), done(null, 7)),
      6,
    ],
    ['context.done', (_: unknown, context: Context) => context.done(null, 8), 8],
    ['context.succeed', (_: unknown, context: Context) => context.succeed(9), 9],
    ['context.fail', (_: unknown, context: Context) => context.fail('bad'), { thrown: 'bad' }],
    ['an emitter', () => new EventEmitter(), pending],
    ['a class named Socketeer', () => new Socketeer(), pending],
  ])('%s', async (_, handler, expected) => {
    expect(await outcome(handler)).toEqual(expected);
  });

  test('a server is what an adapter returns while its answer comes through the context', async () => {
    const server = createServer();
    expect(await outcome(() => server)).toBe(pending);
  });

  test('a synchronous error is one', async () => {
    const error = new TypeError('no');
    const throws = (): never => {
      throw error;
    };
    expect(await outcome(throws)).toEqual({ thrown: error });
  });

  test('the context says not to wait for the event loop, the callback does not', async () => {
    const context: Record<string, unknown> = {};
    await callHandler(((_: unknown, own: Context) => own.succeed()) as never, {}, context);
    expect(context['callbackWaitsForEmptyEventLoop']).toBe(false);
    const other: Record<string, unknown> = {};
    await callHandler(((_: unknown, __: unknown, done: Callback) => done()) as never, {}, other);
    expect(other).not.toHaveProperty('callbackWaitsForEmptyEventLoop');
  });
});
