// When a handler that answers through one value is done: there are six ways to say so, and the first one counts.
import { EventEmitter } from 'node:events';
import type { LambdaContext, RawHandler } from './handler-types.ts';

/** Calls a handler and waits for the first sign of its end. */
export function callHandler(
  handler: RawHandler,
  event: unknown,
  context: LambdaContext,
): Promise<unknown> {
  return new Promise((resolve, reject) => {
    const callback = (error?: unknown, result?: unknown): void => {
      if (error === undefined || error === null) resolve(result);
      else reject(error);
    };
    if (typeof context === 'object' && !Object.isFrozen(context)) {
      const ended = (error?: unknown, result?: unknown): void => {
        context.callbackWaitsForEmptyEventLoop = false;
        callback(error, result);
      };
      context.done = ended;
      context.succeed = (result?: unknown) => ended(undefined, result);
      context.fail = (error?: unknown) => ended(error ?? 'handled');
    }
    const returned = handler(event, context, callback);
    if (isThenable(returned)) returned.then(resolve, reject);
    else if (handler.length < 2 && returned === undefined) resolve(undefined);
    else if (handler.length < 3 && returned !== undefined && !isArtifact(returned))
      resolve(returned);
  });
}

function isThenable(value: unknown): value is PromiseLike<unknown> {
  return typeof (value as { then?: unknown } | null | undefined)?.then === 'function';
}

/** Servers and emitters are what adapters return while the answer comes through the context. */
function isArtifact(value: unknown): boolean {
  if (typeof value !== 'object' || value === null) return false;
  const { listen, close, on, emit, constructor } = value as Record<string, unknown>;
  return (
    (isFunction(listen) && isFunction(close)) ||
    (isFunction(on) && isFunction(emit)) ||
    value instanceof EventEmitter ||
    /Server|Socket|Emitter/i.test((constructor as { name?: string } | undefined)?.name ?? '')
  );
}

function isFunction(value: unknown): boolean {
  return typeof value === 'function';
}
