import type { Invocation } from './invocation.ts';
import { guard } from './log.ts';
import { isObject, parseObject, textOf } from './loose.ts';
import { sendEnhanced } from './metrics/enhanced.ts';
import { nowMs } from './span/clock.ts';

/** Notices the first byte of a streamed response, and the status in the prelude that may come first. */
export function watchStream(invocation: Invocation, stream: unknown): void {
  const target = stream as { write?: unknown; end?: unknown };
  if (!isObject(stream) || typeof target.write !== 'function' || typeof target.end !== 'function')
    return;
  const startMs = nowMs();
  let begun = false;
  const note = (chunk: unknown): void => {
    if (begun) return;
    begun = true;
    guard('measure the first byte', () => {
      sendEnhanced(invocation, 'time_to_first_byte', Math.round((nowMs() - startMs) * 1000) / 1000);
      const text = textOf(chunk);
      const prelude = text?.startsWith('{') === true ? parseObject(text) : undefined;
      const status: unknown = prelude?.['statusCode'];
      if (typeof status === 'number' || typeof status === 'string')
        invocation.streamedStatus = String(status);
    });
  };
  for (const method of ['write', 'end'] as const) {
    const original = target[method] as (...args: unknown[]) => unknown;
    target[method] = function (this: unknown, ...args: unknown[]): unknown {
      note(args[0]);
      return original.apply(this, args);
    };
  }
}
